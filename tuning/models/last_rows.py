"""Where a forecast begins: after the last row of each series whose targets were measured, or before.

Rows at the end whose targets were filled in are no data: a forecast of what comes after them would rest on
values that nobody measured. Past origins lie a horizon apart, so that what came is forecast once.
"""

from __future__ import annotations

import numpy as np

from ...search_spaces.errors import UserError
from ..series.measured import measured_windows
from ..series.series import Series
from ..series.words import counted, shown
from ..series.zones import clock_text


def last_rows(series: Series, lookback: int) -> tuple[dict[str, int], list[str]]:
    """Return the last row of each series whose targets were measured, by id, and which are left out.

    Args:
        series: the data.
        lookback: rows that its last unbroken stretch must hold up to there; a series with fewer is left out.

    Returns:
        The rows, and sentences on the series that are left out; none where none is.

    Raises:
        UserError: when all of them are.
    """
    lasts, short, known = {}, {}, series.known
    for name, start, end in zip(series.ids, series.starts, series.ends, strict=True):
        length = int(np.flatnonzero(known[start:end]).max(initial=-1)) + 1
        lasts[name], short[name] = int(start) + length - 1, length
    short = {name: length for name, length in short.items() if length < lookback}
    if not short and not series.lost:
        return lasts, []
    at_end = "at its end" if series.filled is None else "up to the last one with measured targets"
    if not series.id_column:
        (length,) = short.values()
        raise UserError(
            f"{series.name} has {counted(length, 'unbroken row')} {at_end}; a forecast looks back on "
            f"{lookback}{_hint(series, length)}"
        )
    told, of = [], f"of {len(lasts) + len(series.lost):,} series of {series.name} cannot be forecast"
    if series.lost:
        each = shown([f"{name!r} ({why})" for name, why in series.lost])
        told.append(f"{len(series.lost):,} {of}: nothing of them is left to look back on: {each}")
    if short:
        each = shown([f"{name!r} ({counted(length, 'row')})" for name, length in short.items()])
        told.append(
            f"{len(short):,} {of}: a forecast looks back on {counted(lookback, 'unbroken row')} "
            f"{at_end.replace('its', 'the')}, and they have fewer: {each}"
        )
    if len(short) == len(lasts):
        raise UserError("\n".join(told))
    return {name: last for name, last in lasts.items() if name not in short}, told


def behind(series: Series, lasts: dict[str, int]) -> str:
    """Return in a sentence which series end before others do; empty where all end at one time."""
    if series.times is None:
        return ""
    newest = max(series.times[end - 1] for end in series.ends)
    ends = {name: series.times[end - 1] for name, end in zip(series.ids, series.ends, strict=True)}
    zone = series.zone
    late = [f"{name!r} ({clock_text(ends[name], zone)})" for name in lasts if ends[name] < newest]
    if not late:
        return ""
    return (
        f"{series.name}: a forecast begins where its series ends; for {len(late):,} of {len(lasts):,} series "
        f"that is before {clock_text(newest, zone)}: {shown(late)}"
    )


def past_rows(series: Series, lasts: dict[str, int], lookback: int, horizon: int, count: int) -> np.ndarray:
    """Return int64 (forecasts,), the rows of the first targets of past forecasts whose whole horizon came.

    Args:
        series: the data.
        lasts: the last measured row of each series, from `last_rows`.
        lookback: rows that a forecast reads, in one unbroken stretch with those that it forecasts.
        horizon: rows that it forecasts.
        count: of each series at most so many, the newest ones; of those `measured_windows` alone.

    Raises:
        UserError: when there is none.
    """
    found = []
    count = min(count, series.rows)
    for last in lasts.values():
        start = series.starts[np.searchsorted(series.starts, last, side="right") - 1]
        rows = last + 1 - horizon * np.arange(count, 0, -1)
        found.append(measured_windows(series, rows[rows - lookback >= start], horizon)[0])
    if not any(map(len, found)):
        raise UserError(
            f"{series.name}: no forecast of the past can be held against what came: it takes "
            f"{counted(lookback + horizon, 'unbroken row')} at the end of a series, to look back on "
            f"{lookback} and forecast {horizon}"
        )
    return np.concatenate(found)


def early(series: Series, lasts: dict[str, int]) -> str:
    """Return in a sentence which series go on after the rows of `last_rows`; empty where none does."""
    ends = dict(zip(series.ids, series.ends, strict=True))
    found = []
    for name, last in lasts.items():
        if rows := int(ends[name]) - 1 - last:
            who = f"{name!r} " if series.id_column else ""
            after = "" if series.times is None else f"after {clock_text(series.times[last], series.zone)}, "
            found.append(f"{who}{after}{counted(rows, 'row')} before the end")
    if not found:
        return ""
    of = f" of {counted(len(found), 'series', 'series')}" if series.id_column else ""
    return (
        f"{series.name}: the newest rows{of} lack a measured target, so the forecast begins earlier: "
        f"{shown(found)}"
    )


def _hint(series: Series, length: int) -> str:
    """Say how to go on where it is gaps that leave too few rows."""
    if series.filled is not None or length == series.rows or len(series.starts) == len({*series.ids}):
        return ""
    return "; --missing ffill or interpolate fills the gap before them"
