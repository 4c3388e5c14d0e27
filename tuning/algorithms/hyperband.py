"""Hyperband: many trials are trained for few epochs, the best third of them for three times as many.

Li et al. (2018), Hyperband, JMLR 18. A bracket is one such tournament; its first round draws random
trials, each later round goes on with the best third of the round before. The brackets of a sweep
begin with different numbers of epochs, and sweeps follow each other until the caller stops.

The numbers of trials and epochs are `keras_tuner.oracles.HyperbandOracle`'s, with these differences:
a trial that failed is never promoted and never waited for (KerasTuner's bracket stalls), a bracket
goes on with fewer trials when the space has no more, and a sweep has only as many brackets as the
budget of trials can finish: the widest bracket of 100 epochs has 98 trials of 2 epochs in its first
round, so a search of 50 trials would otherwise never train one for longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from keras_tuner.engine.trial import TrialStatus
from keras_tuner.oracles import HyperbandOracle

from ...search_spaces.plain import Unreadable, from_plain
from ...search_spaces.space import Space
from ...search_spaces.trial import Trial
from ._oracle import OracleAlgorithm

Bracket = dict[str, Any]


class _State(TypedDict):
    """What `Hyperband.state` gives beside that of its base: for each bracket its number and its rounds."""

    bracket: int
    brackets: list[tuple[int, list[list[int]]]]


class Hyperband(OracleAlgorithm, HyperbandOracle):
    """Hyperband with factor 3.

    A bracket is KerasTuner's: `{"bracket_num": n, "rounds": [[{"past_id": id, "id": id}, ...], ...]}`,
    n being the number of promotions to the full number of epochs.
    """

    _brackets: list[Bracket]

    def __init__(self, space: Space, *, seed: int, epochs: int, trials: int | None = None) -> None:
        self._budget = trials
        self._exhausted = False
        super().__init__(space, seed=seed, epochs=epochs, max_epochs=epochs, hyperband_iterations=None)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        self._brackets = [bracket for bracket in self._brackets if not self._is_full(bracket)]
        while True:
            for bracket in self._brackets:
                values = self._start(bracket, trial_id) or self._promote(bracket, trial_id)
                if values:
                    return {"status": TrialStatus.RUNNING, "values": values}
            if self._exhausted:
                return {"status": TrialStatus.IDLE if self.ongoing_trials else TrialStatus.STOPPED}
            self._increment_bracket_num()
            self._start_new_bracket()

    def goes_on(self) -> set[int]:
        """Return the trials that may still be promoted."""
        waiting: set[int] = set()
        for bracket in self._brackets:
            for place, before in enumerate(bracket["rounds"][:-1], start=1):
                entered = bracket["rounds"][place]
                if len(entered) < self._expected(bracket, place):
                    promoted = {entry["past_id"] for entry in entered}
                    waiting |= {int(entry["id"]) for entry in before if entry["id"] not in promoted}
        return {one for one in waiting if self.trials[str(one)].status != TrialStatus.FAILED}

    def state(self) -> dict[str, Any]:
        brackets = [
            [bracket["bracket_num"], [[int(entry["id"]) for entry in round_] for round_ in bracket["rounds"]]]
            for bracket in self._brackets
        ]
        return super().state() | {"bracket": self._current_bracket, "brackets": brackets}

    def restore(self, state: dict[str, Any], trials: Sequence[Trial]) -> None:
        super().restore(state, trials)
        stood = from_plain(_State, state)
        parents = {past.number: None if past.parent is None else str(past.parent) for past in trials}
        asked = {number for _, rounds in stood["brackets"] for numbers in rounds for number in numbers}
        if not asked <= parents.keys():
            raise Unreadable(f"a bracket of trials that are not there: {sorted(asked - parents.keys())[:5]}")

        def entries(numbers: list[int]) -> list[dict[str, Any]]:
            return [{"past_id": parents[number], "id": str(number)} for number in numbers]

        self._current_bracket = stood["bracket"]
        self._brackets = [
            {"bracket_num": bracket_num, "rounds": [entries(numbers) for numbers in rounds]}
            for bracket_num, rounds in stood["brackets"]
        ]

    def _get_num_brackets(self) -> int:
        """Return the number of brackets in a sweep: all that make a difference, or that the budget holds."""
        brackets = super()._get_num_brackets()
        while self._budget and brackets > 1 and self._sweep(brackets) > self._budget:
            brackets -= 1
        return brackets

    def _sweep(self, brackets: int) -> int:
        """Return the number of trials in one sweep."""
        return sum(self._get_size(num, place) for num in range(brackets) for place in range(num + 1))

    def _start(self, bracket: Bracket, trial_id: str) -> dict[str, Any] | None:
        """Return a random trial for the first round, None when it is full or the space is exhausted."""
        if len(bracket["rounds"][0]) >= self._expected(bracket, 0):
            return None
        values = self._random_values()
        if values is None:
            self._exhausted = True
            return None
        return self._enter(bracket, 0, None, trial_id, values)

    def _promote(self, bracket: Bracket, trial_id: str) -> dict[str, Any] | None:
        """Return a trial that goes on in the next round, None when no trial is sure to.

        A trial is sure to go on when it stays among the best even if all that have not ended yet
        turn out better.
        """
        for place in range(1, len(bracket["rounds"])):
            before = [self.trials[entry["id"]] for entry in bracket["rounds"][place - 1]]
            ended = [trial for trial in before if trial.status != TrialStatus.RUNNING]
            unknown = self._expected(bracket, place - 1) - len(ended)
            sure = self._get_size(bracket["bracket_num"], place) - unknown
            good = [trial for trial in ended if trial.status == TrialStatus.COMPLETED]
            promoted = {entry["past_id"] for entry in bracket["rounds"][place]}
            for trial in sorted(good, key=lambda trial: trial.score)[: max(sure, 0)]:
                if trial.trial_id not in promoted:
                    values = trial.hyperparameters.values
                    return self._enter(bracket, place, trial.trial_id, trial_id, values)
        return None

    def _enter(
        self, bracket: Bracket, place: int, parent: str | None, trial_id: str, values: dict[str, Any]
    ) -> dict[str, Any]:
        """Put the next trial into a round and return its values, with KerasTuner's own beside them."""
        bracket["rounds"][place].append({"past_id": parent, "id": trial_id})
        num = bracket["bracket_num"]
        own: dict[str, Any] = {"tuner/bracket": num, "tuner/round": place}
        own["tuner/epochs"] = self._get_epochs(num, place)
        own["tuner/initial_epoch"] = self._get_epochs(num, place - 1) if place else 0
        if parent is not None:
            own["tuner/trial_id"] = parent
        return {**values, **own}

    def _expected(self, bracket: Bracket, place: int) -> int:
        """Return how many trials a round will have, as far as is known: an upper bound until then."""
        entries = bracket["rounds"][place]
        if place == 0:
            return len(entries) if self._exhausted else self._get_size(bracket["bracket_num"], 0)
        before = bracket["rounds"][place - 1]
        failed = sum(self.trials[entry["id"]].status == TrialStatus.FAILED for entry in before)
        return min(self._get_size(bracket["bracket_num"], place), self._expected(bracket, place - 1) - failed)

    def _is_full(self, bracket: Bracket) -> bool:
        """Return whether nothing more will enter the bracket."""
        last = len(bracket["rounds"]) - 1
        return len(bracket["rounds"][last]) == self._expected(bracket, last)
