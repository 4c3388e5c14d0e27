"""Keeps the weights of the best trials.

They are written while the store is being told of the trial's end, so that it never knows a best trial
without them; what is no longer among the best goes when that is certain (`DropWeights`).
"""

from __future__ import annotations

from typing import Self

from ...search_spaces.best import ranked
from ...search_spaces.trial import Outcome, Trial
from ..runs.folder import RunFolder
from .base import Start, Watcher


class KeepWeights(Watcher):
    """Writes the weights of a trial that is among the best ones.

    Args:
        run: where.
        keep: how many trials keep their weights.
    """

    place = 10
    with_store = True

    def __init__(self, run: RunFolder, keep: int) -> None:
        self._run, self._keep = run, keep

    @classmethod
    def of(cls, start: Start) -> Self:
        return cls(start.run, start.keep)

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        if trial.score is None:
            return
        # One that is only paused is not among the best of the store yet.
        others = [one for one in self._run.store.best(self._keep) if one.number != trial.number]
        if any(one is trial for one in ranked([*others, trial])[: self._keep]):
            self._run.files.save(self._run.paths.weights(trial.number), outcome.weights)
