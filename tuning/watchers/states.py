"""Keeps where a trial stood when it ended, where a later one may go on from it or it is paused."""

from __future__ import annotations

from typing import Self

from ...search_spaces.trial import Outcome, Standing, Trial
from ..runs.folder import RunFolder
from .base import Start, Watcher


class KeepStates(Watcher):
    """Writes the state of a trial where its outcome has one; the search says when it is no longer needed.

    Args:
        run: where.
    """

    place = 10
    with_store = True

    def __init__(self, run: RunFolder) -> None:
        self._run = run

    @classmethod
    def of(cls, start: Start) -> Self:
        return cls(start.run)

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        if outcome.state is not None and trial.score is not None:
            last = self._run.store.epochs(trial.number)[-1].epoch
            best = outcome.best_epoch, outcome.best_val_loss
            self._run.states.save(trial.number, last, Standing(*best, outcome.weights, outcome.state))
