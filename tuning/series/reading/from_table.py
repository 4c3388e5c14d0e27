"""A Table -> a Series, step by step, each step telling what it did.

Columns get their roles and are parsed (`parsed`), rows are sorted by series and time (`rows`), the step
between rows is inferred (`steps`), and what is missing is treated by a stated policy (`missing`).
"""

from __future__ import annotations

import dataclasses

from ..frequency import season_of
from ..series import Series
from .duplicates import drop_duplicates
from .missing import mend
from .parsed import choose_roles, parse
from .report import facts, lost_ids, uneven_steps, unused_time, warnings
from .roles import Names
from .rows import sort_rows
from .steps import step_of
from .tables import Table, drop_blank


def series_of(
    table: Table,
    *,
    target: Names,
    time: Names,
    id: str | None,
    features: Names,
    missing: str,
    season: int | None,
) -> Series:
    """Return the Series that a table holds; the arguments, and what is raised, as in `read_series`.

    Args:
        table: the user's data; blank rows are taken out of it when there are times.
        target: numeric column or columns to forecast; None for a table of one column.
        time: column or columns of times, or None.
        id: column that tells series apart, or None.
        features: past features, `"all"` that are left, or None.
        missing: one of `POLICIES`.
        season: rows in a season; None takes the usual one of the frequency.
    """
    roles = choose_roles(table, target=target, time=time, id=id, features=features)
    if roles.time:
        drop_blank(table)
    parsed = parse(table, roles)
    times, ids = parsed.times, parsed.ids
    rows, moved = sort_rows(parsed.rows())
    rows, repeated = drop_duplicates(rows, missing, table.label, ids, table.place)
    frequency = step_of(rows, table.conventions.frequency, table.label)
    uneven, empty = uneven_steps(rows, frequency), rows.missing()
    mended = mend(rows, len(roles.targets), missing, frequency, table.label, table.place)
    series = dataclasses.replace(
        parsed.series(table.name, mended.rows, mended.starts),
        frequency=frequency.name if frequency else None,
        season=season_of(frequency, season),
        zone=rows.zone,
        filled=mended.filled,
        conventions=parsed.conventions(table),
    )
    notes = [
        *table.notes,
        *(times.notes if times else unused_time(table, roles)),
        *warnings(parsed.columns),
        *moved,
        *repeated,
        *uneven,
        *mended.notes,
        *lost_ids(ids, series),
    ]
    counts = {name: len(found) for name, found in empty.items()}
    return dataclasses.replace(series, notes=tuple(notes), facts=facts(table, parsed, series, counts))
