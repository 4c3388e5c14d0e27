"""Schedule: between engine and algorithm, so that a search does not depend on which trial ended first.

Trials are trained side by side and end in any order. An algorithm that learns is told their results in the
order of their numbers, and before trial n it is told those up to n - `lag` - 1 and no others: what it
proposes is then a function of the seed alone, on any number of places up to `lag` + 1, however long each
trial takes. The price is that the newest results are used a little later. An algorithm that does not learn
has nothing to wait for.

On a cluster that price is too high: a trial that is let go on takes many times as long as one that is ended
early, and behind it places stood idle (`benchmarks/places.py`). There results are told as they come, and what
an algorithm that learns proposes depends on which trial ended first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict

from ..search_spaces.plain import Unreadable, from_plain
from ..search_spaces.trial import Proposal, Status, Trial
from .algorithms.base import Algorithm

LEAST_LAG = 8
LAG_A_PLACE = 4
"""Trials end out of order: with fewer in hand, places would stand idle behind the slowest trial."""


def lag_for(places: int) -> int:
    """Return how many trials may be under way, or ended but not told, when the next one is proposed."""
    return max(LEAST_LAG, LAG_A_PLACE * places)


class State(TypedDict):
    """Where a schedule stands.

    Args:
        told: how many results the algorithm was told, those of the lowest numbers.
        early: the numbers of others that it was told before their turn.
        algorithm: what `Algorithm.state` gave.
    """

    told: int
    early: list[int]
    algorithm: dict[str, Any]


class Schedule:
    """Asks the algorithm for trials and tells it their results, in the order of trial numbers.

    Args:
        algorithm: new; it is restored when there are `trials`.
        lag: of the search, from `lag_for` when it began: it decides what an algorithm knows.
        trials: of an earlier start.
        state: what `state` gave with the newest of them; None for a new search.
        ordered: whether results are told in the order of their numbers, or as they come.

    Raises:
        Unreadable: when `state` is of no such search.
    """

    def __init__(
        self,
        algorithm: Algorithm,
        lag: int,
        trials: Sequence[Trial],
        state: Mapping[str, Any] | None,
        *,
        ordered: bool = True,
    ) -> None:
        self.algorithm = algorithm
        self.lag = lag
        self._ordered = ordered
        self.started = len(trials)
        stood: State | None = None if state is None else from_plain(State, state)
        self.told = 0 if stood is None else stood["told"]
        self._early = set() if stood is None else set(stood["early"])
        untold = [trial for trial in trials if not self._was_told(trial.number)]
        self._results = {trial.number: trial.score for trial in untold if trial.status.ended}
        self._taken_up = {trial.number for trial in untold}
        if stood is not None:
            if not 0 <= self.told <= self.started or not self._early <= set(range(self.told, self.started)):
                raise Unreadable(f"the algorithm was told of {self.told} of {self.started} trials")
            algorithm.restore(stood["algorithm"], [self._known(trial) for trial in trials])

    def goes_on(self) -> set[int]:
        """Return the trials that a later one may go on from; see `Algorithm.goes_on`."""
        return self.algorithm.goes_on()

    def next(self, most: int) -> Proposal | None:
        """Return what to train next; None when there is nothing, for now or for ever.

        Args:
            most: how many trials there may be in all; those that an earlier start left in training
                come first and were counted when they began.
        """
        while self._taken_up:
            proposal = self.algorithm.ask()
            if proposal is None:
                break
            self._taken_up.discard(proposal.number)
            if proposal.number not in self._results:
                return proposal
        while self.started < most:
            if not self._ordered:
                for number in sorted(self._results):
                    self._tell(number)
            while self._ordered and self.algorithm.learns and self.told < self.started - self.lag:
                if not self._tell_next():
                    return None
            proposal = self.algorithm.ask()
            if proposal is not None:
                self.started += 1
                return proposal
            if not self._tell_next():
                return None
        return None

    def ended(self, trial: Trial) -> None:
        """Take the result of a trial."""
        self._results[trial.number] = trial.score
        while not self.algorithm.learns and self._tell_next():
            pass

    def state(self) -> dict[str, Any]:
        """Return what goes with the trials into the store, fit for JSON."""
        return {"told": self.told, "early": sorted(self._early), "algorithm": self.algorithm.state()}

    @property
    def finished(self) -> bool:
        """Whether no trial will ever come again, whatever the budget."""
        return not self._results and self.algorithm.finished

    def _tell_next(self) -> bool:
        """Tell the next result in order; False while its trial has not ended."""
        if self.told not in self._results:
            return False
        self._tell(self.told)
        return True

    def _tell(self, number: int) -> None:
        self.algorithm.tell(number, self._results.pop(number))
        self._taken_up.discard(number)  # it ended in an earlier start, and `ask` will not give it now
        self._early.add(number)
        while self.told in self._early:
            self._early.remove(self.told)
            self.told += 1

    def _was_told(self, number: int) -> bool:
        return number < self.told or number in self._early

    def _known(self, trial: Trial) -> Trial:
        """A trial as the algorithm knew it: what it was not told of is still running."""
        return trial if self._was_told(trial.number) else replace(trial, status=Status.RUNNING)
