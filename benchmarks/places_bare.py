"""Searches of made-up trials without store and watchers: schedule, algorithm and rules alone.

For what depends on numbers, losses and virtual time alone: what an algorithm finds that knows less, and how
many trials may be under way, or ended but not told, for places not to stand idle.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache, partial
from statistics import fmean, stdev
from typing import Any

from places_engine import Places, true_loss

from narrows.search_spaces.trial import GO_ON, Decision, Epoch, Outcome, Trial
from narrows.tuning.engines.base import Task

EPOCHS, RUNG = 30, 3
"""As in `places_search.SOURCE`."""


class Bare:
    """What an engine calls, without anything that is kept.

    Args:
        algorithm: its name.
        lag: of the schedule.
        trials: in all.
        halving: whether trials end early.
        seed: of the search.
        learns: whether the algorithm waits for results; None is as it does.
        ordered: whether results are told in the order of their numbers, or as they come, as on a cluster.
    """

    def __init__(
        self,
        algorithm: str,
        lag: int,
        trials: int,
        halving: bool,
        seed: int,
        learns: bool | None = None,
        *,
        ordered: bool = True,
    ) -> None:
        from narrows.tuning import algorithms
        from narrows.tuning.schedule import Schedule
        from narrows.tuning.stopping import Limits, Rules

        made = algorithms.make(algorithm, space(), seed=seed, epochs=EPOCHS, trials=trials)
        if learns is not None:
            made.learns = learns
        self.schedule = Schedule(made, lag, [], None, ordered=ordered)
        self.rules = Rules(Limits(RUNG, rung=RUNG if halving else 0))
        self.most, self.training = trials, dict[int, Trial]()
        self.ended: dict[int, Trial] = {}

    def ask(self) -> Task | None:
        """Return the next trial."""
        one = self.schedule.next(self.most)
        if one is None:
            return None
        self.training[one.number] = Trial(**vars(one))
        return Task(**vars(one))

    def report(self, epoch: Epoch) -> Decision:
        """Return whether a trial goes on."""
        trial = self.training[epoch.number] = self.training[epoch.number].after(epoch)
        return self._judged(trial, epoch) if epoch.epoch < trial.epochs else GO_ON

    def end(self, outcome: Outcome) -> None:
        """Take how a trial ended."""
        trial = self.ended[outcome.number] = self.training.pop(outcome.number).ended(outcome)
        self.schedule.ended(trial)

    def _judged(self, trial: Trial, epoch: Epoch) -> Decision:
        decision = self.rules.judge(trial, epoch, self.training)
        return (
            decision
            if decision.again is None
            else replace(decision, again=partial(self._judged, trial, epoch))
        )


@cache
def space() -> Any:
    """Return the default space, for windows of 24 rows and two columns."""
    from narrows.search_spaces import StackedLSTM

    return StackedLSTM().shaped((24, 2), (1, 1))


def found(algorithm: str, lag: int, trials: int, seed: int, at: list[int]) -> list[float]:
    """Return the true loss of the best of the first trials, by the losses that were seen, for each of `at`.

    One place finds what many do that have the same lag: it decides what an algorithm knows.
    """
    one = Bare(algorithm, lag, trials, halving=True, seed=seed)
    Places(space(), None, places=1).train(one.ask, one.report, one.end)
    return _best(one, at)


def as_they_come(places: int, trials: int, seed: int, at: list[int]) -> dict[str, Any]:
    """Search with TPE that is told results as they come; return the share of busy places and what was found.

    Args:
        places: how many.
        trials: in all.
        seed: of the search.
        at: as for `found`; those beyond `trials` are left out.
    """
    one = Bare("tpe", 0, trials, halving=True, seed=seed, ordered=False)
    engine = Places(space(), None, places=places)
    engine.train(one.ask, one.report, one.end)
    return {"busy": engine.busy(), "found": _best(one, [count for count in at if count <= trials])}


def _best(one: Bare, at: list[int]) -> list[float]:
    best = [
        min((one.ended[number] for number in range(count)), key=lambda trial: trial.score or math.inf)
        for count in at
    ]
    return [true_loss(trial.values) for trial in best]


def busy(places: int, a_place: int, trials: int, under_way: int, halving: bool = True) -> dict[str, float]:
    """Return the share of busy places, and of those idle by why, of an algorithm that learns.

    Random search stands for it: when results are waited for is the same.

    Args:
        places: how many.
        a_place: lag for each.
        trials: in all.
        under_way: trials a place that may have begun and not ended.
        halving: whether trials end early.
    """
    one = Bare("random", a_place * places, trials, halving, seed=0, learns=True)
    engine = Places(space(), None, places=places)
    engine.under_way_a_place = under_way
    engine.train(one.ask, one.report, one.end)
    whole = places * max(engine.begun.values())
    return {"busy": engine.busy(), "secs": max(engine.ended.values())} | {
        why: secs / whole for why, secs in engine.idle_secs().items()
    }


def busy_by(places: int, trials: int, ways: list[tuple[int, int]]) -> list[dict[str, float]]:
    """Return what `busy` does for each lag and number of trials under way, a place."""
    return [busy(places, lag, trials, under_way) for lag, under_way in ways]


def interval(figures: list[float]) -> tuple[float, float]:
    """Return the mean of independent figures and half the width of its 95 % interval."""
    from scipy.stats import t

    count = len(figures)
    return fmean(figures), float(t.ppf(0.975, count - 1)) * stdev(figures) / math.sqrt(count)
