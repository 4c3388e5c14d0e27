"""What the answer keeps of the forecasts of the test part: lines to draw, and errors by step of the horizon.

Of many series some are chosen, about a quarter each: those of the largest, of middling and of the smallest
error, as a share of the spread of the series, and those of the largest values. Of a long test part the newest
rows are kept. Numbers are rounded to what can be seen (`kept_numbers`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ...callbacks.curve import rounded, thinned
from ...callbacks.forecast_record import LINES, POINTS, POINTS_OF_LINE, Ends, ForecastRecord, Line
from ..models.intervals import LEVEL, interval_of, series_of
from ..series.by_series import BySeries
from ..series.windows import ahead
from .kept_numbers import about_times, digits_of, plain, times_of

if TYPE_CHECKING:
    from ..series.windows import Windows
    from .against import Against


def kept_forecasts(forecasts: Mapping[str, np.ndarray], against: Against, windows: Windows) -> ForecastRecord:
    """Return what is kept.

    Args:
        forecasts: of all test windows, float64 (windows, horizon, targets), raw units; the model's first.
        against: how they compare.
        windows: the data.
    """
    series, rows = windows.series, windows.parts["test"]
    model, *others = forecasts
    own, actual, owner = forecasts[model], windows.raw_targets(rows), series_of(windows, rows)
    most_lines = max(min(LINES, POINTS // windows.horizon), 1)
    targets = dict(enumerate(series.targets[:most_lines]))
    floors = {
        target: min(others, key=lambda name: _least(against.error(name, target)))
        for target in targets.values()
    }
    chosen = [
        (column, name, why)
        for column in targets
        for name, why in _chosen(
            owner, actual[..., column], own[..., column], most_lines // len(targets)
        ).items()
    ]
    most = min(POINTS // len(chosen), POINTS_OF_LINE)
    unit = share = np.ones((len(rows), 1, len(series.targets)))
    if against.metric == "MASE":
        panel = BySeries(windows, rows)
        unit, share = panel.unit, panel.share
    lines = []
    for column, name, why in chosen:
        target, of = targets[column], np.flatnonzero(owner == name)
        missed = (actual[of, :, column] - own[of, :, column]) / unit[of, :, column]
        error = _by_step(missed, against.metric, axis=None)
        pair = own[..., column], forecasts[floors[target]][..., column]
        lines.append(
            _line(windows, column, of, pair, most, series=name, why=why, error=rounded(float(error)))
        )
    steps = thinned(windows.horizon)
    interval = interval_of(windows, own, LEVEL)
    return ForecastRecord(
        model=model,
        metric=against.metric,
        horizon=windows.horizon,
        **about_times(windows),
        targets=len(series.targets),
        series=len(set(owner)),
        level=LEVEL,
        lines=tuple(lines),
        floors=floors,
        ends={}
        if interval is None
        else {
            target: Ends(plain(interval.lower[:, column]), plain(interval.upper[:, column]))
            for column, target in targets.items()
        },
        steps=tuple(step + 1 for step in steps),
        errors={
            target: {
                name: plain(_by_step((actual - one)[..., column] * share[..., column], against.metric)[steps])
                for name, one in forecasts.items()
            }
            for column, target in targets.items()
        },
    )


def _least(error: float) -> float:
    return error if math.isfinite(error) else math.inf


def _by_step(residuals: np.ndarray, metric: str, axis: int | None = 0) -> np.ndarray:
    """Return the error of (windows, horizon) residuals at each step, or of all of them."""
    with np.errstate(over="ignore", invalid="ignore"):
        if metric == "RMSE":
            return np.asarray(np.sqrt(np.square(residuals).mean(axis=axis)))
        return np.asarray(np.abs(residuals).mean(axis=axis))


def _chosen(owner: np.ndarray, actual: np.ndarray, forecast: np.ndarray, most: int) -> dict[str, str]:
    """Return the series to keep, at least one and at most `most`, and why each one was chosen.

    Args:
        owner: id of the series of each window.
        actual: (windows, horizon), of one target.
        forecast: likewise.
        most: series.
    """
    there, number = np.unique(owner, return_inverse=True)
    names = [str(name) for name in there]
    if len(names) <= most:
        return dict.fromkeys(names, "")
    shares, sizes = {}, {}
    of_each = np.split(np.argsort(number, kind="stable"), np.cumsum(np.bincount(number))[:-1])
    for name, own in zip(names, of_each, strict=True):
        spread = actual[own].std() or actual.std() or 1.0
        shares[name] = _least(float(np.abs(actual[own] - forecast[own]).mean() / spread))
        sizes[name] = float(np.abs(actual[own]).mean())
    best, large = sorted(names, key=lambda name: shares[name]), sorted(names, key=lambda name: -sizes[name])
    rank = {name: place for place, name in enumerate(best)}
    middle = sorted(names, key=lambda name: abs(rank[name] - (len(names) - 1) / 2))
    reasons = {
        "large error": best[::-1],
        "middling error": middle,
        "small error": best,
        "large values": large,
    }
    found: dict[str, str] = {}
    # In turns, so that each reason has its share whatever `most` is.
    for place in range(len(names)):
        for why, order in reasons.items():
            if len(found) < most:
                found.setdefault(order[place], why)
    return {name: why for why in reasons for name, own in found.items() if own == why}


def _line(
    windows: Windows,
    column: int,
    of: np.ndarray,
    pair: tuple[np.ndarray, np.ndarray],
    most: int,
    *,
    series: str,
    why: str,
    error: float | None,
) -> Line:
    """Return the line of one target of one series.

    Args:
        windows: the data.
        column: of the target.
        of: which test windows are of the series.
        pair: forecasts (windows, horizon) of the model and of the best floor.
        most: points.
    """
    horizon, rows = windows.horizon, windows.parts["test"][of]
    picked = _apart(rows, horizon, max(most // horizon, 1))
    starts = rows[picked]
    shown = ahead(starts, horizon).ravel()
    actual = windows.series.values[shown, column]
    own, floor = (one[of[picked]].ravel() for one in pair)
    digits = digits_of(actual)
    first = np.unique(ahead(rows, horizon))
    sizes = () if windows.own is None else plain(windows.size(starts).scale[:, 0, column])
    return Line(
        target=windows.series.targets[column],
        series=series,
        why=why,
        error=error,
        times=times_of(windows, shown),
        actual=plain(actual, digits),
        forecast=plain(own, digits),
        floor=plain(floor, digits),
        after_gap=tuple(int(place) for place in np.flatnonzero(np.diff(starts) != horizon) + 1),
        earlier=int((first < shown[0]).sum()),
        sizes=sizes,
    )


def _apart(rows: np.ndarray, horizon: int, most: int) -> list[int]:
    """Return places of windows that share no row, the newest `most` of them, in order."""
    picked: list[int] = []
    place, end = len(rows) - 1, math.inf
    while place >= 0 and len(picked) < most:
        if rows[place] + horizon <= end:
            picked.append(place)
            end = rows[place]
        place -= 1
    return picked[::-1]
