"""Measures what the widths of each trial did, as part of the transaction in which it ends.

A trial that ended was measured, wherever the process died: its weights may be gone a moment later. What is
measured of a trial may be that it could not be, and why.
"""

from __future__ import annotations

from typing import Self

from ...search_spaces.trial import Outcome, Trial
from ..models.measuring import Samples, measured
from ..runs.store import Store
from .base import Start, Watcher


class Measures(Watcher):
    """Measures each trial on validation windows.

    Args:
        store: keeps what was found.
        samples: the windows.
    """

    place = 20
    with_store = True

    def __init__(self, store: Store, samples: Samples) -> None:
        self._store, self._samples = store, samples

    @classmethod
    def of(cls, start: Start) -> Self | None:
        """Return the watcher for a space whose weights are those of a stack, None for another one."""
        return cls(start.run.store, Samples(start.windows)) if start.space.is_stack else None

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        if trial.score is not None and outcome.best_epoch == trial.best_epoch:
            found = measured(trial.values, outcome.weights, self._samples)
            self._store.set_narrowing(trial.number, found)
