"""Frequency: the step from row to row, and what follows from it: gaps, season, future times.

Steps are counted on the calendar: months as months, business days without weekends, days and
longer in local time. A name is a number and a unit: `10m` (minutes), `1h`, `1d`, `1bd` (business
day), `1w`, `1mo`, `1q`, `1y`; counted times have the plain number as their name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...search_spaces.errors import UserError
from .words import time_text
from .zones import to_local, to_utc

REGULAR_SHARE = 0.7
DAY = 86_400_000_000
UNITS = {"w": 7 * DAY, "d": DAY, "h": DAY // 24, "m": 60_000_000, "s": 1_000_000, "ms": 1000, "us": 1}
MONTHS = {"y": 12, "q": 3, "mo": 1}
MOST_ROWS = 10**9
"""In a season: beyond all series."""
FARTHEST = {"time": 10_000 * 366 * DAY, "month": 120_000, "business": 3_660_000, "count": 2**62}
"""How far a forecast may go, by the kind of its steps."""
NAME = re.compile(r"(\d+)(us|ms|s|m|h|d|bd|w|mo|q|y)$")


@dataclass(frozen=True)
class Frequency:
    """A regular step.

    Args:
        kind: `time` (a fixed duration), `month`, `business` (Monday to Friday) or `count`.
        step: microseconds, months, 1, or the counted step, by kind.
        zone: the zone whose wall clock the step is counted on; None counts on the times as they are.
        month_end: whether a step of months goes from the last day of a month to the last of another.
    """

    kind: str
    step: float
    zone: str | None = None
    month_end: bool = False

    @classmethod
    def parse(cls, name: str, zone: str | None = None, month_end: bool = False) -> Frequency:
        """Return the frequency of a name; the zone is used for steps of days and longer."""
        match = NAME.match(name)
        if not match:
            return cls("count", float(name))
        size, unit = int(match[1]), match[2]
        if unit == "bd":
            return cls("business", size, zone)
        if unit in MONTHS:
            return cls("month", size * MONTHS[unit], zone, month_end)
        step = size * UNITS[unit]
        return cls("time", step, zone if step % DAY == 0 else None)

    @property
    def name(self) -> str:
        """The name, such as `30m`, `1bd` or `1mo`."""
        if self.kind == "count":
            return f"{self.step:.12g}"
        if self.kind == "business":
            return f"{self.step:.0f}bd"
        units = MONTHS if self.kind == "month" else UNITS
        unit = next(unit for unit, size in units.items() if self.step % size == 0)
        return f"{int(self.step) // units[unit]}{unit}"

    @property
    def season(self) -> int:
        """Rows in the usual season, 1 when the step does not divide it.

        Below a day: rows in a day, down to steps of one minute (1440); rows in an hour for shorter
        steps. Days: a week. Weeks: 52 weeks. Business days: 5. Months and quarters: a year.
        """
        if self.kind == "count":
            return 1
        if self.kind == "business":
            return 5 // int(self.step) if 5 % self.step == 0 else 1
        if self.kind == "month":
            period = 12
        elif self.step % UNITS["w"] == 0:
            period = 52 * UNITS["w"]
        elif self.step >= DAY:
            period = UNITS["w"]
        else:
            period = DAY if self.step >= UNITS["m"] else UNITS["h"]
        return int(period // self.step) if period % self.step == 0 else 1

    def ratio(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Return float64, the time between two times over the step; whole where they keep the step."""
        before, after = self._wall(before), self._wall(after)
        if self.kind == "business":
            between = np.busday_count(_days(before), _days(after))
        elif self.kind == "month":
            between = (_months(after) - _months(before)).astype(np.int64)
        else:
            between = after - before if self.kind == "count" else (after - before).view(np.int64)
        return between / self.step

    def steps_between(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Return int64, how many steps lie between times, rounded to whole steps."""
        ratio = self.ratio(before, after)
        return np.rint(ratio, out=ratio).astype(np.int64)

    def add(self, times: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """Return the times that lie `steps` steps after `times`."""
        if self.kind == "count":
            return times + (steps * self.step).astype(times.dtype)
        wall = self._wall(times)
        if self.kind == "business":
            days = np.busday_offset(_days(wall), steps * int(self.step), roll="backward")
            moved = days.astype("datetime64[us]") + (wall - _days(wall))
        elif self.kind == "month":
            moved = self._add_months(wall, steps * int(self.step))
        else:
            moved = wall + (steps * int(self.step)).astype("timedelta64[us]")
        return to_utc(moved, self.zone)

    def _wall(self, times: np.ndarray) -> np.ndarray:
        return to_local(times, self.zone)

    def _add_months(self, wall: np.ndarray, months: np.ndarray) -> np.ndarray:
        month = _months(wall) + months.astype("timedelta64[M]")
        last = _days(month + 1) - 1
        if self.month_end:
            day = last
        else:
            day = np.minimum(_days(month) + (_days(wall) - _days(_months(wall))), last)
        return day.astype("datetime64[us]") + (wall - _days(wall))


def infer_frequency(times: np.ndarray, same: np.ndarray, zone: str | None = None) -> Frequency | None:
    """Return the most common step, or None for an irregular or too short series.

    Args:
        times: (rows,) datetime64[us] in UTC or naive, or numbers; ascending within each series.
        same: bool (rows - 1,), whether a row and the next belong to one series. All series count.
        zone: zone of the times.

    Returns:
        None when fewer than 70 % of the steps are a multiple of the most common one.
    """
    if not same.any():
        return None
    if not np.issubdtype(times.dtype, np.datetime64):
        return _common(np.diff(times)[same], "count")
    local = to_local(times, zone)
    clock = local.view(np.int64) % DAY
    if (clock != clock[0]).any():
        del clock
        return _common(np.diff(times)[same].view(np.int64), "time")
    months = _infer_months(local, same, zone)
    if months:
        return months
    found = _common(np.diff(local)[same].astype(np.int64), "time", zone)
    if found and found.step == DAY and _without_weekends(_days(local), same):
        return Frequency("business", 1, zone)
    return found


def future_times(
    last: np.datetime64 | float, frequency: str, count: int, zone: str | None = None
) -> np.ndarray:
    """Return the `count` times after `last`, as far apart as the name `frequency` says.

    Args:
        last: the last known time, in UTC when there is a zone, or a number for counted times.
        frequency: a name such as `1h`, or a number for counted times.
        count: how many times to return.
        zone: zone of the times; days and months are counted on its wall clock.

    Returns:
        (count,) datetime64[us], or numbers for counted times. A last time on the last day of its
        month is followed by last days of months.

    Raises:
        UserError: when times such as the last one, dates or numbers, do not go on in such steps.
    """
    steps = np.arange(1, count + 1)
    _refuse_step(last, frequency, count)
    if not isinstance(last, np.datetime64):
        step = float(frequency)
        whole = step == int(step) and float(last) == int(last)
        return Frequency("count", step).add(np.full(count, last, np.int64 if whole else np.float64), steps)
    times = np.full(count, last, "datetime64[us]")
    return named_frequency(frequency, times[:1], zone).add(times, steps)


def named_frequency(name: str, times: np.ndarray, zone: str | None = None) -> Frequency:
    """Return the frequency of a name for these times: whether months end with them is told by all of them.

    Raises:
        UserError: when times such as the last one, dates or numbers, do not go on in such steps.
    """
    _refuse_step(times[-1], name, 1)
    if not np.issubdtype(times.dtype, np.datetime64):
        return Frequency.parse(name)
    return Frequency.parse(name, zone, bool(_is_month_end(to_local(times, zone)).all()))


def _refuse_step(last: Any, frequency: str, count: int) -> None:
    dated = isinstance(last, np.datetime64)
    try:
        step = Frequency.parse(frequency)
        fits = 0 < step.step * count <= FARTHEST[step.kind] and dated == (step.kind != "count")
    except ValueError:
        fits = False
    if not fits:
        raise UserError(
            f"times such as {time_text(last)} do not go on in steps of {frequency}, as those did that the "
            f"model was trained on; give data with times of that kind, not {'dates' if dated else 'numbers'}"
        )


def season_of(frequency: Frequency | None, season: int | None) -> int:
    """Return the season asked for, else the usual one of the frequency, else 1."""
    if season is None:
        return frequency.season if frequency else 1
    if isinstance(season, bool) or not 1 <= season <= MOST_ROWS or season != int(season):
        raise UserError(
            f"season must be a whole number of rows, from 1 (no season) to {MOST_ROWS:,}, not {season}"
        )
    return int(season)


def is_whole(ratio: np.ndarray) -> np.ndarray:
    """Return bool, whether times keep the step, but for rounding."""
    off = np.rint(ratio)
    off -= ratio
    return np.abs(off, out=off) < 1e-6


def _common(steps: np.ndarray, kind: str, zone: str | None = None) -> Frequency | None:
    if (steps <= 0).any():
        steps = steps[steps > 0]
    if not len(steps):
        return None
    if np.issubdtype(steps.dtype, np.floating):
        # Steps of counted decimals differ in their last digits; those are no different steps.
        usual = np.median(steps)
        steps = np.round(steps / usual, 6) * usual
    sizes, counts = np.unique(steps, return_counts=True)
    step = sizes[counts.argmax()].item()
    regular = counts[is_whole(sizes / step)].sum() / counts.sum()
    return Frequency(kind, step, zone) if regular >= REGULAR_SHARE else None


def _infer_months(local: np.ndarray, same: np.ndarray, zone: str | None) -> Frequency | None:
    """Return a step of months when all times fall on one day of the month, or all on the last."""
    days = _days(local) - _months(local).astype("datetime64[D]")
    ends = bool(_is_month_end(local).all())
    if not ends and (days != days[0]).any():
        return None
    months = np.diff(_months(local))[same].astype(np.int64)
    if not (months > 0).all():
        return None
    found = _common(months, "month", zone)
    return found and Frequency("month", found.step, zone, ends)


def _without_weekends(days: np.ndarray, same: np.ndarray) -> bool:
    if not np.is_busday(days).all():
        return False
    return bool(
        (np.diff(days)[same] > np.busday_count(days[:-1], days[1:])[same].astype("timedelta64[D]")).any()
    )


def _is_month_end(wall: np.ndarray) -> np.ndarray:
    return _months(wall + np.timedelta64(1, "D")) > _months(wall)


def _days(times: np.ndarray) -> np.ndarray:
    return times.astype("datetime64[D]")


def _months(times: np.ndarray) -> np.ndarray:
    return times.astype("datetime64[M]")
