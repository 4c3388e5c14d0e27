"""A Table -> a Series, step by step, each step telling what it did.

Columns get their roles and are parsed (`parsed`), rows are sorted by series and time (`rows`), the step
between rows is inferred (`steps`), and what is missing is treated by a stated policy (`missing`).
"""

from __future__ import annotations

import dataclasses

from ..frequency import season_of
from ..series import Series
from .arranged import arrange
from .future import Future
from .missing import mend
from .parsed import choose_roles, parse
from .report import facts, lost_notes, lost_series, uneven_steps, unused_time, warnings
from .roles import Names
from .steps import step_of
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
    unused = unused_time(table, roles)
    used = {*roles.targets, *roles.features, *roles.time, roles.id}
    table.forget([name for name in table.columns if name not in used])
    parsed = parse(table, roles)
    arranged = arrange(parsed, missing, table)
    rows = arranged.rows
    frequency = step_of(rows, table.conventions.frequency, table.label)
    uneven, empty = uneven_steps(rows, frequency), rows.missing()
    mended = mend(rows, len(roles.targets), missing, frequency, table.label, table.place)
    made = parsed.series(table.name, mended.rows, mended.starts)
    series = dataclasses.replace(
        made,
        lost=lost_series(table, parsed, made.ids),
        frequency=frequency.name if frequency else None,
        season=season_of(frequency, season),
        zone=rows.zone,
        filled=mended.filled,
        conventions=parsed.conventions(table),
    )
    notes = [
        *table.notes,
        *(parsed.times.notes if parsed.times else unused),
        *warnings(parsed.columns, parsed.numbers),
        *arranged.notes,
        *uneven,
        *mended.notes,
        *lost_notes(series.lost),
    ]
    counts = {name: len(found) for name, found in empty.items()}
    told = facts(table, parsed, series, counts)
    return dataclasses.replace(series, notes=tuple(notes), facts=told), Future.of(parsed, arranged.later)
