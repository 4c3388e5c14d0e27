"""The best trial against each floor on the test part: better, worse, about equal, or not to be told.

One rule for each floor and target, on the ratio of the model's error (RMSE, MAE or MASE) to the floor's:

    beats          the 95 % interval of the ratio lies below 1, and the error is lower by 1 % or more
    is beaten by   the interval lies above 1, and the error is higher by 1 % or more
    about equal    the rest
    cannot tell    there is no interval, as the test windows begin at too few moments (`chance`)
    undefined      an error is no finite number; such a one is never better than another

The interval tells what other test windows could have shown, not what another seed could.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..series.by_series import BySeries, scored
from ..series.floors import Floors, floors
from ..series.windows import Windows
from .chance import Interval, needed, ratio_interval

BEATS, BEATEN, EQUAL = "beats", "is beaten by", "about equal"
CANNOT_TELL, UNDEFINED = "cannot tell", "undefined"
LEAST = 0.01
"""A difference below this share of the floor's error is none: another seed makes as much."""


@dataclass(frozen=True)
class Comparison:
    """The model and one floor, for one target.

    Args:
        word: what is said of them; one of the five above.
        ratio: the model's error over the floor's; NaN where one is undefined.
        low: lower end of its 95 % interval; None where there is none.
        high: upper end, likewise.
    """

    word: str
    ratio: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Against:
    """The model and all floors on the same windows.

    Args:
        table: scores by forecast, target and metric; the first forecast is the model's.
        metric: `RMSE`, `MAE` or `MASE`, which decides.
        found: comparisons by target and floor.
        moments: at so many different times windows begin.
        needed: at so many they must begin for an interval.
        horizon: rows of a forecast.
    """

    table: Mapping[str, Mapping[str, Mapping[str, float]]]
    metric: str
    found: Mapping[str, Mapping[str, Comparison]]
    moments: int
    needed: int
    horizon: int

    @property
    def model(self) -> str:
        """What the model is called."""
        return next(iter(self.table))

    def error(self, forecast: str, target: str) -> float:
        """Return the error of a forecast, raw units."""
        return self.table[forecast][target][self.metric]

    @property
    def plain(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The comparisons as JSON-able data, by floor and target as the scores are."""
        floors = list(self.table)[1:]
        return {name: {target: asdict(one[name]) for target, one in self.found.items()} for name in floors}


def with_floors(
    model: str, forecast: np.ndarray, windows: Windows, rows: np.ndarray, metric: str
) -> tuple[Against, Floors]:
    """Return how a model compares with each floor, and the floors.

    Args:
        model: what it is called.
        forecast: float64 (windows, horizon, targets), raw units.
        windows: the data.
        rows: int64 (windows,), row of the first target of each test window.
        metric: `RMSE`, `MAE` or `MASE`, which decides.
    """
    simple = floors(windows)
    return compared({model: forecast} | simple.forecasts, windows, rows, metric), simple


def compared(forecasts: Mapping[str, np.ndarray], windows: Windows, rows: np.ndarray, metric: str) -> Against:
    """Return how the model compares with each floor.

    Args:
        forecasts: float64 (windows, horizon, targets), raw units; the first one is the model's.
        windows: the data.
        rows: int64 (windows,), row of the first target of each window.
        metric: `RMSE`, `MAE` or `MASE`, which decides.
    """
    actual, moments, horizon = windows.raw_targets(rows), windows.moments[rows], windows.horizon
    table = scored(forecasts, windows, rows)
    # Of series that differ in size each counts by its own scale.
    share = BySeries(windows, rows).share if metric == "MASE" else np.ones((1, 1, actual.shape[2]))
    found = {}
    for column, target in enumerate(windows.series.targets):
        errors = {
            name: np.abs(forecast[..., column] - actual[..., column]) * share[..., column]
            for name, forecast in forecasts.items()
            if math.isfinite(table[name][target][metric])
        }
        model, *floors = forecasts
        found[target] = {
            floor: _compared(errors[model], errors[floor], moments, root=metric == "RMSE")
            if model in errors and floor in errors
            else Comparison(UNDEFINED, math.nan)
            for floor in floors
        }
    return Against(table, metric, found, len(np.unique(moments)), needed(moments, horizon), horizon)


def _compared(ours: np.ndarray, theirs: np.ndarray, moments: np.ndarray, *, root: bool) -> Comparison:
    """Compare two forecasts by their absolute errors, (windows, horizon)."""
    # A common factor leaves the ratio as it is; squares of very large or small errors stay numbers.
    unit = max(ours.max(), theirs.max()) or 1.0
    losses = [((error / unit) ** (2 if root else 1)).sum(axis=1) for error in (ours, theirs)]
    return judged(ratio_interval(np.stack(losses, axis=1), moments, ours.shape[1], root=root))


def judged(found: Interval) -> Comparison:
    """Return what is said of a ratio and its interval."""
    if found.low is None or found.high is None:
        return Comparison(CANNOT_TELL, found.ratio)
    word = EQUAL
    if found.high < 1 and found.ratio <= 1 - LEAST:
        word = BEATS
    if found.low > 1 and found.ratio >= 1 + LEAST:
        word = BEATEN
    return Comparison(word, found.ratio, found.low, found.high)
