"""A Table -> a Series, step by step, each step telling what it did.

Columns get their roles and are parsed (`parsed`), rows are sorted by series and time (`rows`), the step
between rows is inferred (`frequency`), and what is missing is treated by a stated policy (`missing`).
"""

from __future__ import annotations

import dataclasses

import numpy as np

from ..frequency import infer_frequency, season_of
from ..series import Series
from .future import Future, cut_future, future_notes
from .missing import mend
from .parsed import choose_roles, parse
from .report import lost_ids, summary, uneven_steps, unused_time
from .roles import Names
from .rows import drop_duplicates, sort_rows
from .static import spread_static
from .tables import Table, drop_blank


def series_of(
    table: Table,
    *,
    target: Names,
    time: Names,
    id: str | None,
    features: Names,
    known: Names,
    static: Names,
    missing: str,
    season: int | None,
) -> tuple[Series, Future]:
    """Return the Series that a table holds, and what is known of the rows after it.

    The arguments, and what is raised, are as in `read_series`.

    Args:
        table: the user's data; blank rows are taken out of it when there are times.
        target: numeric column or columns to forecast; None for a table of one column.
        time: column or columns of times, or None.
        id: column that tells series apart, or None.
        features: past features, `"all"` that are left, or None.
        known: features whose values are known for the rows to forecast, or None.
        static: features that have one value in a series, or None.
        missing: one of `POLICIES`.
        season: rows in a season; None takes the usual one of the frequency.
    """
    roles = choose_roles(
        table, target=target, time=time, id=id, features=features, ahead=known, static=static
    )
    if roles.time:
        drop_blank(table)
    parsed = parse(table, roles)
    times, ids = parsed.times, parsed.ids
    rows, moved = sort_rows(parsed.rows())
    rows, repeated = drop_duplicates(rows, missing, table.label, ids, table.place)
    rows, later = cut_future(rows, len(roles.targets)) if roles.ahead else (rows, rows.take(np.zeros(0, int)))
    spread_static(rows, roles.static, table, ids)
    frequency = None
    if times and rows.times is not None:
        frequency = infer_frequency(rows.times, rows.same, times.zone)
    uneven = uneven_steps(rows, frequency)
    mended = mend(rows, len(roles.targets), missing, frequency, table.label, table.place)
    series = dataclasses.replace(
        parsed.series(table.name, mended.rows, mended.starts),
        frequency=frequency.name if frequency else None,
        season=season_of(frequency, season),
        zone=times.zone if times else None,
        filled=mended.filled,
    )
    notes = [
        *summary(table, roles, ids, series),
        *table.notes,
        *(times.notes if times else unused_time(table, roles)),
        *moved,
        *repeated,
        *future_notes(later),
        *uneven,
        *mended.notes,
        *lost_ids(ids, series),
    ]
    return dataclasses.replace(series, notes=tuple(notes)), Future.of(parsed, later)
