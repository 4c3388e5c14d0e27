"""Features made of the times: where in the day, the week or the year a row lies, and whether it is a holiday.

    hour, weekday, monthday, yearday, month    two columns each, sine and cosine of the place in the cycle
    holidays=DE, holidays=DE-BY                1 on a public holiday of a country, or of a part of it, else 0

A cycle has no end: 23 o'clock is as near to midnight as 1 o'clock. All are read off the wall clock of the
zone and are known for any row to come. The holidays are those of the library of that name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from ...search_spaces.errors import UserError, did_you_mean, line_of
from .frequency import future_times
from .series import Series
from .words import shown
from .zones import to_local

HOLIDAYS = "holidays"


def _hour(wall: np.ndarray) -> np.ndarray:
    return (wall - wall.astype("datetime64[D]")) / np.timedelta64(1, "D")


def _weekday(wall: np.ndarray) -> np.ndarray:
    # The first of January 1970 was a Thursday.
    return ((wall.astype("datetime64[D]").astype(np.int64) + 3) % 7) / 7


def _monthday(wall: np.ndarray) -> np.ndarray:
    return _since(wall, "datetime64[M]")


def _yearday(wall: np.ndarray) -> np.ndarray:
    return _since(wall, "datetime64[Y]")


def _month(wall: np.ndarray) -> np.ndarray:
    return (wall.astype("datetime64[M]").astype(np.int64) % 12) / 12


def _since(wall: np.ndarray, unit: str) -> np.ndarray:
    """Return the share of days of the month or year that have gone by."""
    whole = wall.astype(unit)
    first, after = (one.astype("datetime64[D]") for one in (whole, whole + 1))
    return (wall.astype("datetime64[D]") - first) / (after - first)


CYCLES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "hour": _hour, "weekday": _weekday, "monthday": _monthday, "yearday": _yearday, "month": _month,
}  # fmt: skip
"""From wall-clock times to the share of the cycle that has gone by, from 0 to below 1."""


def read_calendar(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the parts of `hour,weekday,holidays=DE`, each once.

    Raises:
        UserError: for a part that there is not, or a country without holidays.
    """
    names = given.split(",") if isinstance(given, str) else list(given or ())
    parts = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    for part in parts:
        kind, _, place = part.partition("=")
        if kind == HOLIDAYS and place:
            _holidays(place, [2000])
        elif part not in CYCLES:
            raise UserError(
                f"there is no calendar feature {part!r}{did_you_mean(part, [*CYCLES, HOLIDAYS])}; there are "
                f"{', '.join(CYCLES)} and {HOLIDAYS}=COUNTRY, as {HOLIDAYS}=DE"
            )
    return parts


def column_names(parts: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns that are made of parts."""
    names = ([part] if part.startswith(HOLIDAYS) else [f"{part} sin", f"{part} cos"] for part in parts)
    return tuple(name for each in names for name in each)


def columns(parts: Sequence[str], times: np.ndarray, zone: str | None) -> np.ndarray:
    """Return float64 (rows, columns) of `column_names`.

    Args:
        parts: from `read_calendar`.
        times: (rows,) datetime64[us], in UTC where there is a zone.
        zone: whose wall clock counts.
    """
    wall, made = to_local(times, zone), []
    for part in parts:
        if part.startswith(HOLIDAYS):
            made.append(_is_holiday(part.partition("=")[2], wall))
        else:
            angle = 2 * np.pi * CYCLES[part](wall)
            made += [np.sin(angle), np.cos(angle)]
    return np.stack(made, axis=1) if made else np.zeros((len(times), 0))


def with_calendar(series: Series, parts: Sequence[str]) -> Series:
    """Return a series with features made of its times, known ahead.

    Raises:
        UserError: where it has no dates, no step to go on by, or columns of these names.
    """
    if not parts:
        return series
    if series.times is None or not np.issubdtype(series.times.dtype, np.datetime64) or not series.frequency:
        raise UserError(
            f"{series.name}: --calendar {','.join(parts)} needs dates that follow each other in even steps: "
            "name their column by --time, or leave --calendar out"
        )
    names = column_names(parts)
    if twice := [name for name in names if name in (*series.columns, *series.categorical)]:
        raise UserError(f"{series.name} has a column {twice[0]!r} already; rename it, or leave it out")
    made = columns(parts, series.times, series.zone)
    filled = series.filled
    return dataclasses.replace(
        series,
        features=(*series.features, *names),
        values=np.concatenate([series.values, made], axis=1),
        filled=filled if filled is None else np.concatenate([filled, np.zeros_like(made, np.int8)], axis=1),
        ahead=(*series.ahead, *names),
        calendar=tuple(parts),
        facts=(*series.facts, ("calendar", shown(parts))),
    )


def columns_after(series: Series, last: int, horizon: int) -> np.ndarray:
    """Return the calendar columns of the rows after one, float64 (horizon, columns)."""
    assert series.times is not None and series.frequency is not None, "checked when they were made"
    times = future_times(series.times[last], series.frequency, horizon, series.zone)
    return columns(series.calendar, times, series.zone)


def _is_holiday(place: str, wall: np.ndarray) -> np.ndarray:
    days = wall.astype("datetime64[D]")
    years = np.unique(days.astype("datetime64[Y]").astype(int) + 1970)
    found = np.array([*_holidays(place, [*map(int, years)])], "datetime64[D]")
    return np.isin(days, found).astype(float)


def _holidays(place: str, years: list[int]) -> list[str]:
    """Return the public holidays of `DE` or `DE-BY` in some years, as ISO dates."""
    try:
        import holidays
    except ImportError:
        raise UserError(
            f"--calendar {HOLIDAYS}={place} needs the library holidays: pip install 'narrows[holidays]'"
        ) from None
    country, _, part = place.partition("-")
    try:
        return [str(day) for day in holidays.country_holidays(country, subdiv=part or None, years=years)]
    except NotImplementedError as error:
        raise UserError(f"--calendar {HOLIDAYS}={place}: {line_of(error)}") from None
