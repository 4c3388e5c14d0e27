"""Measures what the widths of each trial did, as part of the transaction in which it ends.

A trial that ended was measured, wherever the process died: its weights may be gone a moment later. What is
measured of a trial may be that it could not be, and why.
"""

from __future__ import annotations

from typing import Self

from ...search_spaces.trial import Outcome, Trial
from ..models.measuring import measured
from ..models.samples import Samples
from ..runs.store import Store
from .base import Start, Watcher


class Measures(Watcher):
    """Measures each trial on validation windows.

    Args:
        store: keeps what was found.
        samples: the windows.
        is_stack: whether the weights alone tell what the layers hold; if not, the engine does, or nobody.
    """

    place = 20
    with_store = True

    def __init__(self, store: Store, samples: Samples, is_stack: bool) -> None:
        self._store, self._samples, self._is_stack = store, samples, is_stack

    @classmethod
    def of(cls, start: Start) -> Self | None:
        samples = Samples(start.windows, start.run.job["identity"]["loss"])
        return cls(start.run.store, samples, start.space.is_stack)

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        readable = self._is_stack or outcome.states is not None or outcome.narrowing
        if readable and trial.score is not None:
            found = outcome.narrowing or measured(
                trial, outcome.weights, self._samples, states=outcome.states
            )
            self._store.set_narrowing(trial.number, found)
