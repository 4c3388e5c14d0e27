"""Trainings of networks like the best trial, of other widths or seeds, kept in the run none made twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...search_spaces.plain import to_json
from ...search_spaces.profile import Profile
from ...search_spaces.trial import Decision, Epoch, Outcome, Trial
from ..algorithms.base import trial_seed
from ..engines.base import Task
from ..stopping import Limits, Rules

if TYPE_CHECKING:
    from ..engines.base import Engine
    from ..runs.folder import RunFolder

Units = tuple[int, ...]


class Paired:
    """Trains networks with one seed: same batches, hyperparameters, epochs and patience as the best trial.

    Args:
        run: held for writing.
        engine: of the search; nothing is in training.
        best: the trial.
        number: of the seed; 0 is the trial's own.
    """

    def __init__(self, run: RunFolder, engine: Engine, best: Trial, number: int) -> None:
        self._run, self._engine, self._best, self._number = run, engine, best, number
        self._seed = trial_seed(best.seed, number) if number else best.seed

    def losses(self, wanted: Sequence[Units], note: Callable[[str], None]) -> dict[Units, float | None]:
        """Return the best validation loss of networks by their units; None where one diverged.

        Args:
            wanted: units; those of the trial itself with its own seed are known.
            note: tells the user a sentence before anything is trained.
        """
        known = {self._best.units: self._best.best_val_loss} if self._number == 0 else {}
        waiting = [
            units
            for units in dict.fromkeys(wanted)
            if units not in known and self._run.store.training(self._key(units)) is None
        ]
        if waiting:
            note(self._told(waiting))
            self._train(waiting)
        kept = {units: self._run.store.training(self._key(units)) for units in wanted if units not in known}
        return known | {units: json.loads(text or "{}").get("val_loss") for units, text in kept.items()}

    def _told(self, waiting: Sequence[Units]) -> str:
        count = f"{len(waiting)} network{'s' if len(waiting) > 1 else ''}"
        if self._number:
            return f"training {count} with another seed: was it luck?"
        return f"training {count} with a wider layer: does that help?"

    def _train(self, waiting: list[Units]) -> None:
        rules = Rules(Limits(int(self._run.job["identity"]["patience"])))
        training: dict[int, tuple[Trial, Units]] = {}
        first = len(self._run.trials)

        def ask() -> Task | None:
            if not waiting:
                return None
            units, number, best = waiting.pop(0), first + len(training), self._best
            trial = Trial(number, values_of(best.values, units), best.epochs, seed=self._seed, units=units)
            training[number] = trial, units
            return Task(**vars(trial.proposal))

        def report(epoch: Epoch) -> Decision:
            trial, units = training[epoch.number]
            training[epoch.number] = (trial := trial.after(epoch)), units
            asked = epoch.finite and epoch.epoch < trial.epochs
            return rules.judge(trial, epoch, {}) if asked else Decision()

        def end(outcome: Outcome) -> None:
            trial, units = training[outcome.number]
            self._run.store.set_training(self._key(units), to_json({"val_loss": trial.ended(outcome).score}))

        self._engine.train(ask, report, end)

    def _key(self, units: Units) -> str:
        values = values_of(self._best.values, units)
        whole = {"widened": values, "seed": self._seed, "epochs": self._best.epochs}
        return hashlib.sha256(to_json(whole).encode()).hexdigest()[:24]


def values_of(values: Mapping[str, Any], units: Units) -> dict[str, Any]:
    """Return the hyperparameters of a network like another one, but of these widths, without a bottleneck."""
    rest = {
        name: value
        for name, value in values.items()
        if not name.startswith(("units_", "bottleneck")) and name != "num_layers"
    }
    return {**Profile(units).values, **rest}
