"""Where a forecast begins: after the last row of each series whose targets were measured.

Rows at the end whose targets were filled in are no data: a forecast of what comes after them would rest on
values that nobody measured.
"""

from __future__ import annotations

import numpy as np

from ...search_spaces.errors import UserError
from ..series.series import Series
from ..series.words import counted, shown, time_text


def last_rows(series: Series, lookback: int) -> dict[str, int]:
    """Return the last row of each series whose targets were measured, by id.

    Args:
        series: the data.
        lookback: rows that its last unbroken stretch must hold up to there.

    Raises:
        UserError: when it holds fewer.
    """
    lasts, lengths, known = {}, {}, series.known
    for name, start, end in zip(series.ids, series.starts, series.ends, strict=True):
        lengths[name] = int(np.flatnonzero(known[start:end]).max(initial=-1)) + 1
        lasts[name] = int(start) + lengths[name] - 1
    for name, length in lengths.items():
        if length < lookback:
            at_end = "at its end" if series.filled is None else "up to the last one with measured targets"
            raise UserError(
                f"{_which(series, name)} has {length} unbroken rows {at_end}; "
                f"a forecast looks back on {lookback}{_hint(series, length)}"
            )
    return lasts


def early(series: Series, lasts: dict[str, int]) -> str:
    """Return in a sentence which series go on after the rows of `last_rows`; empty where none does."""
    ends = dict(zip(series.ids, series.ends, strict=True))
    found = []
    for name, last in lasts.items():
        if rows := int(ends[name]) - 1 - last:
            who = f"{name!r} " if series.id_column else ""
            after = "" if series.times is None else f"after {time_text(series.times[last])}, "
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


def _which(series: Series, name: str) -> str:
    return f"series {name!r} of {series.name}" if series.id_column else series.name
