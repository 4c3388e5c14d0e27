"""Keeps the state of a trial that a later one may go on from, or that is paused."""

from __future__ import annotations

from typing import Self

from ...search_spaces.trial import Outcome, Trial
from ..runs.states import States
from .base import Start, Watcher


class KeepStates(Watcher):
    """Writes the state of a trial where its outcome has one; the search says when it is no longer needed.

    Args:
        states: where.
    """

    place = 10
    with_store = True

    def __init__(self, states: States) -> None:
        self._states = states

    @classmethod
    def of(cls, start: Start) -> Self:
        return cls(start.run.states)

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        if outcome.state is not None and trial.score is not None:
            self._states.save(trial.number, outcome.state)
