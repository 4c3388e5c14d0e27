"""What the answer keeps of the units of the best trial: gates and states over a few windows of the test part.

The windows are those of the largest, of a middling and of the smallest error, as a share of the target's
standard deviation, and others evenly spaced in time, which take the targets in turns. Of a large network
fewer windows are kept, then every second step, every third, and so on; of one that is larger still, none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from ...callbacks import unit_record as bounds
from ...callbacks.curve import rounded, thinned
from ...callbacks.narrowing.gates import lstm_gates
from ...callbacks.unit_record import Packed, UnitLayer, UnitRecord, UnitWindow
from ...search_spaces.linear import stack_weights
from ..models.intervals import series_of
from ..models.samples import Reads, Samples
from ..series.by_series import BySeries
from .kept_numbers import about_times, digits_of, plain, times_of

if TYPE_CHECKING:
    from ...search_spaces.reading import Reading
    from ...search_spaces.trial import Trial
    from ..engines.base import Engine
    from ..runs.folder import RunFolder
    from ..series.windows import Windows

OWN_SPACE = (
    "What single units do is shown of the networks that narrows builds itself, and this run searched a space "
    "of your own: the same search with its StackedLSTM shows it."
)
NO_NUMBERS = (
    "The weights of this trial are not all numbers, so its units have no states to show: search again with "
    "smaller learning rates."
)
TOO_MANY = (
    "This network has {units:,} units, and what each one does is kept of at most {most:,}: search again with "
    "fewer units to look at them."
)


def units_of(run: RunFolder, engine: Engine, best: Trial, forecast: np.ndarray, metric: str) -> UnitRecord:
    """Return what is kept of the best trial of a run; see `kept_units`."""
    if not engine.space.is_stack:
        return UnitRecord(OWN_SPACE)
    samples = Samples(engine.windows, run.job["identity"]["loss"])
    return kept_units(best, run.weights(best), forecast, samples, metric)


def kept_units(
    trial: Trial, weights: Sequence[np.ndarray], forecast: np.ndarray, samples: Samples, metric: str
) -> UnitRecord:
    """Return what is kept.

    Args:
        trial: of a `StackedLSTM`.
        weights: as in its `Outcome`.
        forecast: of all test windows, float64 (windows, horizon, targets), raw units.
        samples: of the data.
        metric: `RMSE`, `MAE` or `MASE`.
    """
    windows = samples.windows
    stack = stack_weights(weights, len(trial.units))[:-2]
    if not all(np.isfinite(one).all() for one in stack):
        return UnitRecord(NO_NUMBERS)
    # What is read does not depend on the linear forecast, which takes time to learn.
    reads = replace(Reads.of(trial.values, windows), linear=False)
    units, rows = sum(trial.units), windows.parts["test"]
    room = fitting(units, reads.reading.steps, len(rows))
    if room is None:
        least = bounds.BYTES_OF_UNIT + bounds.BYTES_OF_STEP * bounds.LEAST_STEPS * bounds.LEAST_WINDOWS
        return UnitRecord(TOO_MANY.format(units=units, most=bounds.STATE_BYTES // least))
    count, every = room
    errors = _errors(windows.raw_targets(rows) - forecast, metric)
    chosen = _chosen(errors / np.reshape(windows.size(rows).scale, (-1, errors.shape[1])), count)
    if metric == "MASE":
        errors = errors / BySeries(windows, rows).unit[:, 0]
    steps, ends, points = _geometry(reads.reading, every)
    read, _ = samples.read_and_emitted(reads, rows[[window for window, _, _ in chosen]])
    if reads.reading.apart:
        read = read[[place * errors.shape[1] + target for place, (_, target, _) in enumerate(chosen)]]
    gates = lstm_gates(stack, read, steps)
    owners = series_of(windows, rows)
    return UnitRecord(
        why="",
        metric=metric,
        **about_times(windows),
        targets=errors.shape[1],
        panel=len(set(windows.series.ids)) > 1,
        segment=reads.reading.segment,
        every=every,
        rows=tuple(points),
        steps=tuple(points.index(end) for end in ends),
        windows=tuple(
            UnitWindow(
                series=str(owners[window]) if len(set(windows.series.ids)) > 1 else "",
                why=why,
                error=rounded(float(errors[window, target])),
                **_points(windows, int(rows[window]), points, target, forecast[window, :, target]),
            )
            for window, target, why in chosen
        ),
        layers=tuple(
            UnitLayer(units, **{kind: Packed.of(values) for kind, values in one._asdict().items()})
            for units, one in zip(trial.units, gates, strict=True)
        ),
    )


def fitting(units: int, steps: int, windows: int) -> tuple[int, int] | None:
    """Return how many windows are kept, and each how many-th step; None where nothing fits.

    Args:
        units: of all layers together.
        steps: of a window.
        windows: that there are.
    """
    most = max(bounds.STATE_BYTES // units - bounds.BYTES_OF_UNIT, 0) // bounds.BYTES_OF_STEP
    every = -(-steps // bounds.STEPS)
    fits = most // -(-steps // every)
    count = min(max(fits, bounds.LEAST_WINDOWS), bounds.WINDOWS, windows)
    if most // count < min(steps, bounds.LEAST_STEPS):
        return None
    return count, max(every, -(-steps // (most // count)))


def _geometry(reading: Reading, every: int) -> tuple[list[int], list[int], list[int]]:
    """Return the steps that are kept, the rows at which they end, and the rows of all points.

    Steps count from 0, rows from the first target.
    """
    steps = list(range(reading.steps - 1, -1, -every))[::-1]
    ends = [(step + 1) * reading.segment - 1 - reading.lookback for step in steps]
    spread = thinned(reading.lookback + reading.horizon, reading.lookback, bounds.ROWS)
    return steps, ends, sorted({*ends, *(place - reading.lookback for place in spread)})


def _errors(residuals: np.ndarray, metric: str) -> np.ndarray:
    """Return the error of each window and target; infinite where it is no number."""
    with np.errstate(over="ignore", invalid="ignore"):
        squared = metric == "RMSE"
        errors = np.sqrt(np.square(residuals).mean(axis=1)) if squared else np.abs(residuals).mean(axis=1)
    return np.nan_to_num(errors, nan=np.inf, posinf=np.inf)


def _chosen(errors: np.ndarray, count: int) -> list[tuple[int, int, str]]:
    """Return window, target and why it is kept, in the order of time; no window twice.

    Args:
        errors: (windows, targets), comparable.
        count: at most the windows.
    """
    windows, targets = errors.shape
    order = np.argsort(errors, axis=None, kind="stable")[::-1]
    middle = order[np.argsort(np.abs(np.arange(len(order)) - (len(order) - 1) / 2), kind="stable")]
    spread = np.linspace(0, windows - 1, max(count - 3, 0)).round().astype(int)
    # One that is kept for another reason leaves its place to any other.
    even = [window * targets + place % targets for place, window in enumerate([*spread, *range(count)])]
    found: dict[int, tuple[int, str]] = {}
    for why, candidates, most in (
        (bounds.LARGEST, order, 1),
        (bounds.MIDDLING, middle, 1),
        (bounds.SMALLEST, order[::-1], 1),
        (bounds.EVEN, even, count),
    ):
        fresh = (one for one in candidates if one // targets not in found)
        for one in islice(fresh, min(most, count - len(found))):
            found[int(one // targets)] = int(one % targets), why
    return [(window, *found[window]) for window in sorted(found)]


def _points(
    windows: Windows, row: int, points: Sequence[int], target: int, forecast: np.ndarray
) -> dict[str, Any]:
    """Return what a window has of one target, whose first row is `row`, at the points."""
    there = row + np.asarray(points)
    actual = windows.series.values[there, target]
    digits = digits_of(actual)
    return {
        "row": row,
        "target": windows.series.targets[target],
        "times": times_of(windows, there),
        "actual": plain(actual, digits),
        "forecast": plain(forecast[[place for place in points if place >= 0]], digits),
    }
