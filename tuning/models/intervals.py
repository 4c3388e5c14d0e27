"""Prediction intervals: how far what came lay from the forecasts of the test part, which chose nothing.

With r = actual - forecast of n test windows, for each step of the horizon and each target by itself:

    lower = forecast + the floor((n + 1) a / 2)-th smallest r        a = 1 - level
    upper = forecast + the ceil((n + 1) (1 - a / 2))-th smallest r

Split conformal prediction with a tail on either side: where windows are exchangeable, a new value lies
outside with a probability of a at most. Windows of a series are so only as long as it goes on as it did. How
well that holds is seen within the test part: intervals from one half are tried on the other, both ways round.

Sources: Vovk, Gammerman & Shafer 2005; Lei et al. 2018, "Distribution-free predictive inference for
regression" (theirs takes |r|, which is the same on both sides).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import norm

from ...search_spaces.errors import UserError

if TYPE_CHECKING:
    from ..series.windows import Windows

LEVEL = 90.0
MOST_NAMED = 200
"""Series beyond which coverage is told of all of them together alone."""
FEWEST = 6
"""Windows that do not share a target; from fewer no interval is made."""


@dataclass(frozen=True, eq=False)
class Interval:
    """What is added to a forecast for its lower and its upper end.

    Args:
        level: percent of what comes that is to lie between them.
        lower: float64 (horizon, targets), raw units, or sizes of the window (`Windows.unit`).
        upper: likewise.
    """

    level: float
    lower: np.ndarray
    upper: np.ndarray

    @classmethod
    def of(cls, residuals: np.ndarray, level: float) -> Interval:
        """Return the interval of residuals (windows, horizon, targets), of which there are `enough`."""
        ordered, count = np.sort(residuals, axis=0), len(residuals)
        tail = (1 - level / 100) / 2
        # A share of 1 % of 100 is one residual, not almost one.
        low = math.floor((count + 1) * tail + 1e-9)
        high = math.ceil((count + 1) * (1 - tail) - 1e-9)
        return cls(level, ordered[low - 1], ordered[high - 1])

    def held(self, residuals: np.ndarray) -> np.ndarray:
        """Return which residuals lie within, bool in their shape."""
        found: np.ndarray = (residuals >= self.lower) & (residuals <= self.upper)
        return found


def enough(moments: np.ndarray, horizon: int, level: float) -> bool:
    """Return whether residuals of so many windows make an interval.

    Args:
        moments: int (windows,), when each window is.
        horizon: windows that follow each other share targets for so many moments.
        level: percent.
    """
    different = len(np.unique(moments))
    return different >= max(FEWEST * horizon, _least(level))


def _least(level: float) -> int:
    """Windows from which on neither end is beyond all residuals."""
    return math.ceil(2 / (1 - level / 100) - 1e-9) - 1


def why_none(windows: Windows, level: float) -> str:
    """Return in a sentence why there is no interval."""
    moments, horizon = windows.moments[windows.parts["test"]], windows.horizon
    return (
        f"no {level:g}% interval: the test windows begin at {len(np.unique(moments)):,} different times, and "
        f"it takes {max(FEWEST * horizon, _least(level)):,}; more data, a longer test part (--split) or a "
        "lower --level would do"
    )


def check_level(level: float) -> None:
    """Raise a `UserError` for a level that is none."""
    if not 50 <= level <= 99.9:
        raise UserError(
            f"level: {level:g} is outside 50 to 99.9 (percent of what comes that is to lie within)"
        )


def interval_of(windows: Windows, forecast: np.ndarray, level: float) -> Interval | None:
    """Return the interval of a model; None where the test windows are too few.

    Args:
        windows: the data.
        forecast: of all test windows, float64 (windows, horizon, targets), raw units.
        level: percent.
    """
    rows = windows.parts["test"]
    if not enough(windows.moments[rows], windows.horizon, level):
        return None
    return Interval.of((windows.raw_targets(rows) - forecast) / windows.unit(rows), level)


def coverage(residuals: np.ndarray, moments: np.ndarray, horizon: int, level: float) -> np.ndarray | None:
    """Return which residuals lay within an interval made from the other half of the windows.

    Windows less than a horizon from the middle are left out, as they share targets with the other half.

    Args:
        residuals: float64 (windows, horizon, targets), raw units.
        moments: int (windows,), when each window is.
        horizon: rows of a forecast.
        level: percent.

    Returns:
        Float (windows, horizon, targets): 1 within, 0 outside, NaN for windows that are left out; None where
        a half is too short for an interval.
    """
    middle = np.median(np.unique(moments))
    halves = moments <= middle - horizon / 2, moments >= middle + horizon / 2
    if not all(enough(moments[half], horizon, level) for half in halves):
        return None
    found = np.full(residuals.shape, np.nan)
    for here, there in (halves, halves[::-1]):
        found[there] = Interval.of(residuals[here], level).held(residuals[there])
    return found


def band(level: float, moments: float, horizon: int, of: int = 1) -> tuple[float, float]:
    """Return between which percentages a coverage of `level` percent lies in 95 of 100 cases, by chance.

    As of independent windows, of which there are the moments divided by twice the horizon less one.

    Args:
        level: percent.
        moments: different times at which windows begin.
        horizon: rows of a forecast.
        of: coverages that are looked at; in 95 of 100 cases all of them lie within their bands (Bonferroni).
    """
    count = max(moments / (2 * horizon - 1), 1)
    far = 100 * norm.ppf(1 - 0.025 / of)
    off = far * math.sqrt(level / 100 * (1 - level / 100) / count)
    return max(level - off, 0.0), min(level + off, 100.0)


@dataclass(frozen=True)
class Share:
    """How much of what came lay in intervals.

    Args:
        held: percent.
        low: lower end of what chance makes of the level that was meant.
        high: upper end.
    """

    held: float
    low: float
    high: float

    @property
    def as_meant(self) -> bool:
        """Whether it is within what chance makes."""
        return self.low <= self.held <= self.high


@dataclass(frozen=True)
class Covered:
    """How often intervals from one half of the test part held in the other.

    Args:
        level: percent that was meant.
        whole: of all targets and series together.
        each: by target and series; empty where there is one of either, or more than `MOST_NAMED` series.
    """

    level: float
    whole: Share
    each: Mapping[str, Mapping[str, Share]]

    @classmethod
    def of(cls, residuals: np.ndarray, windows: Windows, level: float = LEVEL) -> Covered | None:
        """Return that of the residuals of all test windows, in their `Windows.unit`; None where there are too
        few."""
        rows, horizon = windows.parts["test"], windows.horizon
        moments = windows.moments[rows]
        held = coverage(residuals, moments, horizon, level)
        if held is None:
            return None
        tried = ~np.isnan(held[:, 0, 0])
        whole = Share(float(100 * held[tried].mean()), *band(level, len(np.unique(moments[tried])), horizon))
        names, owner = np.unique(series_of(windows, rows[tried]), return_inverse=True)
        targets = windows.series.targets
        count = len(names) * len(targets)
        if count == 1 or len(names) > MOST_NAMED:
            return cls(level, whole, {})
        times = np.bincount(owner)
        each = {
            target: {
                str(name): Share(float(100 * hits / of), *band(level, of, horizon, count))
                for name, hits, of in zip(
                    names, np.bincount(owner, held[tried, :, column].mean(axis=1)), times, strict=True
                )
            }
            for column, target in enumerate(targets)
        }
        return cls(level, whole, each)

    @property
    def plain(self) -> dict[str, Any]:
        """The same, JSON-able."""
        return asdict(self)


def series_of(windows: Windows, rows: np.ndarray) -> np.ndarray:
    """Return the id of the series of each row."""
    series = windows.series
    return np.asarray(series.ids)[np.searchsorted(series.starts, rows, side="right") - 1]
