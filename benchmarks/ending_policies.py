"""The ways to end trials early that are held against each other, each as one `Policy`."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from ending_curves import Curve
from ending_replay import Policy, Ride

from narrows.search_spaces.trial import Decision, Epoch, Status, Trial
from narrows.tuning.stopping import Limits, Rules

PATIENCE = "patience alone"
RULE, BY_ARRIVAL = "halving from 750 steps (the rule)", "the same, by arrival"
CUT = Decision(Status.STOPPED)
Make = Callable[[Sequence[Curve], int], Policy]


class ByRules(Policy):
    """The package's own rules."""

    def __init__(self, curves: Sequence[Curve], epochs: int, limits: Limits, grouped: bool = True) -> None:
        super().__init__(curves, epochs)
        self.rules, self.grouped = Rules(limits), grouped

    def ride(self, number: int, curve: int, first: int = 0, last: int | None = None) -> Ride:
        """Return a trial; without groups, one without the values that they are made of."""
        ride = super().ride(number, curve, first, last)
        return ride if self.grouped else replace(ride, trial=replace(ride.trial, values={}))

    def judge(self, trial: Trial, epoch: Epoch, training: dict[int, Trial]) -> Decision:
        """Ask the rules."""
        return self.rules.judge(trial, epoch, training)


class ByArrival(ByRules):
    """Successive halving as it is usually written: among those that were there before."""

    def __init__(self, curves: Sequence[Curve], epochs: int, patience: int, rung: int) -> None:
        super().__init__(curves, epochs, Limits(patience))
        self.rungs = {rung * 3**power for power in range(9)}
        self.there: defaultdict[tuple[int, Any], list[float]] = defaultdict(list)

    def judge(self, trial: Trial, epoch: Epoch, training: dict[int, Trial]) -> Decision:
        """Compare with those that were there."""
        if epoch.epoch in self.rungs:
            losses = self.there[epoch.epoch, trial.values["scaling"]]
            losses.append(trial.best_val_loss or 0.0)
            if len(losses) >= 3 and losses[-1] > sorted(losses)[len(losses) // 3 - 1]:
                return CUT
        return super().judge(trial, epoch, training)


class Median(ByRules):
    """Ends a trial that is worse than the median of all that were at its epoch (Golovin et al. 2017)."""

    def __init__(self, curves: Sequence[Curve], epochs: int, patience: int, first: int) -> None:
        super().__init__(curves, epochs, Limits(patience))
        self.first = first
        self.there: defaultdict[int, list[float]] = defaultdict(list)

    def judge(self, trial: Trial, epoch: Epoch, training: dict[int, Trial]) -> Decision:
        """Compare with those that were at the same epoch before."""
        loss, before = trial.best_val_loss or 0.0, self.there[epoch.epoch]
        worse = epoch.epoch >= self.first and len(before) > 1 and loss > median(before)
        before.append(loss)
        return CUT if worse else super().judge(trial, epoch, training)


class BestGoOn(ByRules):
    """Trains all for some epochs, then the best ones to the end."""

    def __init__(self, curves: Sequence[Curve], epochs: int, patience: int, first: int, best: int) -> None:
        super().__init__(curves, epochs, Limits(patience))
        self.first, self.count = first, best
        self.ended: dict[int, float] = {}
        self.best: list[int] | None = None

    def ask(self) -> Ride | None:
        """Return a trial of the first round, then of the second."""
        number = next(self._next, None)
        if number is not None:
            return self.ride(number, number, last=self.first)
        if self.best is None and len(self.ended) == len(self.curves):
            self.best = sorted(self.ended, key=lambda one: self.ended[one])[: self.count]
        if not self.best:
            return None
        one = self.best.pop(0)
        return self.ride(len(self.curves) + one, one, self.first)

    def end(self, trial: Trial) -> None:
        """Note what the first round gave."""
        failed = trial.status == Status.FAILED or trial.best_val_loss is None
        self.ended[trial.number] = math.inf if failed else trial.best_val_loss or 0.0


class Hyperband(Policy):
    """The package's algorithm of that name, which proposes trials that go on from others."""

    def __init__(self, curves: Sequence[Curve], epochs: int) -> None:
        from narrows.search_spaces import StackedLSTM
        from narrows.tuning import algorithms
        from narrows.tuning.schedule import Schedule, lag_for

        super().__init__(curves, epochs)
        made = algorithms.make("hyperband", StackedLSTM(), seed=0, epochs=epochs, trials=len(curves))
        self.schedule = Schedule(made, lag_for(2), [], None)
        self.curve_of: dict[int, int] = {}

    def ask(self) -> Ride | None:
        """Return the next trial: a new curve, or the one of the trial that is gone on from."""
        one = self.schedule.next(len(self.curves))
        if one is None:
            return None
        new = one.parent is None
        self.curve_of[one.number] = next(self._next) if new else self.curve_of[one.parent or 0]
        return self.ride(one.number, self.curve_of[one.number], one.first_epoch, one.epochs)

    def end(self, trial: Trial) -> None:
        """Tell the algorithm."""
        self.schedule.ended(trial)


def policies(patience: int, steps: int) -> dict[str, Make]:
    """Return what is compared, by name.

    Args:
        patience: epochs, of the product; its first rung too.
        steps: of an epoch.
    """
    early = math.ceil(250 / steps)
    ours, soon = Limits(patience, rung=patience), Limits(patience, rung=early)
    return {
        "no ending": Policy,
        PATIENCE: lambda curves, epochs: ByRules(curves, epochs, Limits(patience)),
        RULE: lambda curves, epochs: ByRules(curves, epochs, ours),
        "the same, all scalings compared": lambda curves, epochs: ByRules(
            curves, epochs, ours, grouped=False
        ),
        BY_ARRIVAL: lambda curves, epochs: ByArrival(curves, epochs, patience, patience),
        "halving from 250 steps": lambda curves, epochs: ByRules(curves, epochs, soon),
        "median from 750 steps": lambda curves, epochs: Median(curves, epochs, patience, patience),
        "median from 250 steps": lambda curves, epochs: Median(curves, epochs, patience, early),
        "Hyperband": Hyperband,
        "one epoch, then the best 5": lambda curves, epochs: BestGoOn(curves, epochs, patience, 1, 5),
        "250 steps, then the best 10": lambda curves, epochs: BestGoOn(curves, epochs, patience, early, 10),
    }
