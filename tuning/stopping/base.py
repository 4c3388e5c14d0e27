"""Rule: whether a trial goes on. This file is what a new stopping rule must do.

A rule is asked after each epoch of each trial, from one thread, before the epoch is told to anyone else. What
it answers must be a function of what it was told, in an order that does not depend on which trial ends first;
only a rule about time may look at the clock.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Self

from ...search_spaces.trial import Decision, Epoch, Trial


@dataclass(frozen=True)
class Limits:
    """What a job says of when to stop.

    Args:
        patience: epochs without a better validation loss that end a trial; 0 is never.
        minutes: time budget of this start of the search; None is none.
    """

    patience: int = 0
    minutes: float | None = None


class Rule(ABC):
    """A stopping rule."""

    @classmethod
    @abstractmethod
    def of(cls, limits: Limits) -> Self | None:
        """Return the rule that `limits` ask for, None when they do not ask for it."""

    @abstractmethod
    def judge(self, trial: Trial, epoch: Epoch) -> Decision:
        """Return whether a trial goes on.

        Args:
            trial: as it stands after the epoch, which its `best_epoch` and `best_val_loss` count.
            epoch: the newest one; its losses are finite, and it is not the trial's last one.
        """

    @property
    def closed(self) -> bool:
        """Whether no further trial may begin."""
        return False
