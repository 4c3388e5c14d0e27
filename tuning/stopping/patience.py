"""A trial that has not become better for some epochs has shown what it can."""

from __future__ import annotations

from typing import Self

from ...search_spaces.trial import GO_ON, Decision, Epoch, Status, Trial
from .base import Limits, Rule


class Patience(Rule):
    """Ends a trial `patience` epochs after its best one.

    Args:
        patience: epochs, at least 1.
    """

    def __init__(self, patience: int) -> None:
        self._patience = patience

    @classmethod
    def of(cls, limits: Limits) -> Self | None:
        return cls(limits.patience) if limits.patience else None

    def judge(self, trial: Trial, epoch: Epoch, training: dict[int, Trial]) -> Decision:
        if epoch.epoch - trial.best_epoch < self._patience:
            return GO_ON
        return Decision(Status.COMPLETED, f"no better validation loss for {self._patience} epochs")

    def sure(self, trial: Trial, epoch: Epoch) -> float:
        return trial.best_epoch + self._patience - 1
