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
            return work.space.build(hp)

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


def fused(workload: str, given: Given) -> dict[str, Any]:
    """Train the given values with the fused engine; return seconds and the best loss of each."""
    work = getattr(workloads, workload)()
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


ETTH1_STUDY: dict[str, Any] = {
    "target": "OT", "time": "date", "lookback": 96, "horizon": 24, "split": "8640,2880,2880",
}  # fmt: skip


def study_etth1() -> dict[str, Any]:
    """Study both layers of 32-32 on ETTh1; return the seconds and how many trainings that took."""
    return _study(workloads.ETTH1, profile="32-32", widths="1,2,4,8,16,32", **ETTH1_STUDY)


def study_streams() -> dict[str, Any]:
    """Study the three layers of 16-16-16 on four streams."""
    return _study("synthetic:streams,n=4", profile="16-16-16", widths="1,2,3,4,8,16")


def _study(source: Any, **options: Any) -> dict[str, Any]:
    import narrows

    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        found = narrows.study(source, out=f"{folder}/run", progress=False, **options)
        return {"secs": time.perf_counter() - began, "trainings": sum(one.trainings for one in found)}


def study_keras() -> dict[str, Any]:
    """Train six networks of the ETTh1 study by Keras' `fit`, in turn; return the seconds of each."""
    from narrows.search_spaces.studied_lstm import StudiedLSTM
    from narrows.search_spaces.trial import GO_ON
    from narrows.tuning.engines.base import Task
    from narrows.tuning.engines.keras.training import Training
    from narrows.tuning.series.reading import read_series
    from narrows.tuning.series.shaped import shaped
    from narrows.tuning.series.windows import Windows

    series = read_series(workloads.ETTH1, target="OT", time="date")
    windows = Windows(series, 96, 24, "8640,2880,2880")
    # What the study trains: four epochs of 267 steps, the rate falling to zero.
    space = shaped(StudiedLSTM(decay_steps=4 * 267), windows)
    secs = []
    for number, units in enumerate([(32, 32), (8, 32), (1, 32), (32, 16), (32, 4), (32, 2)]):
        values = {
            "num_layers": 2, "units_1": units[0], "units_2": units[1], "bottleneck": 0, "learning_rate": 0.01,
            "batch_size": 32, "dropout": 0.0, "scaling": "last",
        }  # fmt: skip
        began = time.perf_counter()
        Training(space, windows).train(Task(number, values, 4), lambda epoch: GO_ON)
        secs.append(time.perf_counter() - began)
    return {"secs": secs}


SAYS_NARROW, SAYS_FINE = ("too narrow", "widening helps"), ("nothing lost", "nothing to gain")


def agreement(folder: str) -> dict[str, Any]:
    """Count what one network of each width says of its layer, by what the study says of that width."""
    import collections
    from pathlib import Path

    from narrows import Run

    words: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    series: set[str] = set()
    for path in sorted(Path(folder).glob("*/job.json")):
        for study in Run(path.parent).studies:
            for arm in study.arms if study.numeric else ():
                said = (arm.measures or {}).get("verdict")
                if said and arm.label != study.reference:
                    words[said][arm.word] += 1
                    series.add(path.parent.name)
    narrow = [(said, counts) for said, counts in words.items() if said in SAYS_NARROW]
    fine = [(said, counts) for said, counts in words.items() if said in SAYS_FINE]
    agreed = sum(c["too narrow"] for _, c in narrow) + sum(c["enough"] for _, c in fine)
    decided = agreed + sum(c["enough"] for _, c in narrow) + sum(c["too narrow"] for _, c in fine)
    everything = sum(sum(counts.values()) for counts in words.values())
    counted = {said: dict(counts) for said, counts in words.items()}
    return {"words": counted, "series": len(series), "agreed": agreed, "decided": decided, "all": everything}


def small_studies(series: str, width: int, count: int) -> dict[str, int]:
    """Study one layer of 8 units against fewer on `count` series, one for each seed; count the words."""
    import collections

    import narrows

    words: collections.Counter[str] = collections.Counter()
    for seed in range(count):
        with tempfile.TemporaryDirectory() as folder:
            (study,) = narrows.study(
                f"synthetic:{series},seed={seed}", profile="8", widths=[width, 8], seeds=6, steps=200,
                lookback=4, seed=seed, out=f"{folder}/run", progress=False,
            )  # fmt: skip
        words[study.arms[1].word] += 1
    return dict(words)
