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
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Self

from ...search_spaces.trial import GO_ON, Decision, Epoch, Status, Trial
from .base import Limits, Rule

FACTOR = 3
"""One of so many trials goes on, to so many times the epochs."""
GROUPS = ("scaling", "linear")
"""Hyperparameters whose values decide how good the first epochs are; trials are compared within them."""

Group = tuple[tuple[str, object], ...]


class Halving(Rule):
    """Ends a trial at a rung unless it is among the best of the trials so far.

    The best of fewer than three cannot be told from chance: the first two of a group go on.

    Args:
        rung: the first epoch of judgement, at least 1.
    """

    def __init__(self, rung: int) -> None:
        self._rung = rung
        self._losses: defaultdict[tuple[int, Group], dict[int, float]] = defaultdict(dict)

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
                    self._losses[epoch.epoch, group_of(trial)][trial.number] = best

    def judge(self, trial: Trial, epoch: Epoch, training: Mapping[int, Trial]) -> Decision | None:
        if not self._is_rung(epoch.epoch):
            return GO_ON
        assert trial.best_val_loss is not None, "this epoch is finite"
        group = group_of(trial)
        losses = self._losses[epoch.epoch, group]
        losses[trial.number] = trial.best_val_loss
        if any(
            one.number < trial.number and one.number not in losses and group_of(one) == group
            for one in training.values()
        ):
            return None
        before = [loss for number, loss in losses.items() if number < trial.number]
        count, place = len(before) + 1, sum(loss <= trial.best_val_loss for loss in before) + 1
        if count < FACTOR or place <= count // FACTOR:
            return GO_ON
        return Decision(Status.STOPPED, reason(trial.best_val_loss, epoch.epoch, count, group))

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
