"""What the narrowings of a trial did, measured on validation windows, which it was not trained on.

The measures want what the first LSTM layer reads and what the readout emits. Scaling is inside the model,
so it is done here once more, in NumPy (`search_spaces.scaling`).
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import ThreadpoolController

from ...callbacks.narrowing import Narrowing, Sample, States, WindowForecast, lstm_states, measure, rows_for
from ...search_spaces.machine import cores
from ...search_spaces.plain import to_json
from ...search_spaces.scaling import scaling_of
from ...search_spaces.trial import Trial
from ..engines._states import states_of_model
from ..runs.folder import RunFolder
from ..series.epoch_rows import measured_rows
from ..series.windows import Windows
from .rebuilt import trained_network

if TYPE_CHECKING:
    from ...search_spaces.space import Space

logger = logging.getLogger(__name__)

MOST_SAMPLES = 32
MOST_LEARNED = 2000
"""Training windows from which is learned what a window tells by itself."""
BEST = 10
"""Trials that get all measures when a search ends."""


class Samples:
    """Validation windows for the measures, always the same ones; cut once for all trials that read the same.

    Args:
        windows: the data.
        loss: that the trials are trained by.
    """

    def __init__(self, windows: Windows, loss: str) -> None:
        self.windows, self._loss = windows, loss
        self._sample = lru_cache(MOST_SAMPLES)(self._make)
        self._forecast = lru_cache(MOST_SAMPLES)(self._learn)

    def of(self, values: Mapping[str, Any], weights: Sequence[np.ndarray], *, full: bool = False) -> Sample:
        """Return the windows for a trial with these hyperparameters and weights.

        Args:
            values: hyperparameters.
            weights: as in its `Outcome`.
            full: whether all measures are taken, on `MOST_ROWS` windows, or the quick ones on fewer.
        """
        widest = max(len(recurrent) for recurrent in weights[1:-2:3])
        lookback = int(values.get("lookback", self.windows.lookback))
        return self._sample(str(values["scaling"]), lookback, rows_for(widest, full=full))

    def read_by(self, states: States) -> Sample:
        """Return the windows, scaled, whose `states` an engine told; see `Outcome.states`."""
        return self._sample("standard", self.windows.lookback, len(states.inputs))

    def _make(self, scaling: str, lookback: int, wanted: int) -> Sample:
        rows = measured_rows(self.windows, wanted)
        inputs, targets = read_and_emitted(scaling, self.windows, rows)
        forecast = self._forecast(scaling, lookback)
        when = self._when(rows)
        return Sample(inputs[:, -lookback:], targets, forecast=forecast, loss=self._loss, **when)

    def _learn(self, scaling: str, lookback: int) -> WindowForecast:
        """Return what windows tell by themselves, learned from at most `MOST_LEARNED` training windows."""
        rows = measured_rows(self.windows, MOST_LEARNED, part="train")
        inputs, targets = read_and_emitted(scaling, self.windows, rows)
        return WindowForecast.of(inputs[:, -lookback:], targets, loss=self._loss, **self._when(rows))

    def _when(self, rows: np.ndarray) -> dict[str, Any]:
        return {"span": self.windows.reach(rows), "times": self.windows.moments[rows]}


def narrowing_of(
    values: Mapping[str, Any], weights: Sequence[np.ndarray], samples: Samples, *, full: bool = False
) -> Narrowing:
    """Return the measures of a trained trial of a `StackedLSTM`; see `Samples.of`.

    Raises:
        ValueError: when the trial diverged.
    """
    sample = samples.of(values, weights, full=full)
    return measure(lstm_states(weights, sample.inputs), sample, full=full)


def measured(
    values: Mapping[str, Any],
    weights: Sequence[np.ndarray],
    samples: Samples,
    *,
    states: States | None = None,
    full: bool = False,
) -> str:
    """Return the measures of a trained trial as the JSON that the store keeps and `RecordedTrial.of` reads.

    A measure that fails costs its own result: what is kept then is why.

    Args:
        values: hyperparameters.
        weights: as in its `Outcome`.
        samples: the windows.
        states: of the windows of `Samples.read_by`; None is those of the `StackedLSTM` with these weights.
        full: whether all measures are taken.
    """
    try:
        if states is None:
            narrowing = narrowing_of(values, weights, samples, full=full)
        else:
            narrowing = measure(states, samples.read_by(states), full=full)
    except Exception as error:
        # Any class: a fault in a measure must not cost its owner a trial, let alone the search.
        logger.warning("a trial could not be measured", exc_info=True)
        return to_json({"unmeasured": f"{type(error).__name__}: {error}"})
    summary = {name: value for name, value in narrowing.summary().items() if not math.isnan(value)}
    return to_json({"summary": summary, "measured": narrowing.to_plain()})


def measure_best(run: RunFolder, space: Space, samples: Samples) -> list[Trial]:
    """Take all measures of the best trials whose weights were kept; return these trials, best first.

    Trials of a space of the user's own are left as they are where their layers cannot be read.
    """
    kept = [trial for trial in run.store.best(BEST) if run.paths.weights(trial.number).exists()]
    # Models are built in this thread alone: Keras seeds them by what all threads share.
    states = {trial.number: None if space.is_stack else _states(run, trial) for trial in kept}
    trials = [trial for trial in kept if space.is_stack or states[trial.number] is not None]

    def full(trial: Trial) -> str:
        found = states[trial.number]
        return measured(trial.values, run.weights(trial), samples, states=found, full=True)

    with one_thread(), ThreadPoolExecutor(cores()) as threads:
        for trial, text in zip(trials, threads.map(full, trials), strict=True):
            run.store.set_narrowing(trial.number, text)
    return trials


def _states(run: RunFolder, trial: Trial) -> States | None:
    return states_of_model(trained_network(run, trial), run.windows, full=True)


def one_thread() -> AbstractContextManager[Any]:
    """Have linear algebra keep to the thread it is called from while the body runs.

    Its own threads wait actively; beside trials in training they make the measures ten times as dear
    (measured). The limit is that of the process, so only one thread may set it.
    """
    return _libraries().limit(limits=1)


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def read_and_emitted(scaling: str, windows: Windows, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what the first layer reads, (rows, lookback, inputs), and what the readout should emit.

    Args:
        scaling: `standard`, `last` or `none`.
        windows: the data.
        rows: first-target rows of the windows.
    """
    inputs, targets, scaler = windows.inputs(rows), windows.targets(rows), windows.scaler
    numbers = scaling_of(scaling, inputs.shape[2], targets.shape[2], scaler.mean, scaler.std)
    return numbers.read_and_emitted(inputs, targets)
