"""Floors: the simple forecasts that every result is held against, on the very same windows.

A forecaster that does not beat the last value, the value one season back and a linear autoregression
has learned nothing worth its cost. A floor is a function (windows, rows) -> float64 (windows, horizon,
targets) in raw units; `rows` are the rows of the first targets, as in `Windows.parts`. To add a
floor, write one such function and name it in `FLOORS`. The autoregression (`ridge_floor`) comes last: it is
fitted first, and tells how many rows it reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .ridge_floor import ridge_floor
from .windows import Windows

Floor = Callable[[Windows, np.ndarray], np.ndarray]


def last_value(windows: Windows, rows: np.ndarray) -> np.ndarray:
    """Return the target's last value before each window, repeated over the horizon.

    f(t + h) = y(t), with t the row before the first target: the forecast of a random walk.

    Args:
        windows: the data; only its raw values are used.
        rows: int64 (windows,), row of the first target of each window.

    Returns:
        float64 (windows, horizon, targets), raw units.
    """
    last = windows.series.values[rows - 1, None, : len(windows.series.targets)]
    return np.repeat(last, windows.horizon, axis=1)


def seasonal_naive(windows: Windows, rows: np.ndarray) -> np.ndarray:
    """Return the target's last full season before each window, repeated over the horizon.

    f(t + h) = y(t + h - m ceil(h / m)), h = 1 .. horizon, with t the row before the first target and
    m the rows of a season. The season is read from the series, also where m exceeds the lookback.

    Args:
        windows: the data; `windows.series.season` is m, 1 makes this the last value.
        rows: int64 (windows,), row of the first target of each window.

    Returns:
        float64 (windows, horizon, targets), raw units. A window with less than one season of its
        unbroken stretch before it gets its last value instead.

    Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 5.2.
    """
    season, starts = windows.series.season, windows.series.starts
    back = np.arange(windows.horizon) % season - season
    # A season may be longer than all that was before a window, which gets its last value below.
    forecast = windows.series.values[np.maximum(rows[:, None] + back, 0), : len(windows.series.targets)]
    first = starts[np.searchsorted(starts, rows, side="right") - 1]
    short = rows - season < first
    forecast[short] = last_value(windows, rows[short])
    return forecast


FLOORS: dict[str, Floor] = {"last value": last_value, "seasonal naive": seasonal_naive}
RIDGE, RIDGE_WINDOW = "ridge autoregression", "ridge on the window"


@dataclass(frozen=True, eq=False)
class Floors:
    """The forecasts of all floors for the same windows.

    Args:
        forecasts: float64 (windows, horizon, targets) in raw units, by the floor's name.
        reads: rows that the ridge autoregression reads, by target, where they are more than the lookback.
    """

    forecasts: dict[str, np.ndarray]
    reads: dict[str, int] = field(default_factory=dict)


def floors(windows: Windows, part: str = "test") -> Floors:
    """Return the forecast of every floor for all windows of one part.

    Args:
        windows: the data.
        part: `validation` or `test`.

    "seasonal naive" is left out where the series has no season (`season` 1): there it is the last value.
    "ridge on the window" stands beside "ridge autoregression" where that reads more: a longer past is chosen
    on validation, and where that was luck it must not make the floor a lower one.
    """
    rows = windows.parts[part]
    season = windows.series.season > 1
    forecasts = {
        name: floor(windows, rows) for name, floor in FLOORS.items() if season or floor is last_value
    }
    ridge = ridge_floor(windows)
    forecasts[RIDGE] = ridge.forecast(rows)
    reads = {
        target: read
        for target, read in zip(windows.series.targets, ridge.reads, strict=True)
        if read > windows.lookback
    }
    if reads:
        forecasts[RIDGE_WINDOW] = ridge.own.forecast(rows)
    return Floors(forecasts, reads)
