"""Rows of one series that have the same time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ....search_spaces.errors import UserError
from ..words import counted
from .rows import Rows
from .zoned import of_clock


def drop_duplicates(
    rows: Rows, policy: str, label: str, ids: tuple[str, ...], place: Callable[[int], str]
) -> tuple[Rows, tuple[str, ...]]:
    """Keep the last row of each (series, time), with a note; under `error` refuse duplicates."""
    if rows.times is None:
        return rows, ()
    twice = rows.same & (rows.times[1:] == rows.times[:-1])
    count = int(twice.sum())
    if not count:
        return rows, ()
    if policy != "error":
        note = f"{policy}: {counted(count, 'row')} left out because a later row has the same time."
        return rows.take(np.append(~twice, True)), (note,)
    first = int(np.flatnonzero(twice)[0])
    one, two = (place(int(rows.source[row])) for row in (first, first + 1))
    of = f" of series {ids[rows.series[first]]!r}" if ids != ("",) else ""
    hint = "" if of else ", give --id if the table holds several series"
    raise UserError(
        f"{label}: time {rows.time(first)}{of} occurs more than once, in {one} and {two} "
        f"({counted(count, 'duplicate')} in all); remove them{hint}, or choose --missing ffill, interpolate "
        f"or drop, which keep the last of each{of_clock(rows, np.array([first]))}"
    )
