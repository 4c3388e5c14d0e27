"""TPE, the default: trials are drawn where good trials are dense and bad ones are not.

Bergstra et al. (2011), Algorithms for Hyper-Parameter Optimization; the sampler is Optuna's multivariate
TPE (Falkner et al. 2018, BOHB), asked for one group of hyperparameters after the other. Those that the
same trials had are drawn together, such as the widths of layers that exist together; those that the new
trial will not have are not drawn. (Optuna's own option `group` draws all groups each time.)

Optuna is asked anew for each trial: a sampler seeded by (seed, number) and a study that holds what
this search knows. Trials that are running count as bad for now (constant liar), so that trials asked
for at once spread out. So do failed trials, for good: they push new ones away, and unlike Optuna's
pruned trials can never be taken for good ones when little else is known.

A trial that ended early is completed for Optuna, with its best loss. It did reach that loss, and is among
the bad ones because of it; as a pruned one it would be worse than all others, also where its kind is better.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from typing import Any

import optuna
from keras_tuner.engine.hyperparameters import Boolean, Choice, Fixed, HyperParameter, Int
from keras_tuner.engine.trial import Trial, TrialStatus
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState

from ...search_spaces.quiet import quiet_optuna
from ...search_spaces.space import Space
from ._oracle import OracleAlgorithm
from ._starts import simple_stacks
from ._values import END, has_value, is_active, is_stepless, named

STARTUP = 10
ATTEMPTS = 5
BEST, NEWEST, RUNNING = 30, 70, 256
"""Trials that a model is made of: the best that ended, the newest that ended, the newest that run. Each of
them costs Optuna some 10 microseconds a proposal, and on a thousand places thousands run."""
FEW = 10


class TPE(OracleAlgorithm):
    """TPE: `STARTUP` completed trials, then a model of the best and newest ones.

    The first trials are the simplest stacks (`_starts`), the others of these `STARTUP` random. A model's
    proposal that was tried before is asked for again with another seed, `ATTEMPTS` times in all, and then
    replaced by a random one.
    """

    def __init__(self, space: Space, *, seed: int, epochs: int, trials: int | None = None) -> None:
        super().__init__(space, seed=seed, epochs=epochs)
        self._starts = simple_stacks(self.hyperparameters.space) if space.is_stack else []
        self._frozen: dict[str, FrozenTrial] = {}
        self._storage = _Known()
        with quiet_optuna():
            self._study = optuna.create_study(storage=self._storage)

    def look_at_space(self) -> None:
        super().look_at_space()
        by_name = named(self.hyperparameters.space)
        parts = {name: _Part(hp) for name, hp in by_name.items() if not isinstance(hp, Fixed)}
        self._parts = {name: part for name, part in parts.items() if not part.distribution.single()}

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        for values in self._starts[self._next : self._next + 1]:
            if (found := self.untried(values)) is not None:
                return {"status": TrialStatus.RUNNING, "values": found}
        completed, failed = self.history(BEST, NEWEST)
        if len(completed) >= STARTUP:
            known = [self._freeze(trial) for trial in (*completed, *failed, *self.running()[-RUNNING:])]
            for attempt in range(ATTEMPTS):
                values = self._sample(known, int(self.generator(attempt).integers(2**32)))
                if (found := self.untried(values)) is not None:
                    return {"status": TrialStatus.RUNNING, "values": found}
        return self.random_response()

    def _sample(self, known: list[FrozenTrial], seed: int) -> dict[str, Any]:
        """Return active values drawn by Optuna's sampler from its model of the `known` trials."""
        values: dict[str, Any] = {}
        drawn: dict[str, Any] = {}
        groups = self._groups(known)
        self._storage.known = known
        with quiet_optuna():
            sampler = optuna.samplers.TPESampler(multivariate=True, constant_liar=True, seed=seed)
            for name, hp in named(self.hyperparameters.space).items():
                part = self._parts.get(name)
                if not is_active(hp, values):
                    continue
                if part and name not in drawn:
                    drawn |= sampler.sample_relative(self._study, ASKED, groups[name])
                values[hp.name] = part.outside(drawn[name]) if part else hp.default
        return values

    def _groups(self, known: list[FrozenTrial]) -> dict[str, dict[str, BaseDistribution]]:
        """Return, for each hyperparameter, the distributions of all that the same `known` trials had."""
        # Many trials have the same hyperparameters, and few sets of them there are.
        kinds = {tuple(trial.params) for trial in known}
        having = {name: tuple(name in kind for kind in kinds) for name in self._parts}
        groups: defaultdict[tuple[bool, ...], dict[str, BaseDistribution]] = defaultdict(dict)
        for name, part in self._parts.items():
            groups[having[name]][name] = part.distribution
        return {name: groups[having[name]] for name in self._parts}

    def _freeze(self, trial: Trial) -> FrozenTrial:
        """Return `trial` in Optuna's terms; made once for a running and once for an ended trial."""
        found = self._frozen.get(trial.trial_id)
        state = TrialState.COMPLETE if trial.status == TrialStatus.COMPLETED else TrialState.RUNNING
        if found is None or found.state != state:
            values = trial.hyperparameters.values
            active = {name: part for name, part in self._parts.items() if has_value(part.hp, values)}
            found = optuna.trial.create_trial(
                state=state,
                value=trial.score if state == TrialState.COMPLETE else None,
                params={name: part.inside(values[part.hp.name]) for name, part in active.items()},
                distributions={name: part.distribution for name, part in active.items()},
            )
            found.number = int(trial.trial_id)
            self._frozen[trial.trial_id] = found
        return found


class _Part:
    """A hyperparameter and its distribution in Optuna.

    Options and intervals of few integers are what they are. All other intervals are drawn as
    KerasTuner's own position, from 0 to 1 on the scale of the interval: that serves steps and
    every scale, and costs a third of Optuna's exact treatment of a hundred integers.
    """

    def __init__(self, hp: HyperParameter) -> None:
        self.hp = hp
        self.by_position = False
        self.distribution: BaseDistribution
        if isinstance(hp, Choice | Boolean):
            self.distribution = CategoricalDistribution(list(hp.values))
        elif isinstance(hp, Int) and is_stepless(hp) and hp.max_value - hp.min_value < FEW:
            self.distribution = IntDistribution(hp.min_value, hp.max_value)
        else:
            self.by_position = True
            self.distribution = FloatDistribution(0.0, END)

    def inside(self, value: Any) -> Any:
        """Return the value Optuna knows for a value of the hyperparameter."""
        return min(max(self.hp.value_to_prob(value), 0.0), END) if self.by_position else value

    def outside(self, value: Any) -> Any:
        """Return the value of the hyperparameter for a value Optuna drew."""
        return self.hp.prob_to_value(value) if self.by_position else value


class _Known(optuna.storages.InMemoryStorage):
    """Shows the sampler the trials it is to learn from, `known`; keeps nothing of the trial asked for."""

    known: Sequence[FrozenTrial] = ()

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        return [trial for trial in self.known if states is None or trial.state in states]

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        pass


ASKED = optuna.trial.create_trial(state=TrialState.RUNNING)
"""The trial that the sampler is asked for; no other has its number, -1."""
