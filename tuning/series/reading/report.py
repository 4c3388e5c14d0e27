"""What reading tells the user: the first notes of a Series, in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence

from ..frequency import Frequency
from ..series import Series
from ..words import counted, shown, time_text
from .roles import Roles
from .rows import Rows
from .tables import Table
from .times import suggested_time


def summary(table: Table, roles: Roles, ids: Sequence[str], series: Series) -> list[str]:
    """Say what was read as which columns, and how the rows follow each other in time."""
    parts = [f"target{'s' * (len(series.targets) > 1)} {shown(series.targets)}"]
    if series.features:
        parts.append(f"features {shown(series.features)}")
    if series.categorical:
        parts.append(f"categorical features {shown(series.categorical)}")
    many = f" of {counted(len(ids), 'series', 'series')} by {roles.id}" if roles.id else ""
    first = f"{table.label}: {counted(table.frame.height, 'row')}{many}; {'; '.join(parts)}."
    season = f"season {series.season}" if series.season > 1 else "no season"
    if series.times is None:
        return [first, f"no time column: the rows are taken in the order given; {season}."]
    span = f"{time_text(series.times.min())} to {time_text(series.times.max())}"
    step = f"frequency {series.frequency}" if series.frequency else "irregular steps, so gaps cannot be told"
    zone = {None: "", "UTC": " UTC"}.get(series.zone, f" UTC (given in {series.zone})")
    return [first, f"time from {', '.join(series.time_columns)}: {span}{zone}, {step}, {season}."]


def unused_time(table: Table, roles: Roles) -> list[str]:
    """Say which column looks like time, when none was given."""
    names = suggested_time(table)
    if not names or {*names} & {*roles.targets, *roles.features, roles.id}:
        return []
    if len(names) == 1:
        return [f"column {names[0]!r} looks like time; give --time {names[0]} to use it."]
    return [f"columns {', '.join(names)} look like time; give --time {','.join(names)} to use them."]


def uneven_steps(rows: Rows, frequency: Frequency | None) -> list[str]:
    """Say how many steps do not keep the frequency, when there are some."""
    uneven, steps = rows.uneven(frequency), int(rows.same.sum())
    if frequency is None or not uneven:
        return []
    return [
        f"{uneven} of {steps} steps are no multiple of {frequency.name}; these rows are kept as they are."
    ]


def lost_ids(ids: Sequence[str], series: Series) -> list[str]:
    """Say which series have no row left."""
    kept = set(series.ids)
    lost = [id for id in ids if id not in kept]
    many = counted(len(lost), "series", "series")
    return [f"{many} without a complete row left out: {shown(lost)}."] if lost else []
