"""Rule: whether a trial goes on. This file is what a new stopping rule must do.

A rule is asked after each epoch of each trial, from one thread. What it answers must be a function of
the trials' numbers and losses, never of which trial was there first; only a rule about time may look at
the clock. A rule that must know what a trial of a lower number does next says so, and the trial waits.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from ...search_spaces.trial import Decision, Epoch, Trial


@dataclass(frozen=True)
class Limits:
    """What a job says of when to stop.

    Args:
        patience: epochs without a better validation loss that end a trial; 0 is never.
        minutes: time budget of this start of the search; None is none.
        rung: epoch after which successive halving first ends trials; 0 is never.
    """

    patience: int = 0
    minutes: float | None = None
    rung: int = 0


class Rule(ABC):
    """A stopping rule."""

    @classmethod
    @abstractmethod
    def of(cls, limits: Limits) -> Self | None:
        """Return the rule that `limits` ask for, None when they do not ask for it."""

    def recall(self, begun: Sequence[Trial], epochs: Callable[[int], Sequence[Epoch]]) -> None:  # noqa: B027
        """Learn of the trials of earlier starts; called once, before anything else. Most rules need none.

        Args:
            begun: all of them.
            epochs: gives the epochs of a trial by its number; of one that has not ended those that it goes on
                from, which no rule ended it at.
        """

    @abstractmethod
    def judge(self, trial: Trial, epoch: Epoch, training: dict[int, Trial]) -> Decision:
        """Return whether a trial goes on or, while that is not known, `behind` whom it waits.

        Args:
            trial: as it stands after the epoch, which its `best_epoch` and `best_val_loss` count.
            epoch: the newest one; its losses are finite, and it is not the trial's last one.
            training: the trials in training by number, this one among them. The rule is asked the same again
                when the trial that this one is `behind` has come further or has ended. It may wait for lower
                numbers alone, so that the lowest one always goes on.
        """

    def sure(self, trial: Trial, epoch: Epoch) -> float:
        """Return the epoch up to which a trial that may go on after `epoch` will not be ended by this rule.

        A rule about time, which ends trials wherever they are, need not be waited for: infinity.
        """
        return epoch.epoch

    @property
    def closed(self) -> bool:
        """Whether no further trial may begin."""
        return False
