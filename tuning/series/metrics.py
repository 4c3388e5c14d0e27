"""Metrics: the error of forecasts, per target, in the target's own units where it has units.

Notation: y the actual value, f the forecast, both (windows, horizon, targets). Every metric averages
over windows and steps of the horizon with equal weight, and never over targets. All are 0 for a
perfect forecast, smaller is better.
"""

from __future__ import annotations

import numpy as np

from .windows import Windows

METRICS = ("MAE", "RMSE", "MASE", "sMAPE")


def scores(actual: np.ndarray, forecast: np.ndarray, windows: Windows) -> dict[str, dict[str, float]]:
    """Return every metric of `METRICS` for every target.

    Args:
        actual: float (windows, horizon, targets), raw units, such as `Windows.raw_targets` gives.
        forecast: the same shape, raw units.
        windows: the data, for the names of the targets and the scale of the MASE.

    Returns:
        {target: {"MAE": raw units, "RMSE": raw units, "MASE": no unit, "sMAPE": percent, 0 to 200}}.
        MASE is NaN where `mase_scale` is. A forecast that is not finite gives metrics that are not finite.

    Raises:
        ValueError: "actual and forecast must both be (windows, horizon, targets) ..." when shapes
            differ or there is nothing to average.
    """
    targets = windows.series.targets
    if not actual.shape == forecast.shape == (*actual.shape[:2], len(targets)) or not actual.size:
        raise ValueError(
            f"actual and forecast must both be (windows, horizon, targets) with {len(targets)} targets, "
            f"not {actual.shape} and {forecast.shape}"
        )
    found = {}
    for column, (name, scale) in enumerate(zip(targets, mase_scale(windows), strict=True)):
        y, f = (np.asarray(a[..., column], np.float64) for a in (actual, forecast))
        error = mae(y, f)
        found[name] = dict(zip(METRICS, (error, rmse(y, f), error / float(scale), smape(y, f)), strict=True))
    return found


def mae(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Return the mean absolute error, mean |y - f|, in the unit of y, 0 or more.

    Args:
        actual: float, any shape; the mean is over all of it.
        forecast: the same shape and unit.

    >>> mae(np.array([1.0, 3.0]), np.array([2.0, 0.0]))
    2.0
    """
    with np.errstate(over="ignore"):
        return float(np.abs(actual - forecast).mean())


def rmse(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Return the root mean squared error, sqrt(mean (y - f)^2), in the unit of y, 0 or more.

    One root of one mean over windows and steps, not a mean of roots.

    Args:
        actual: float, any shape; the mean is over all of it.
        forecast: the same shape and unit.

    Numerics: float64; an error below about 1e-162 squares to 0, one above 1e154 to inf.

    >>> rmse(np.array([1.0, 3.0]), np.array([0.0, -4.0]))
    5.0
    """
    with np.errstate(over="ignore"):
        return float(np.sqrt(np.square(actual - forecast).mean()))


def smape(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Return the symmetric mean absolute percentage error, mean 200 |y - f| / (|y| + |f|).

    Args:
        actual: float, any shape; the mean is over all of it.
        forecast: the same shape and unit.

    Returns:
        Percent, 0 to 200. A single term is 200 wherever the signs differ or one of both is 0, so it
        tells little about values around 0.

    Edge cases: 0 / 0, a forecast of 0 for a value of 0, counts as 0. An infinite forecast gives NaN.

    Source: Makridakis 1993 with absolute values below, as in the M4 competition; other definitions
    go from 0 to 100, or lack the absolute values and can be negative.

    >>> smape(np.array([100.0, 0.0]), np.array([300.0, 0.0]))
    50.0
    """
    return float(200 * shares(actual, forecast).mean())


def shares(actual: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    """Return |y - f| / (|y| + |f|), 0 to 1, in the shape of both; see `smape`."""
    error, size = np.abs(actual - forecast), np.abs(actual) + np.abs(forecast)
    with np.errstate(invalid="ignore"):
        found: np.ndarray = np.divide(error, size, out=np.zeros(error.shape), where=size != 0)
    return found


def mase_scale(windows: Windows) -> np.ndarray:
    """Return what a mean absolute error is divided by to give the MASE.

    q = mean |y(t) - y(t - m)| over the training rows t whose row t - m lies in the same unbroken
    stretch, the targets of both measured; m is the rows of a season, 1 where the series has none. A MASE
    below 1 is a smaller mean error than that of the one-step (m = 1) or seasonal naive forecast inside the
    training part.

    Args:
        windows: the data; only training rows are read.

    Returns:
        float64 (targets,), raw units, above 0; one scale for all series of the data (`by_series` has one
        for each). NaN, never a made-up number, where no stretch has more than m
        training rows, or where the training rows repeat each season to rounding (q = 0).

    Source: Hyndman & Koehler 2006, "Another look at measures of forecast accuracy", section 3; there
    m = 1, the seasonal form is from Hyndman & Athanasopoulos, 3rd ed., section 5.8.

    A series 1, 3, 2, 6 trained on wholly, without season: q = (2 + 1 + 4) / 3.
    """
    series, season = windows.series, windows.series.season
    known = series.known
    train = (windows.part_of_row == 0) & known
    first = np.repeat(series.starts, series.ends - series.starts)
    rows = np.flatnonzero(train & (np.arange(series.rows) - season >= first))
    rows = rows[known[rows - season]]
    values = series.values[:, : len(series.targets)]
    if not len(rows):
        return np.full(len(series.targets), np.nan)
    scale = np.abs(values[rows] - values[rows - season]).mean(axis=0)
    return np.where(scale > 1e-12 * np.abs(values[train]).max(axis=0), scale, np.nan)
