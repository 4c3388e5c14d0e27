"""The mean of a trial's networks with several seeds, blended with a linear forecast of the window.

    z^(window) = share * mean over seeds of network_s(window) + (1 - share) * linear(window)

All in training standard deviations. The linear forecast is the ridge regression of `series.ridge`, also where
the networks add to it themselves: then the share is how far what they add is trusted. In Keras it is one
model of built-in layers, which `raw.raw_model` takes as it takes a network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...search_spaces.errors import UserError
from ..series.ridge import ridge

if TYPE_CHECKING:
    import keras

    from ...search_spaces.trial import Trial
    from ..engines.base import Engine
    from ..runs.folder import RunFolder
    from ..series.windows import Windows


@dataclass(frozen=True, eq=False)
class Members:
    """The networks of an ensemble.

    Args:
        trial: whose networks they are.
        weights: of each, those of the trial first, in Keras' order.
    """

    trial: Trial
    weights: tuple[list[np.ndarray], ...]

    @classmethod
    def of(cls, run: RunFolder, trial: Trial) -> Members | None:
        """Return those of a trial; None where one of them diverged, or it is a linear forecast alone."""
        paths = [run.paths.seed_weights(trial.number, seed) for seed in range(1, len(trial.again) + 1)]
        if trial.best_epoch == 0 or trial.mean_score is None or not all(path.exists() for path in paths):
            return None
        return cls(trial, (run.weights(trial), *map(run.files.load, paths)))

    def forecasts(self, engine: Engine, rows: np.ndarray) -> list[np.ndarray]:
        """Return what each forecasts, float32 (windows, horizon, targets), z.

        Args:
            engine: of the search.
            rows: first-target rows of the windows.
        """
        return [engine.predict(self.trial.values, weights, rows) for weights in self.weights]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Networks together.

    Args:
        members: the networks.
        share: of their mean; 1 leaves the linear forecast out.
    """

    members: Members
    share: float

    @classmethod
    def told(cls, run: RunFolder, trial: Trial) -> Ensemble:
        """Return the one that the answer of a run tells of.

        Raises:
            UserError: when it tells of none of this trial.
        """
        answer, members = run.answer or {}, Members.of(run, trial)
        found = answer.get("ensemble")
        if members is None or not found or answer["trial"] != trial.number:
            raise UserError(
                f"there is no ensemble of {trial.name}: it is made of the best trial of a search that has "
                "its answer, trained again with other seeds (from ten trials on, without --no-confirm) or "
                "blended with a linear forecast (where --linear has ridge)"
            )
        return cls(members, float(found["share"]))

    def forecast(self, engine: Engine, rows: np.ndarray) -> np.ndarray:
        """Return the forecasts, float64 (windows, horizon, targets), z; see `Members.forecasts`."""
        if self.share == 0:
            return linear_of(engine.windows, rows)
        mean = np.mean(np.asarray(self.members.forecasts(engine, rows), float), axis=0)
        return mean if self.share == 1 else blended(mean, linear_of(engine.windows, rows), self.share)

    def network(self, run: RunFolder) -> keras.Model:
        """Return it as one model, scaled in and scaled out."""
        from ...search_spaces.backend import keras
        from ...search_spaces.network import linear_model
        from .rebuilt import network_of

        windows = run.windows
        window = keras.Input(windows.input_shape, name="window")
        each = []
        linear = linear_model(windows.input_shape, ridge(windows).linear)(window) if self.share < 1 else None
        for number, weights in enumerate(self.members.weights if self.share > 0 else ()):
            network = network_of(run, self.members.trial, weights)
            if getattr(network, "inputs", None):
                # One model has no two layers of one name.
                network = keras.Model(network.inputs[0], network.outputs[0], name=f"seed_{number}")
            each.append(network(window))
        if not each:
            return keras.Model(window, linear, name="ensemble")
        y = keras.layers.Average(name="mean_of_seeds")(each) if len(each) > 1 else each[0]
        if linear is not None:
            y = self.share * y + (1 - self.share) * linear
        return keras.Model(window, y, name="ensemble")


def blended(mean: np.ndarray, linear: np.ndarray, share: float) -> np.ndarray:
    """Return the blend of two forecasts; see the top of the file."""
    return share * mean + (1 - share) * linear


def linear_of(windows: Windows, rows: np.ndarray) -> np.ndarray:
    """Return the linear forecasts of windows, float64 (windows, horizon, targets), z."""
    return ridge(windows).linear(windows.inputs(rows))
