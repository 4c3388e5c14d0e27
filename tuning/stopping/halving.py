"""Successive halving: at some epochs a trial ends unless it is among the best third of those before it.

The stopping kind of ASHA (Li et al. 2020, A System for Massively Parallel Hyperparameter Tuning, MLSys):
trials are judged one by one at rungs, the epochs r, 3 r, 9 r, ... (reduction factor 3), and none is held
back to be promoted later. It differs in two things.

A trial is compared with the trials of lower numbers alone, whichever was there first, and waits where one
of them is still on its way: who ends is then a function of numbers and losses, on any number of places and
after any interruption. Replayed (`benchmarks/ending.py`), 30 trials take as long so on two places, and up
to 13 % longer on eight.

It is compared with trials of its own `GROUPS` alone: what starts near the last value of the window is
ahead in the first epochs, whatever comes of it.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Self

from ...search_spaces.trial import GO_ON, Decision, Epoch, Status, Trial
from .base import Limits, Rule

FACTOR = 3
"""One of so many trials goes on, to so many times the epochs."""
GROUPS = ("scaling", "linear")
"""Hyperparameters whose values decide how good the first epochs are; trials are compared within them."""

Group = tuple[tuple[str, object], ...]


class Reached:
    """The trials of a group that came to a rung, and their losses there.

    Almost every trial comes after all lower numbers, so that its place is found by bisection and a look at
    the few higher numbers that were there before it.
    """

    def __init__(self) -> None:
        self._losses: dict[int, float] = {}
        self._numbers: list[int] = []
        self._sorted: list[float] = []

    def __contains__(self, number: int) -> bool:
        return number in self._losses

    def add(self, number: int, loss: float) -> None:
        """Put down the loss of a trial, in place of an earlier one."""
        if number in self._losses:
            del self._sorted[bisect_left(self._sorted, self._losses[number])]
        else:
            insort(self._numbers, number)
        self._losses[number] = loss
        insort(self._sorted, loss)

    def place(self, number: int) -> tuple[int, int]:
        """Return the place of a trial among itself and those of lower numbers, and how many these are.

        The best has place 1; of equal losses the lower number comes first.
        """
        loss = self._losses[number]
        above = self._numbers[bisect_right(self._numbers, number) :]
        ahead = sum(self._losses[one] <= loss for one in above)
        return bisect_right(self._sorted, loss) - ahead, len(self._numbers) - len(above)


class Halving(Rule):
    """Ends a trial at a rung unless it is among the best of the trials so far.

    The best of fewer than three cannot be told from chance: the first two of a group go on.

    Args:
        rung: the first epoch of judgement, at least 1.
    """

    def __init__(self, rung: int) -> None:
        self._rung = rung
        self._reached: defaultdict[tuple[int, Group], Reached] = defaultdict(Reached)

    @classmethod
    def of(cls, limits: Limits) -> Self | None:
        return cls(limits.rung) if limits.rung else None

    def recall(self, begun: Sequence[Trial], epochs: Callable[[int], Sequence[Epoch]]) -> None:
        for trial in begun:
            best = math.inf
            for epoch in epochs(trial.number):
                best = min(best, epoch.val_loss) if epoch.finite else best
                # As `judge`, which is not asked after other epochs.
                if epoch.finite and epoch.epoch < trial.epochs and self._is_rung(epoch.epoch):
                    self._reached[epoch.epoch, group_of(trial)].add(trial.number, best)

    def judge(self, trial: Trial, epoch: Epoch, training: dict[int, Trial]) -> Decision:
        if not self._is_rung(epoch.epoch):
            return GO_ON
        assert trial.best_val_loss is not None, "this epoch is finite"
        group = group_of(trial)
        reached = self._reached[epoch.epoch, group]
        reached.add(trial.number, trial.best_val_loss)
        # The newest first: the nearest lower number is there last, as a rule.
        behind = next(
            (
                number
                for number in reversed(training)
                if number < trial.number and number not in reached and group_of(training[number]) == group
            ),
            None,
        )
        if behind is not None:
            return Decision(behind=behind)
        place, count = reached.place(trial.number)
        if count < FACTOR or place <= count // FACTOR:
            return GO_ON
        return Decision(Status.STOPPED, reason(trial.best_val_loss, epoch.epoch, count, group))

    def sure(self, trial: Trial, epoch: Epoch) -> float:
        return next((rung - 1 for rung in rungs(self._rung, trial.epochs) if rung > epoch.epoch), math.inf)

    def _is_rung(self, epoch: int) -> bool:
        return epoch in rungs(self._rung, epoch + 1)


def rungs(first: int, epochs: int) -> list[int]:
    """Return the epochs after which trials of so many epochs are judged; the last epoch is not one of them.

    >>> rungs(13, 130)
    [13, 39, 117]
    """
    found, rung = [], first
    while rung < epochs:
        found.append(rung)
        rung *= FACTOR
    return found


def group_of(trial: Trial) -> Group:
    """Return the values of `GROUPS` that a trial has, by name."""
    return tuple((name, trial.values[name]) for name in GROUPS if name in trial.values)


def reason(loss: float, epoch: int, count: int, group: Group) -> str:
    """Return why a trial ended.

    >>> reason(0.31, 5, 12, ())
    'ended early after epoch 5: its loss 0.31 was not among the best third of the 12 trials'
    """
    alike = " and ".join(f"{name} {value}" for name, value in group)
    best = f"the best third of the {count} trials" + (f" with {alike}" if alike else "")
    return f"ended early after epoch {epoch}: its loss {loss:.3g} was not among {best}"
