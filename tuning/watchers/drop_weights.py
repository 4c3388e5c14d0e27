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
        self._best = self._numbers()

    @classmethod
    def of(cls, start: Start) -> Self:
        return cls(start.run, start.keep)

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        before, self._best = self._best, self._numbers()
        self._remove(before - self._best)

    def finished(self) -> None:
        # A smaller `keep` than that of an earlier start, or a process that was killed, leaves more.
        self._remove(self._run.paths.with_weights() - self._numbers())

    def _numbers(self) -> set[int]:
        return {trial.number for trial in self._run.store.best(self._keep)}

    def _remove(self, numbers: set[int]) -> None:
        # What was trained again may be the best again when other trials have been, too.
        again = {trial.number for trial in self._run.store.trained_again()} if numbers else set()
        for number in numbers - again:
            for path in self._run.paths.all_weights(number):
                self._run.files.remove(path)
