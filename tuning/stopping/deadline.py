"""When the time budget is spent, nothing new begins, and what is in training ends with its epoch."""

from __future__ import annotations

import math
import time
from typing import Self

from ...search_spaces.trial import GO_ON, Decision, Epoch, Status, Trial
from .base import Limits, Rule


class Deadline(Rule):
    """Stops everything some minutes after this was made.

    Args:
        minutes: above 0.
    """

    def __init__(self, minutes: float) -> None:
        self._ends = time.monotonic() + 60 * minutes

    @classmethod
    def of(cls, limits: Limits) -> Self | None:
        return None if limits.minutes is None else cls(limits.minutes)

    @property
    def closed(self) -> bool:
        return time.monotonic() >= self._ends

    def judge(self, trial: Trial, epoch: Epoch, training: dict[int, Trial]) -> Decision:
        return Decision(Status.STOPPED, "the time budget was spent") if self.closed else GO_ON

    def sure(self, trial: Trial, epoch: Epoch) -> float:
        return math.inf
