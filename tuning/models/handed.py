"""What is handed over: a trial's network, several of them together, or one that was trained again.

Each is proved by what the run keeps: the network has the validation loss that its training recorded. Imports
Keras when it is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ...search_spaces.errors import UserError
from .check import is_same_loss, validation_loss
from .ensemble import Ensemble

if TYPE_CHECKING:
    import keras

    from ...search_spaces.trial import Trial
    from ..runs.folder import RunFolder
    from ..series.windows import Windows


@dataclass(frozen=True)
class Wanted:
    """What of a trial is to be handed over.

    Args:
        trial: whose network it is.
        ensemble: the mean of its networks with all seeds, blended as the answer says.
        refit: what it is trained again on, see `refit`; None leaves it as it was trained.
    """

    trial: Trial
    ensemble: bool = False
    refit: str | None = None

    def check(self, run: RunFolder) -> None:
        """Raise a `UserError` for what can be seen to be wrong before anything is made."""
        run.weights(self.trial)
        if self.ensemble and self.refit:
            raise UserError("give --ensemble or --refit: the networks of an ensemble are not trained again")
        if self.ensemble:
            Ensemble.told(run, self.trial)


@dataclass(frozen=True, eq=False)
class Handed:
    """What is handed over.

    Args:
        network: scaled in, scaled out.
        windows: with the scaling that it needs.
        forecast: of all test windows, float64 (windows, horizon, targets), raw units.
        honest: the same by the network that never saw them; its errors make the prediction interval.
        loss: validation loss of the trial's network; None where a `fit` of the user's own measured it.
        about: what is said of it beside what is said of the trial, JSON-able.
    """

    network: keras.Model
    windows: Windows
    forecast: np.ndarray
    honest: np.ndarray
    loss: float | None
    about: dict[str, Any] = field(default_factory=dict)


def handed(run: RunFolder, wanted: Wanted) -> Handed:
    """Return what is wanted; trains where it is to be trained again.

    Raises:
        UserError: when it cannot be made.
        RuntimeError: when the network has another validation loss than its training recorded.
    """
    from .rebuilt import engine_of_run, test_forecast, trained_network

    windows, trial, engine = run.windows, wanted.trial, engine_of_run(run)
    network = trained_network(run, trial)
    loss = _checked_loss(network, run, trial)
    forecast = test_forecast(run, engine, trial)
    if wanted.ensemble:
        together, told = Ensemble.told(run, trial), (run.answer or {})["ensemble"]
        rows = windows.parts["test"]
        forecast = windows.raw(together.forecast(engine, rows), rows)
        about = {"ensemble": {"members": told["members"], "share": told["share"]}}
        about["test_scores"] = {**(run.answer or {})["scores"], "ensemble": told["scores"]}
        return Handed(together.network(run), windows, forecast, forecast, loss, about)
    if wanted.refit:
        from .refit import refit

        again = refit(run, trial, wanted.refit)
        made = again.forecast(windows.parts["test"])
        return Handed(again.network(), again.windows, made, forecast, loss, {"refit": again.plain})
    return Handed(network, windows, forecast, forecast, loss)


def _checked_loss(network: keras.Model, run: RunFolder, trial: Trial) -> float | None:
    """Return the validation loss of a rebuilt network, None where a `fit` of the user's own measured it.

    Raises:
        RuntimeError: when it is not that of the trial's training.
    """
    from .rebuilt import space_of_run

    assert trial.own_loss is not None, "its weights were kept"
    if space_of_run(run).fits_itself:
        return None
    loss = validation_loss(network, run.windows)
    if not is_same_loss(loss, trial.own_loss):
        raise RuntimeError(
            f"{trial.name} has a validation loss of {loss:.6g} now, and its training recorded "
            f"{trial.own_loss:.6g}: these are not the weights of its best epoch and are not handed over"
        )
    return loss
