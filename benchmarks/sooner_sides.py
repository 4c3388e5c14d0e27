"""Searches that are given so many seconds, each in a process of its own, and the losses they find by then.

Each returns its curve: (seconds since the search began, validation loss) after each epoch of each trial, in
training standard deviations. What this module imports is imported before any clock begins, so importing
TensorFlow, KerasTuner and Optuna counts on no side; compiling does on all.

The peers search what `workloads` names, without what only this package has: LSTM layers and one dense layer,
by Keras' own `compile` and `fit`, on the same windows as arrays.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import keras
import keras_tuner
import optuna
import workloads

from narrows.tuning.progress.base import Progress

Curve = list[tuple[float, float]]
EPOCHS = 30
"""Most epochs of a peer's trial: what each must be told, and a knowing user would say."""
LAYERS = 3


class Over(keras_tuner.errors.FatalError):
    """The seconds are over: of all errors in a trial KerasTuner lets go on the fatal ones alone."""


class Clock:
    """Puts down the losses of a search that begins now.

    Args:
        secs: that it may take.
    """

    def __init__(self, secs: float) -> None:
        self.secs = secs
        self.curve: Curve = []
        self._began = time.perf_counter()

    def sees(self, loss: float) -> None:
        """Put down a loss."""
        self.curve.append((time.perf_counter() - self._began, loss))

    @property
    def over(self) -> bool:
        """Whether the search had its seconds."""
        return time.perf_counter() - self._began >= self.secs


def hyperband(workload: str, seed: int, secs: float) -> Curve:
    """Search with `keras_tuner.Hyperband` as it comes, again and again until the seconds are over."""
    work = _begun(workload, seed)
    train, validation = _arrays(work)
    low, high = work.space.parts["units_1"].ends

    def build(hp: Any) -> Any:
        units = []
        for layer in range(1, hp.Int("num_layers", 1, LAYERS) + 1):
            # Without a scope KerasTuner gives the first deep trials the least units.
            with hp.conditional_scope("num_layers", list(range(layer, LAYERS + 1))):
                units.append(hp.Int(f"units_{layer}", low, high, sampling="log"))
        rate = hp.Float("learning_rate", *work.space.parts["learning_rate"].ends, sampling="log")
        return _network(work, units, rate)

    class Ends(keras.callbacks.Callback):
        def __deepcopy__(self, _: Any) -> Any:
            return self  # each trial would get a copy, and with it a clock of its own

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            clock.sees(logs["val_loss"])
            if clock.over:
                raise Over

    with tempfile.TemporaryDirectory() as folder, suppress(Over):
        clock = Clock(secs)
        tuner = keras_tuner.Hyperband(
            build, "val_loss", max_epochs=EPOCHS, factor=3, hyperband_iterations=10_000, seed=seed,
            directory=folder,
        )  # fmt: skip
        tuner.search(
            *train, validation_data=validation, batch_size=_batch_size(work), callbacks=[Ends()], verbose=0
        )
    return clock.curve


def halving(workload: str, seed: int, secs: float) -> Curve:
    """Search with Optuna's TPE and successive halving, both as they come, around Keras' `fit`.

    As they come, the first rung is after the second epoch: `min_resource="auto"` is 1 for 30 epochs, and
    Optuna's own callback for Keras counts epochs from 0.
    """
    work = _begun(workload, seed)
    train, validation = _arrays(work)
    low, high = work.space.parts["units_1"].ends

    def objective(trial: Any) -> float:
        keras.backend.clear_session()
        layers = range(1, trial.suggest_int("num_layers", 1, LAYERS) + 1)
        units = [trial.suggest_int(f"units_{layer}", low, high, log=True) for layer in layers]
        rate = trial.suggest_float("learning_rate", *work.space.parts["learning_rate"].ends, log=True)

        class Reports(keras.callbacks.Callback):
            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                clock.sees(logs["val_loss"])
                trial.report(logs["val_loss"], epoch)
                if clock.over:
                    study.stop()
                if clock.over or trial.should_prune():
                    raise optuna.TrialPruned

        history = _network(work, units, rate).fit(
            *train, validation_data=validation, batch_size=_batch_size(work), epochs=EPOCHS,
            callbacks=[Reports()], verbose=0,
        )  # fmt: skip
        return min(history.history["val_loss"])

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    clock = Clock(secs)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=seed), pruner=optuna.pruners.SuccessiveHalvingPruner()
    )
    study.optimize(objective)
    return clock.curve


def ours(workload: str, seed: int, secs: float, enough: float, space: dict[str, str]) -> Curve:
    """Search with `tune` as it comes; of its losses those of trained networks alone, no epoch 0.

    Losses are put down when a user is shown them, after the store has them.

    Args:
        workload: its name.
        seed: of the search.
        secs: that it may take, given as its time budget.
        enough: a loss at which it may end before that.
        space: what is said of the space.
    """
    import narrows

    source, data, windows = {
        "small": (workloads.small_columns(), workloads.SMALL, workloads.SMALL_WINDOWS),
        "etth1": (workloads.ETTH1, workloads.OT, workloads.OT_WINDOWS),
    }[workload]

    class Watch(Progress):
        def epoch(self, epoch: Any) -> None:
            if epoch.epoch:
                clock.sees(epoch.val_loss)
            if clock.over or (epoch.epoch and epoch.val_loss <= enough):
                raise Over  # comes out of `tune`: what is trained after a search is not asked for here

    with tempfile.TemporaryDirectory() as folder, suppress(Over):
        clock = Clock(secs)
        narrows.tune(
            source, **data, **windows, space=space, seed=seed, trials=10_000, minutes=secs / 60,
            out=f"{folder}/run", progress=Watch(),
        )  # fmt: skip
    return clock.curve


def ridge_loss(workload: str) -> float:
    """Return the loss of the ridge, fitted on training windows, on those of validation."""
    from narrows.tuning.series.losses import linear_losses
    from narrows.tuning.series.ridge import ridge

    data = getattr(workloads, workload)().data
    return linear_losses(ridge(data).linear, data, "mse")[1]


def _begun(workload: str, seed: int) -> workloads.Workload:
    keras.utils.set_random_seed(seed)
    work: workloads.Workload = getattr(workloads, workload)()
    return work


def _arrays(work: workloads.Workload) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Return training and validation windows: inputs and, flat, targets."""

    def arrays(part: str) -> tuple[Any, Any]:
        rows = work.data.parts[part]
        return work.data.inputs(rows), work.data.targets(rows).reshape(len(rows), -1)

    return arrays("train"), arrays("validation")


def _network(work: workloads.Workload, units: Sequence[int], rate: float) -> Any:
    horizon, targets = work.data.output_shape
    model = keras.Sequential([keras.Input(work.data.input_shape)])
    for layer, width in enumerate(units, 1):
        model.add(keras.layers.LSTM(width, return_sequences=layer < len(units)))
    model.add(keras.layers.Dense(horizon * targets))
    model.compile(keras.optimizers.Adam(rate), "mse")
    return model


def _batch_size(work: workloads.Workload) -> int:
    return int(work.space.parts["batch_size"].ends[0])
