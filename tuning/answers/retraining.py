"""Trainings of networks like a trial, of other widths or seeds, kept in the run, none made twice."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...search_spaces.plain import to_json
from ...search_spaces.profile import Profile
from ...search_spaces.trial import Decision, Epoch, Outcome, Status, Trial
from ..algorithms.base import trial_seed
from ..engines.base import Task
from ..stopping import Limits, Rules

if TYPE_CHECKING:
    from ..engines.base import Engine
    from ..runs.folder import RunFolder

Units = tuple[int, ...]


@dataclass(frozen=True)
class Network:
    """A network like a trial: same hyperparameters, epochs and patience.

    Args:
        trial: see `as_long`.
        number: of the seed; 0 is the trial's own.
        units: of its layers; None are the trial's own.
    """

    trial: Trial
    number: int
    units: Units | None = None

    @property
    def seed(self) -> int:
        """Of initial weights, dropout and batch order."""
        return trial_seed(self.trial.seed, self.number) if self.number else self.trial.seed

    @property
    def is_trial(self) -> bool:
        """Whether it is the trial's network, if with another seed."""
        return self.units in (None, self.trial.units)

    @property
    def values(self) -> dict[str, Any]:
        """Its hyperparameters."""
        if self.units is None or self.is_trial:
            return dict(self.trial.values)
        return values_of(self.trial.values, self.units)

    @property
    def key(self) -> str:
        """What its training is kept under: what it is a function of."""
        whole = {"again": self.values, "seed": self.seed, "epochs": self.trial.epochs}
        return hashlib.sha256(to_json(whole).encode()).hexdigest()[:24]


def as_long(run: RunFolder, trial: Trial) -> Trial:
    """Return a trial to train others like it: as many epochs as it had, if it was cut off."""
    if trial.status != Status.STOPPED:
        return trial
    return replace(trial, epochs=max(run.store.epochs(trial.number)[-1].epoch, 1))


class Retraining:
    """Trains networks, as many at once as the engine has places.

    Args:
        run: held for writing.
        engine: of the search; nothing is in training.
    """

    def __init__(self, run: RunFolder, engine: Engine) -> None:
        self._run, self._engine = run, engine

    def missing(self, wanted: Sequence[Network]) -> list[Network]:
        """Return those that were not trained yet, each once."""
        by_key = {one.key: one for one in wanted if one.number or not one.is_trial}
        return [one for key, one in by_key.items() if self._run.store.training(key) is None]

    def losses(self, wanted: Sequence[Network]) -> list[float | None]:
        """Return the best validation loss of each; None where it diverged or was not trained."""
        return [self._loss(one) for one in wanted]

    def _loss(self, one: Network) -> float | None:
        if one.is_trial and not one.number:
            return one.trial.score
        found: float | None = json.loads(self._run.store.training(one.key) or "{}").get("val_loss")
        return found

    def train(self, wanted: Sequence[Network], until: float = math.inf) -> None:
        """Train what is missing. The weights of a trial's network with another seed are kept beside its own.

        Args:
            wanted: in an order that is always the same.
            until: of `time.monotonic`; nothing is begun after it.
        """
        waiting = self.missing(wanted)
        rules = Rules(Limits(int(self._run.job["identity"]["patience"])))
        training: dict[int, tuple[Trial, Network]] = {}
        first = len(self._run.trials)

        def ask() -> Task | None:
            if not waiting or time.monotonic() >= until:
                return None
            one, number = waiting.pop(0), first + len(training)
            trial = Trial(number, one.values, one.trial.epochs, seed=one.seed, units=one.units or ())
            training[number] = trial, one
            return Task(**vars(trial.proposal))

        def report(epoch: Epoch) -> Decision:
            trial, one = training[epoch.number]
            training[epoch.number] = (trial := trial.after(epoch)), one
            asked = epoch.finite and epoch.epoch < trial.epochs
            return rules.judge(trial, epoch, {}) if asked else Decision()

        def end(outcome: Outcome) -> None:
            trial, one = training[outcome.number]
            score, secs = trial.ended(outcome).score, trial.secs
            with self._run.store.transaction():
                if one.is_trial and score is not None:
                    for fold, weights in enumerate((outcome.weights, *outcome.fold_weights)):
                        path = self._run.paths.seed_weights(one.trial.number, one.number, fold)
                        self._run.files.save(path, weights)
                self._run.store.set_training(one.key, to_json({"val_loss": score, "secs": secs}))

        self._engine.train(ask, report, end)


def values_of(values: Mapping[str, Any], units: Units) -> dict[str, Any]:
    """Return the hyperparameters of a network like another one, but of these widths, without a bottleneck."""
    rest = {
        name: value
        for name, value in values.items()
        if not name.startswith(("units_", "bottleneck")) and name != "num_layers"
    }
    return {**Profile(units).values, **rest}
