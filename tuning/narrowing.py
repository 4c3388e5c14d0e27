"""What the narrowings of a trial did, measured on validation windows, which it was not trained on.

The measures want what the first LSTM layer reads and what the readout emits. Scaling is inside the model
(`search_spaces.network`), so it is done here once more, in NumPy:

    last   inputs and targets less the last value of the target
    none   inputs and targets in raw units
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache, lru_cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from ..callbacks.narrowing import MOST_ROWS, ROWS_PER_UNIT, Narrowing, Sample, lstm_states, measure
from .runs.run import Run
from .runs.store import TrialRow
from .series.windows import Windows

FEW_ROWS = 400
"""Rows for the measures that every trial gets, or what a verdict on its widest layer asks for."""
STEP_ROWS = 100
"""Numbers of rows are rounded up to its multiples, so that few samples serve all trials."""
MOST_SAMPLES = 32


class Samples:
    """Validation windows for the measures, always the same ones; cut once for all trials that read the same.

    Args:
        windows: the data.
    """

    def __init__(self, windows: Windows) -> None:
        self._windows = windows
        self._sample = lru_cache(MOST_SAMPLES)(self._make)

    def of(self, values: Mapping[str, Any], weights: Sequence[np.ndarray], *, full: bool = False) -> Sample:
        """Return the windows for a trial with these hyperparameters and weights.

        Args:
            values: hyperparameters.
            weights: as in its `Outcome`.
            full: whether all measures are taken, on `MOST_ROWS` windows, or the quick ones on fewer.
        """
        widest = max(len(recurrent) for recurrent in weights[1:-2:3])
        wanted = max(FEW_ROWS, math.ceil(ROWS_PER_UNIT * widest / STEP_ROWS) * STEP_ROWS)
        lookback = int(values.get("lookback", self._windows.lookback))
        return self._sample(str(values["scaling"]), lookback, MOST_ROWS if full else min(wanted, MOST_ROWS))

    def _make(self, scaling: str, lookback: int, wanted: int) -> Sample:
        windows = self._windows
        rows = windows.parts["validation"]
        drawn = np.random.default_rng(0).choice(len(rows), min(len(rows), wanted), replace=False)
        rows = rows[np.sort(drawn)]
        inputs, targets = read_and_emitted(scaling, windows, rows)
        return Sample(inputs[:, -lookback:], targets, span=windows.lookback + windows.horizon, times=rows)


def narrowing_of(
    values: Mapping[str, Any], weights: Sequence[np.ndarray], samples: Samples, *, full: bool = False
) -> Narrowing:
    """Return the measures of a trained trial of a `StackedLSTM`; see `Samples.of`.

    Raises:
        ValueError: when the trial diverged.
    """
    sample = samples.of(values, weights, full=full)
    return measure(lstm_states(weights, sample.inputs), sample, full=full)


def measure_trial(
    values: Mapping[str, Any], weights: Sequence[np.ndarray], samples: Samples, *, full: bool = False
) -> str:
    """Return `narrowing_of` as the JSON that the store keeps and `recorded_trial` reads."""
    narrowing = narrowing_of(values, weights, samples, full=full)
    summary = {name: value for name, value in narrowing.summary().items() if not math.isnan(value)}
    return json.dumps({"summary": summary, "measured": narrowing.to_plain()}, separators=(",", ":"))


def measure_best(run: Run, samples: Samples, count: int = 10) -> list[TrialRow]:
    """Take all measures of the best trials whose weights were kept; return these trials, best first."""
    rows = [row for row in run.store.best(count) if run.paths.weights(row.number).exists()]
    with one_thread(), ThreadPoolExecutor(os.cpu_count()) as threads:
        found = threads.map(lambda row: measure_trial(row.values, run.weights(row), samples, full=True), rows)
        for row, text in zip(rows, found, strict=True):
            run.store.set_narrowing(row.number, text)
    return rows


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
    inputs, targets = windows.inputs(rows), windows.targets(rows)
    count = targets.shape[2]
    if scaling == "last":
        last = inputs[:, -1:, :count].copy()
        targets = targets - last
        inputs = inputs.copy()
        inputs[:, :, :count] -= last
    elif scaling == "none":
        mean, std = windows.scaler.mean, windows.scaler.std
        inputs = inputs.copy()
        inputs[:, :, : len(mean)] = inputs[:, :, : len(mean)] * std + mean
        targets = targets * std[:count] + mean[:count]
    return inputs, targets


def sentences(narrowing: Narrowing) -> list[str]:
    """Return what the measures say, in plain sentences: the effective widths, then each boundary."""
    widths = ", ".join(
        f"{effective:.0f} of {layer.units}"
        for effective, layer in zip(narrowing.effective_widths, narrowing.layers, strict=True)
    )
    said = [f"Units that do different work (effective rank), input to output: {widths}."]
    met = [narrowing.entry] if narrowing.entry else []
    for boundary in (*met, *narrowing.boundaries):
        word = boundary.verdict.word
        said.append(f"{word[0].upper()}{word[1:]}. From {boundary.verdict.sentence}")
    return said
