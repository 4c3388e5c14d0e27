"""What reading tells the user: what the source was taken for, and what was done, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ..frequency import Frequency
from ..series import Series
from ..words import counted, shown, time_text
from .columns import Categories, Numbers
from .odd_numbers import suspected_marks
from .parsed import Parsed
from .roles import Roles
from .rows import Rows
from .tables import Table
from .times import suggested_time


def facts(
    table: Table, parsed: Parsed, series: Series, missing: Mapping[str, int]
) -> tuple[tuple[str, str], ...]:
    """Return what a source was taken for, as (what, how).

    Args:
        table: the source.
        parsed: what it holds.
        series: what became of it.
        missing: how many values were missing, by column.
    """
    found = [*source_facts(table, parsed, series)]
    found.append(("target" if len(series.targets) == 1 else "targets", shown(series.targets)))
    found.append(("features", shown(series.features) or "none"))
    if series.categorical:
        kinds = [
            f"{name} ({counted(len(texts), 'kind')})"
            for name, texts in zip(series.categorical, series.categories, strict=True)
        ]
        found.append(("categories", shown(kinds)))
    for what, names in (("known ahead", series.ahead), ("one a series", series.static)):
        if names:
            found.append((what, shown(names)))
    marks = series.conventions.missing_values
    told = shown([f"{name} {count}" for name, count in missing.items()])
    found.append(
        ("missing", (told or "none") + (f" ({', '.join(marks)} counts as missing)" if marks else ""))
    )
    return tuple(found)


def source_facts(table: Table, parsed: Parsed, series: Series) -> Iterator[tuple[str, str]]:
    """Yield what was read off a source whatever is asked of it; the arguments as in `facts`."""
    many = (
        f" of {counted(len(parsed.ids), 'series', 'series')} by {parsed.roles.id}" if parsed.roles.id else ""
    )
    yield "data", f"{table.label}: {counted(len(parsed.numbers), 'row')}{many}"
    yield from table.facts
    if written := how_written(parsed.columns):
        yield "numbers", written
    yield "time", _time(series)
    yield "season", f"{series.season} rows" if series.season > 1 else "none"


def how_written(columns: Mapping[str, Numbers | Categories]) -> str:
    """Say of numbers what is not plain in them: decimal commas, separators of thousands, units."""
    numbers = {name: one for name, one in columns.items() if isinstance(one, Numbers)}
    kinds = {
        "decimal comma": [name for name, one in numbers.items() if one.decimal == ","],
        "comma between thousands": [name for name, one in numbers.items() if one.decimal == "."],
    }
    for name, one in numbers.items():
        if one.unit:
            kinds.setdefault(one.unit, []).append(name)
        if one.minus:
            kinds.setdefault(f"{one.minus} is less than zero", []).append(name)
    return "; ".join(f"{kind} in {shown(names)}" for kind, names in kinds.items() if names)


def _time(series: Series) -> str:
    if series.times is None:
        return "no column: the rows are taken in the order given"
    span = f"{time_text(series.times.min())} to {time_text(series.times.max())}"
    step = (
        f"a row every {series.frequency}" if series.frequency else "irregular steps, so gaps cannot be told"
    )
    zone = {None: "", "UTC": " UTC"}.get(series.zone, f" UTC (given in {series.zone})")
    return f"{', '.join(series.time_columns)}: {span}{zone}, {step}"


def warnings(columns: Mapping[str, Numbers | Categories], owner: np.ndarray) -> list[str]:
    """Return what may be wrong with columns; `owner` has the number of the series of each row."""
    numbers = {name: one for name, one in columns.items() if isinstance(one, Numbers)}
    mixed = [one.warning for one in columns.values() if isinstance(one, Categories) and one.warning]
    return [*mixed, *suspected_marks(numbers, owner)]


def unused_time(table: Table, roles: Roles) -> list[str]:
    """Say which column looks like time, when none was given."""
    names = () if roles.time else suggested_time(table)
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
        f"{uneven} of {steps} steps {'is' if uneven == 1 else 'are'} no multiple of {frequency.name}; these "
        "rows are kept as they are."
    ]


def lost_series(table: Table, parsed: Parsed, kept: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the series of which no row is left, as (id, why).

    Args:
        table: the source.
        parsed: what it holds.
        kept: ids of the series that have rows.
    """
    found = [(name, "no value") for name in table.empty]
    gone = [number for number, name in enumerate(parsed.ids) if name not in {*kept}]
    for number in gone:
        own = parsed.numbers == number
        empty = [name for name, column in parsed.columns.items() if not _there(column)[own].any()]
        why = f"no value in {shown(empty)}" if empty else "no row with a value in every column"
        found.append((parsed.ids[number], why))
    return tuple(found)


def _there(column: Numbers | Categories) -> np.ndarray:
    return ~np.isnan(column.values) if isinstance(column, Numbers) else column.codes >= 0


def lost_notes(lost: Sequence[tuple[str, str]]) -> list[str]:
    """Say which series have no row left, and why."""
    many = counted(len(lost), "series", "series")
    return [f"{many} left out: {shown([f'{name} ({why})' for name, why in lost])}."] if lost else []
