"""Schedule: between engine and algorithm, so that a search does not depend on which trial ended first.

Trials are trained side by side and end in any order. An algorithm that learns is told their results in the
order of their numbers, and before trial n it is told those up to n - `lag` - 1 and no others: what it
proposes is then a function of the seed alone, on any number of places up to `lag` + 1, however long each
trial takes. The price is that the newest results are used a little later. An algorithm that does not learn
has nothing to wait for.
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
        told: how many results the algorithm was told.
        algorithm: what `Algorithm.state` gave.
    """

    told: int
    algorithm: dict[str, Any]


class Schedule:
    """Asks the algorithm for trials and tells it their results, in the order of trial numbers.

    Args:
        algorithm: new; it is restored when there are `trials`.
        lag: of the search, from `lag_for` when it began: it decides what an algorithm knows.
        trials: of an earlier start.
        state: what `state` gave with the newest of them; None for a new search.

    Raises:
        Unreadable: when `state` is of no such search.
    """

    def __init__(
        self, algorithm: Algorithm, lag: int, trials: Sequence[Trial], state: Mapping[str, Any] | None
    ) -> None:
        self.algorithm = algorithm
        self.lag = lag
        self.started = len(trials)
        stood: State | None = None if state is None else from_plain(State, state)
        self.told = 0 if stood is None else stood["told"]
        self._results = {
            trial.number: trial.score for trial in trials if trial.status.ended and trial.number >= self.told
        }
        self._taken_up = {trial.number for trial in trials if trial.number >= self.told}
        if stood is not None:
            if not 0 <= self.told <= self.started:
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
            while self.algorithm.learns and self.told < self.started - self.lag:
                if not self._tell():
                    return None
            proposal = self.algorithm.ask()
            if proposal is not None:
                self.started += 1
                return proposal
            if not self._tell():
                return None
        return None

    def ended(self, trial: Trial) -> None:
        """Take the result of a trial."""
        self._results[trial.number] = trial.score
        while not self.algorithm.learns and self._tell():
            pass

    def state(self) -> dict[str, Any]:
        """Return what goes with the trials into the store, fit for JSON."""
        return {"told": self.told, "algorithm": self.algorithm.state()}

    @property
    def finished(self) -> bool:
        """Whether no trial will ever come again, whatever the budget."""
        return not self._results and self.algorithm.finished

    def _tell(self) -> bool:
        """Tell the next result in order; False while its trial has not ended."""
        if self.told not in self._results:
            return False
        self.algorithm.tell(self.told, self._results.pop(self.told))
        self._taken_up.discard(self.told)  # it ended in an earlier start, and `ask` will not give it now
        self.told += 1
        return True

    def _known(self, trial: Trial) -> Trial:
        """A trial as the algorithm knew it: what it was not told of is still running."""
        return trial if trial.number < self.told else replace(trial, status=Status.RUNNING)
