"""OracleAlgorithm: a KerasTuner Oracle, asked directly by the search, for many trials at once.

KerasTuner drives an Oracle through `create_trial` and `end_trial`. Here `ask` and `tell` take their
place and call only `populate_space`, where the choice is made. That leaves out what stands in the
way of a search with its own store and many places: files written in place, prints, locks that stay
held after an error and keep every Oracle alive, the end of the search after three failures, and a
queue of retries that hands trials out last in, first out.

Every draw comes from a generator of (seed, trial number), so nothing random has to be stored.
Combinations that mean the same model (`Space.canonical`) count as one.
"""

from __future__ import annotations

import copy
import math
from bisect import insort
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import keras_tuner
import numpy as np
from keras_tuner.engine.hyperparameters import HyperParameter
from keras_tuner.engine.trial import Trial, TrialStatus

from ...search_spaces import trial as vocabulary
from ...search_spaces.errors import line_of
from ...search_spaces.plain import Unreadable
from ...search_spaces.trial import Proposal
from ._values import combinations, every, fill
from .base import Algorithm, trial_seed

if TYPE_CHECKING:
    from ...search_spaces.space import Space

COLLISIONS = 20
COMPLETING = 1_000
"""The attempt, beyond all others of a trial, from which a space's late values are drawn."""
OWN = "tuner/"


class OracleAlgorithm(Algorithm, keras_tuner.Oracle):
    """An Algorithm whose choice is made by `populate_space`, as in any KerasTuner Oracle.

    `populate_space` finds in `self.trials` (id -> Trial with `status` and `score`, in the order of
    numbers) what there is to know, draws with `self.generator()`, and proposes what `self.untried`
    gives back. `self.random_response()` is a random trial, or the end of the search.
    """

    trials: dict[str, Trial]
    ongoing_trials: dict[str, Trial]

    def __init__(self, space: Space, *, seed: int, epochs: int, **options: Any) -> None:
        super().__init__(
            objective=keras_tuner.Objective("val_loss", "min"),
            hyperparameters=space.hyperparameters(),
            seed=seed + 1,  # KerasTuner takes 0 for "no seed"
            **options,
        )
        self.verbose = 0
        self._space = space
        self._seed = seed
        self._epochs = epochs
        self._next = 0
        self._waiting: list[int] = []
        self._running: dict[int, Proposal] = {}
        self._seeds: dict[int, int] = {}
        self._ended: list[int] = []
        self._ranked: list[tuple[float, int]] = []
        self._stopped = False
        self._joined: list[HyperParameter] = []
        self.look_at_space()

    def ask(self) -> Proposal | None:
        proposal = self._running[self._waiting.pop(0)] if self._waiting else self._propose()
        if proposal is not None:
            # KerasTuner keeps them by the tuner that asked; here each trial has one of its own.
            self.ongoing_trials[str(proposal.number)] = self.trials[str(proposal.number)]
        return proposal

    @property
    def finished(self) -> bool:
        return self._stopped and not self._waiting

    def tell(self, number: int, score: float | None) -> None:
        if number not in self._running:
            raise ValueError(f"trial {number} is not running; running: {sorted(self._running)}")
        del self._running[number]
        if number in self._waiting:
            self._waiting.remove(number)
        self._end(self.trials[str(number)], score)
        self.ongoing_trials.pop(str(number), None)

    def state(self) -> dict[str, Any]:
        return {"joined": _config_of(self._joined)} if self._joined else {}

    def restore(self, state: dict[str, Any], trials: Sequence[vocabulary.Trial]) -> None:
        self._join(_of_config(state.get("joined", ())))
        for past in sorted(trials, key=lambda past: past.number):
            trial = self._add(past.proposal)
            if past.status.ended:
                del self._running[past.number]
                self._end(trial, past.score)
            else:
                self._waiting.append(past.number)

    def generator(self, attempt: int = 0) -> np.random.Generator:
        """Return the source of all that is random in the next trial, another one for each attempt."""
        return np.random.default_rng([self._seed, self._next, attempt])

    def options(self, hp: HyperParameter) -> Iterable[Any]:
        """Return the values of `hp` that are tried when few combinations are left."""
        return every(hp)

    def draw(self, hp: HyperParameter, rng: np.random.Generator) -> Any:
        """Return a random value of `hp`."""
        return hp.prob_to_value(float(rng.random()))

    def look_at_space(self) -> None:
        """Take in `self.hyperparameters`: called once it is there, and whenever it has grown."""
        self._all = combinations(self.hyperparameters.space, self.options)

    def untried(self, values: dict[str, Any]) -> dict[str, Any] | None:
        """Return proposed values as a trial will ask for them; None when that was tried before.

        What a space of the user's own asks for beyond what is known of it joins the space.
        """
        if self._duplicate(values):
            return None
        if self._space.is_stack:
            return values
        rng = self.generator(COMPLETING)
        whole, asked = self._space.completed(values, lambda hp: self.draw(hp, rng))
        self._join(asked)
        return None if self._duplicate(whole) else whole

    def random_response(self) -> dict[str, Any]:
        """Return a random trial that was not tried, or the end of the search when there is none."""
        values = self._random_values()
        status = TrialStatus.STOPPED if values is None else TrialStatus.RUNNING
        return {"status": status, "values": values}

    def history(self, best: int, newest: int) -> tuple[list[Trial], list[Trial]]:
        """Return the completed and the failed trials that a model should learn from, by number.

        They are the newest that ended and the best ones, so that the cost of a model is bounded.
        """
        kept = {number for _, number in self._ranked[:best]}.union(self._ended[-newest:])
        in_order = [self.trials[str(number)] for number in sorted(kept)]
        return (
            [trial for trial in in_order if trial.status == TrialStatus.COMPLETED],
            [trial for trial in in_order if trial.status == TrialStatus.FAILED],
        )

    def running(self) -> list[Trial]:
        """Return the trials that were given out and have not ended, by number."""
        return [self.trials[str(number)] for number in sorted(self._running)]

    def _propose(self) -> Proposal | None:
        if self._stopped:
            return None
        response = self.populate_space(str(self._next))
        self._stopped = response["status"] == TrialStatus.STOPPED
        if response["status"] != TrialStatus.RUNNING:
            return None
        values = response["values"]
        parent = values.get("tuner/trial_id")
        proposal = Proposal(
            number=self._next,
            values={name: value for name, value in values.items() if not name.startswith(OWN)},
            epochs=values.get("tuner/epochs", self._epochs),
            first_epoch=values.get("tuner/initial_epoch", 0),
            parent=None if parent is None else int(parent),
            # What goes on from another trial is that trial, trained for longer.
            seed=trial_seed(self._seed, self._next) if parent is None else self._seeds[int(parent)],
        )
        self._add(proposal)
        return proposal

    def _add(self, proposal: Proposal) -> Trial:
        hyperparameters = copy.copy(self.hyperparameters)
        hyperparameters.values = dict(proposal.values)
        trial = Trial(hyperparameters, str(proposal.number), TrialStatus.RUNNING)
        self.trials[trial.trial_id] = trial
        self.start_order.append(trial.trial_id)
        self._tried_so_far.add(self._compute_values_hash(dict(proposal.values)))
        self._running[proposal.number] = proposal
        self._seeds[proposal.number] = proposal.seed
        self._next = max(self._next, proposal.number + 1)
        return trial

    def _end(self, trial: Trial, score: float | None) -> None:
        insort(self._ended, int(trial.trial_id))
        trial.status = TrialStatus.FAILED
        if score is not None and math.isfinite(score):
            trial.status, trial.score = TrialStatus.COMPLETED, float(score)
            insort(self._ranked, (trial.score, int(trial.trial_id)))
        self.end_order.append(trial.trial_id)

    def _random_values(self) -> dict[str, Any] | None:
        """Return random active values that were not tried; None when all combinations were.

        KerasTuner gives up after 20 collisions, with combinations left. Here the rest is then taken
        in order; what the walk through all combinations has passed was tried, so it never turns back.
        """
        rng = self.generator()
        for _ in range(COLLISIONS):
            values = fill(self.hyperparameters.space, lambda hp: self.draw(hp, rng))
            if (found := self.untried(values)) is not None:
                return found
        left: dict[str, Any] | None
        while (left := next(self._all, None)) is not None:
            if (found := self.untried(left)) is not None:
                return found
        return None

    def _join(self, asked: Iterable[HyperParameter]) -> None:
        """Add to the space what it does not know by name."""
        known = {one.name for one in self.hyperparameters.space}
        new = [one for one in asked if one.name not in known]
        if new:
            self.hyperparameters.merge(new)
            self._joined += new
            self.look_at_space()

    def _compute_values_hash(self, values: dict[str, Any]) -> str:
        return repr(sorted(self._space.canonical(values).items()))


def _config_of(space: Sequence[HyperParameter]) -> list[Any]:
    hp = keras_tuner.HyperParameters()
    hp.merge(list(space))
    return hp.get_config()["space"]


def _of_config(config: Sequence[Any]) -> list[HyperParameter]:
    try:
        return keras_tuner.HyperParameters.from_config({"space": list(config), "values": {}}).space
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"hyperparameters that joined the space: {line_of(error)}") from None
