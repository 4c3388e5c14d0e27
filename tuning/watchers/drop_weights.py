"""Lets go of weights that are no longer among the best."""

from __future__ import annotations

from typing import Self

from ...search_spaces.trial import Outcome, Trial
from ..runs.folder import RunFolder
from .base import Start, Watcher


class DropWeights(Watcher):
    """Removes the weights that `KeepWeights` wrote and that a better trial has displaced.

    Args:
        run: where.
        keep: how many trials keep their weights.
    """

    place = 30

    def __init__(self, run: RunFolder, keep: int) -> None:
        self._run, self._keep = run, keep

    @classmethod
    def of(cls, start: Start) -> Self:
        return cls(start.run, start.keep)

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        displaced = self._run.store.at_rank(self._keep + 1)
        if displaced is not None:
            self._run.paths.weights(displaced.number).unlink(missing_ok=True)

    def finished(self) -> None:
        # A smaller `keep` than that of an earlier start, or a process that was killed, leaves more.
        best = {trial.number for trial in self._run.store.best(self._keep)}
        for number in self._run.paths.with_weights() - best:
            self._run.paths.weights(number).unlink(missing_ok=True)
