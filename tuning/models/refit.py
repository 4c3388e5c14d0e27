"""A trial's network trained again on more of the data: what a search held back is no longer needed.

The search chose widths, rate and epochs on the validation part and was scored on the test part. For forecasts
of what comes next, the same network is trained on train and validation, or on all rows, for as many epochs as
its best one took; scaling and linear forecast are fitted to these rows, the latter with the form and penalty
that were found. Nothing is chosen by the rows that are new: the weights are the average of the last epoch, or
the last ones where a space has no average. Its scores are honest on those rows alone that it did not learn
from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...search_spaces.errors import UserError
from ...search_spaces.trial import TO_THE_END, Outcome, Status
from .. import engines
from ..engines.base import Task
from ..series.by_series import scored
from ..series.ridge import refitted, ridge
from ..series.windows import Windows
from .rebuilt import space_of_run

if TYPE_CHECKING:
    import keras

    from ...search_spaces.trial import Trial
    from ..engines.base import Engine
    from ..runs.folder import RunFolder

LEARN = {"validation": "train and validation", "all": "all rows"}
"""What may be asked for, and what it is called."""


@dataclass(frozen=True, eq=False)
class Refit:
    """A network that was trained again.

    Args:
        engine: that trained it; its windows have the scaling.
        trial: whose network it is.
        weights: in Keras' order.
        on: a key of `LEARN`.
        epochs: that it was trained for.
    """

    engine: Engine
    trial: Trial
    weights: Sequence[np.ndarray]
    on: str
    epochs: int

    @property
    def windows(self) -> Windows:
        """What it learned from and how it is scaled."""
        return self.engine.windows

    def forecast(self, rows: np.ndarray) -> np.ndarray:
        """Return the forecasts of windows, float64 (windows, horizon, targets), raw units."""
        z = self.engine.predict(self.trial.values, self.weights, rows)
        return self.windows.raw(z, rows)

    def network(self) -> keras.Model:
        """Return it as a Keras model, scaled in and scaled out."""
        from ...search_spaces.space import build_model, set_weights

        space, shape = self.engine.space, self.windows.input_shape
        network = build_model(space, self.trial.values, self.trial.seed, shape)
        set_weights(network, self.weights)
        return network

    @property
    def plain(self) -> dict[str, Any]:
        """What is said of it beside the model, JSON-able; its scores where the test part is unseen."""
        rows = self.windows.parts["test"]
        unseen = self.on != "all"
        return {
            "on": LEARN[self.on],
            "epochs": self.epochs,
            "windows": len(self.windows.parts["train"]),
            "test_scores": scored({"": self.forecast(rows)}, self.windows, rows)[""] if unseen else None,
        }


def refit(run: RunFolder, trial: Trial, on: str) -> Refit:
    """Train a trial's network again.

    Args:
        run: of the trial.
        trial: that has ended with a score.
        on: a key of `LEARN`.

    Raises:
        UserError: for another word, a space whose models fit themselves, or a network that diverges.
    """
    if on not in LEARN:
        raise UserError(f"refit: {on!r} is not one of {', '.join(LEARN)}")
    space = space_of_run(run)
    if space.fits_itself:
        raise UserError(
            "a model that trains itself, by a fit of its own, cannot be trained again on other rows"
        )
    windows = run.windows.cut(learn=on)
    moments = [each.tolist() for each in windows.input_moments]
    more: dict[str, Any] = (
        {"linear": refitted(ridge(run.windows), windows).linear} if space.wants_linear else {}
    )
    space = space.shaped(windows.input_shape, windows.output_shape, *moments, **more)
    name = "keras" if engines.refusal(run.engine_name, space) else run.engine_name
    engine = engines.make(name, space, windows)
    try:
        return Refit(engine, trial, _trained(engine, trial), on, trial.best_epoch)
    finally:
        engine.close()


def _trained(engine: Engine, trial: Trial) -> list[np.ndarray]:
    """Return the weights after as many epochs as a trial's best one, averaged where the space has that."""
    waiting = [Task(0, trial.values, max(trial.best_epoch, 1), seed=trial.seed, keep_state=True)]
    found: list[Outcome] = []
    engine.train(lambda: waiting.pop() if waiting else None, lambda epoch: TO_THE_END, found.append)
    (outcome,) = found
    if outcome.status == Status.FAILED or outcome.state is None:
        raise UserError(f"{trial.name} could not be trained again: {outcome.reason}")
    weights = list(outcome.state[: len(outcome.weights)])
    if trial.best_epoch == 0:
        # The linear forecast alone: a readout of zeros, which no epoch changed for the better.
        layers = len(trial.units)
        weights[3 * layers] = np.zeros_like(weights[3 * layers])
        weights[3 * layers + 1] = np.zeros_like(weights[3 * layers + 1])
    elif engine.space.averages:
        # The average is of the trained weights, which come first.
        average = (len(outcome.state) - len(weights) - 2) // 3
        weights[:average] = outcome.state[len(outcome.state) - average :]
    return weights
