"""How numbers and times of a series are kept to be drawn.

Numbers are rounded to what can be seen, five digits of the spread of what is drawn together; times are as
people read them, in the zone of the series.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ...callbacks.curve import DIGITS, rounded
from ..series.words import time_text
from ..series.zones import to_local

if TYPE_CHECKING:
    from ..series.windows import Windows

MOST_DIGITS = 12


def times_of(windows: Windows, rows: np.ndarray) -> tuple[str, ...]:
    """Return when each row was: a text that begins with the date, or a number as text."""
    series = windows.series
    if series.times is None:
        return tuple(str(moment) for moment in windows.moments[rows])
    times = series.times[rows]
    if times.dtype.kind == "M":
        times = to_local(times, series.zone)
    return tuple(time_text(time) for time in times)


def about_times(windows: Windows) -> dict[str, Any]:
    """Return the title of the axis of time as `time`, and whether times are dates as `dates`."""
    series = windows.series
    return {
        "time": "row" if series.times is None else ", ".join(series.time_columns) or "time",
        "dates": series.times is not None and series.times.dtype.kind == "M",
    }


def digits_of(values: np.ndarray) -> int:
    """Return with how many digits these values are told from one another."""
    spread, size = float(np.ptp(values)), float(np.abs(values).max())
    if not (0 < spread < math.inf and size > spread):
        return DIGITS
    return min(DIGITS + math.ceil(math.log10(size / spread)), MOST_DIGITS)


def plain(values: np.ndarray, digits: int = DIGITS) -> tuple[float | None, ...]:
    """Return rounded numbers; None where one is not finite."""
    return tuple(rounded(float(value), digits) for value in values)
