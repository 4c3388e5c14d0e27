"""The sides of the comparisons. Each function is run in a fresh process of its own (`run.py`).

Importing TensorFlow is not counted, compiling is. Both sides start every trial from the same initial
weights (seed 0); KerasTuner shuffles batches its own way, so losses agree closely, not in digits.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from typing import Any

import workloads

Given = list[dict[str, Any]]


def stock(workload: str, trials: int) -> dict[str, Any]:
    """Search with `keras_tuner.RandomSearch`; return when each trial ended, its values and its best loss."""
    import keras_tuner

    work = getattr(workloads, workload)()
    x, y, validation = _arrays(work)
    ends: list[float] = []

    class Timed(keras_tuner.RandomSearch):
        def on_trial_end(self, trial: Any) -> None:
            super().on_trial_end(trial)
            ends.append(time.perf_counter() - began)

    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        tuner = Timed(work.space, objective="val_loss", max_trials=trials, seed=1, directory=folder)
        # KerasTuner leaves the batch size to `fit`; both workloads have one batch size for all trials.
        size = int(work.space.hyperparameters().values["batch_size"])
        tuner.search(x, y, validation_data=validation, epochs=work.epochs, batch_size=size, verbose=0)
        done = [tuner.oracle.trials[key] for key in tuner.oracle.end_order]
    return {
        "ends": ends,
        "values": [trial.hyperparameters.values for trial in done],
        "losses": [trial.score for trial in done],
    }


def stock_same_batches(workload: str, trials: int) -> dict[str, Any]:
    """Search as `stock` does, on the batches of our engines, to compare losses; not to be timed."""
    import keras_tuner

    from narrows.tuning.engines.base import Task
    from narrows.tuning.engines.keras.batches import Batches

    work = getattr(workloads, workload)()
    x, _, validation = _arrays(work)
    size = int(work.space.hyperparameters().values["batch_size"])

    class Ordered(keras_tuner.HyperModel):
        def build(self, hp: Any) -> Any:
            return work.space.build_seeded(hp, 0)

        def fit(self, hp: Any, model: Any, *_: Any, **options: Any) -> Any:
            trial = Task(0, hp.values, seed=0, epochs=work.epochs)
            batches = Batches(work.data).of(trial, size)
            return model.fit(batches, steps_per_epoch=-(-len(x) // size), shuffle=False, **options)

    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.RandomSearch(
            Ordered(), objective="val_loss", max_trials=trials, seed=1, directory=folder
        )
        tuner.search(validation_data=validation, epochs=work.epochs, verbose=0)
        done = [tuner.oracle.trials[key] for key in tuner.oracle.end_order]
    return {
        "values": [trial.hyperparameters.values for trial in done],
        "losses": [trial.score for trial in done],
    }


def fused(workload: str, given: Given, averages: bool = True) -> dict[str, Any]:
    """Train the given values with the fused engine; return seconds and the best loss of each.

    Args:
        workload: its name.
        given: the values of each trial.
        averages: whether averaged weights are judged too, as in a search, or those of Keras alone.
    """
    work = getattr(workloads, workload)()
    work.space.averages = averages
    engine = _engine(work)
    began = time.perf_counter()
    losses = train(engine, given, work.epochs)
    return {"secs": time.perf_counter() - began, "losses": losses}


def best_keras(workload: str, given: Given) -> dict[str, Any]:
    """Train the given values with Keras compiled by XLA, an epoch a call; return seconds."""
    import keras

    from narrows.search_spaces.space import hyperparameters_of

    work = getattr(workloads, workload)()
    x, y, validation = _arrays(work)
    began = time.perf_counter()
    for values in given:
        size = int(values["batch_size"])
        model = work.space.build_seeded(hyperparameters_of(values), 0)
        model.compile(model.optimizer, model.loss, jit_compile=True, steps_per_execution=-(-len(x) // size))
        model.fit(x, y, batch_size=size, epochs=work.epochs, validation_data=validation, verbose=0)
        keras.backend.clear_session()
    return {"secs": time.perf_counter() - began}


def steps_stock(units: int, repeats: int) -> dict[str, Any]:
    """Return seconds a training step of plain `fit` with two layers, median of epochs after the first."""
    import keras

    from narrows.search_spaces.space import hyperparameters_of

    work = workloads.small()
    x, y, _ = _arrays(work)
    model = work.space.build_seeded(hyperparameters_of(two_layers(units)), 0)
    secs: list[float] = []

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.began = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            secs.append(time.perf_counter() - self.began)

    model.fit(x, y, batch_size=32, epochs=1 + repeats, verbose=0, callbacks=[Clock()])
    return {"secs": statistics.median(secs[1:]) / -(-len(x) // 32)}


def steps_fused(units: int, repeats: int) -> dict[str, Any]:
    """Return seconds a training step of one trial when every core trains one, median of epochs.

    Validation, a fifth as many batches without learning, is in it: our side has no epoch without.
    """
    from narrows.search_spaces.trial import GO_ON
    from narrows.tuning.engines.base import Task

    work = workloads.small()
    engine = _engine(work)
    secs: dict[int, list[float]] = {n: [] for n in range(engine.places)}
    waiting = [Task(n, two_layers(units), seed=0, epochs=3 + repeats) for n in range(engine.places)]

    def report(epoch: Any) -> Any:
        secs[epoch.number].append(epoch.secs)
        return GO_ON

    engine.train(lambda: waiting.pop(0) if waiting else None, report, lambda outcome: None)
    # The first epochs compile, and the last ones of a trial may run alone.
    steady = [sec for each in secs.values() for sec in each[2:-1]]
    steps = -(-len(work.data.parts["train"]) // 32)
    return {"secs": statistics.median(steady) / steps / engine.places}


def two_layers(units: int) -> dict[str, Any]:
    """Return the values of two layers of `units`."""
    return {
        "num_layers": 2,
        "units_1": units,
        "units_2": units,
        "bottleneck": 0,
        "learning_rate": 1e-3,
        "batch_size": 32,
        "dropout": 0.0,
        "scaling": "standard",
    }


def _engine(work: workloads.Workload) -> Any:
    from narrows.tuning import engines

    return engines.make("fused", work.space, work.data)


def train(engine: Any, given: Given, epochs: int) -> list[float]:
    """Train the given values, each for `epochs` with seed 0; return the best loss of each."""
    from narrows.search_spaces.trial import GO_ON
    from narrows.tuning.engines.base import Task

    waiting = [Task(n, values, seed=0, epochs=epochs) for n, values in enumerate(given)]
    losses: dict[int, float] = {}
    engine.train(
        lambda: waiting.pop(0) if waiting else None,
        lambda epoch: GO_ON,
        lambda outcome: losses.__setitem__(outcome.number, outcome.best_val_loss),
    )
    return [losses[n] for n in range(len(given))]


def _arrays(work: workloads.Workload) -> tuple[Any, Any, tuple[Any, Any]]:
    train, validation = work.data.parts["train"], work.data.parts["validation"]
    inputs, targets = work.data.inputs, work.data.targets
    return inputs(train), targets(train), (inputs(validation), targets(validation))
