"""Any table described, without a target: what its file was taken for, and what each of its columns holds."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....search_spaces.errors import UserError
from ..conventions import said
from ..words import brief, counted, shown
from .columns import Categories, Numbers, read_column
from .parsed import parse
from .report import source_facts, unused_time, warnings
from .roles import Names, Roles, assign_roles
from .tables import Table, read_table
from .times import holds_times, suggested_time
from .unmended import unmended

HEAD = ("column", "holds", "missing", "values")


@dataclass(frozen=True)
class Described:
    """What a table holds.

    Args:
        facts: what the source was taken for, as (what, how).
        columns: a row for each column, as `HEAD` says.
        notes: what reading did and what may be wrong, in sentences.
    """

    facts: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def described(
    source: Any,
    *,
    time: Names = None,
    id: str | None = None,
    missing_values: Any = None,
    categorical: Names = None,
    day_first: bool | None = None,
    zone: str | None = None,
) -> Described:
    """Describe a table; the arguments as in `read_series`. Without `time` the column that looks like it is
    taken.

    Raises:
        UserError: for a file that cannot be read, and a table without a numeric column.
    """
    conventions = said(missing_values, None, day_first, zone)
    marked = said(None, categorical, None, None).categorical
    table = read_table(source, id, dataclasses.replace(conventions, categorical=marked))
    times = time or table.time or suggested_time(table) or None
    id = id or table.id or None
    known = assign_roles(table.label, table.columns, target=None, features=marked, time=times, id=id)
    used = {*known.time, known.id}
    read = {name: _read(table, name) for name in table.columns if name not in used}
    numbers = {name: one for name, one in read.items() if isinstance(one, Numbers)}
    rows = [_row(table, name, one) for name, one in read.items()]
    if not numbers:
        why = [f"; {one}" for one in read.values() if isinstance(one, str) and one != "times"]
        raise UserError(f"{table.label} has no numeric column, so there is nothing to forecast{''.join(why)}")
    table.conventions = conventions
    roles = Roles(tuple(numbers), time=known.time, id=known.id)
    unused = unused_time(table, roles)
    parsed = parse(table, roles)
    series, told = unmended(parsed, table.name)
    taken = {name: one for name, one in read.items() if not isinstance(one, str)}
    notes = [
        *table.notes,
        *(parsed.times.notes if parsed.times else unused),
        *warnings(taken, parsed.numbers),
        *told,
    ]
    return Described(tuple(source_facts(table, parsed, series)), tuple(rows), tuple(notes))


def _read(table: Table, name: str) -> Numbers | Categories | str:
    """Return a column, or in words why it is neither numbers nor categories."""
    if holds_times(table.frame[name]):
        return "times"
    try:
        return read_column(table, name, target=False)
    except UserError as error:
        return str(error).removeprefix(f"{table.label}: ")


def _row(table: Table, name: str, read: Numbers | Categories | str) -> tuple[str, ...]:
    if read == "times":
        return name, "times", "", ""
    if isinstance(read, str):
        return name, "neither numbers nor categories", "", read
    if isinstance(read, Categories):
        texts = shown([brief(text) for text in read.texts])
        return name, counted(len(read.texts), "category", "categories"), str((read.codes < 0).sum()), texts
    ends = f"{np.nanmin(read.values):.6g} to {np.nanmax(read.values):.6g}"
    return name, "numbers", str(np.isnan(read.values).sum()), ends
