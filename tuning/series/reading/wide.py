"""Wide tables: one column or one row for each series, turned into a long one with a row for each value.

    columns    date, north, south    a time in each row, a series in each other column
    rows       V1, V2, V3, ...       a series in each row, its name first, then its values in order, as
                                     in the files of the M4 competition

What is empty before the first and after the last value of a series is not there: series may begin and end at
different times. The long table has the columns `series` and `value`, and those of the time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import polars as pl

from ....search_spaces.errors import UserError, did_you_mean
from ..words import counted, shown
from .columns import numeric_columns, parse_numbers
from .roles import Names, split_names
from .tables import Table

WIDE = ("columns", "rows")
SERIES, VALUE = "series", "value"
MANY = 20
"""Columns of numbers that follow a name in each row, from which on a table looks like one row a series."""


def long_table(
    table: Table, wide: str, *, target: Names, time: Names, id: str | None, features: Names
) -> Table:
    """Return a wide table as a long one, with a note of what was done.

    Args:
        table: the user's data.
        wide: one of `WIDE`.
        target: of `columns` those that are series; None is all columns of numbers.
        time: of `columns` the column or columns of the time, or None.
        id: of `rows` the column of the names; None is the first one.
        features: None; a wide table has none.

    Raises:
        UserError: for a column that is not there, cells that are no numbers, and names that occur twice.
    """
    if wide not in WIDE:
        raise UserError(f"wide: {wide!r} is not one of {', '.join(WIDE)}{did_you_mean(wide, WIDE)}")
    if features is not None:
        raise UserError(f"{table.label}: a wide table holds the targets alone; leave out --features")
    given = () if target == VALUE or target == [VALUE] else split_names(target, table.columns)
    times = split_names(time, table.columns)
    if id == SERIES and (wide == "columns" or id not in table.columns):
        id = None  # as a forecast has it, of what was read so before
    asked = [*given, *times, *(() if id is None else (id,))]
    if missing := [name for name in asked if name not in table.columns]:
        raise UserError(
            f"{table.label} has no column {missing[0]!r}{did_you_mean(missing[0], table.columns)}"
        )
    if wide == "rows":
        return _of_rows(table, given, times, table.columns[0] if id is None else id)
    if id is not None:
        raise UserError(f"{table.label}: with one column a series the columns are the ids; leave out --id")
    return _of_columns(table, given or _series_columns(table, times), times)


def _series_columns(table: Table, times: Sequence[str]) -> list[str]:
    """Return the columns of numbers beside the times, and those in which every cell is empty."""
    numeric = {*numeric_columns(table)}
    empty = {name for name in table.columns if table.frame[name].null_count() == table.frame.height}
    return [name for name in table.columns if name in (numeric | empty) - {*times}] if numeric else []


def _of_columns(table: Table, names: Sequence[str], times: Sequence[str]) -> Table:
    if not names:
        raise UserError(
            f"{table.label} has no column of numbers beside the time, so there is nothing to forecast"
        )
    values = np.stack([_numbers(table, name) for name in names])
    place, row = _present(values)
    left = [name for name in table.columns if name not in names and name not in times]
    also = f"; left out: {shown(left)}" if left else ""
    columns = {name: table.frame[name].gather(row) for name in times}
    return _long(table, columns, list(names), (place, row), values, row, f"one column a series{also}")


def _of_rows(table: Table, given: Sequence[str], times: Sequence[str], id: str) -> Table:
    if given or times:
        raise UserError(
            f"{table.label}: with one row a series all other columns are its values, in order; leave out "
            "--target and --time"
        )
    columns = [name for name in table.columns if name != id]
    if not columns:
        raise UserError(f"{table.label} has no column of values beside the names in {id!r}")
    names = table.frame[id].cast(pl.String).to_list()
    if (
        twice := sorted({name for name in names if names.count(name) > 1}, key=str)
        if len(set(names)) < len(names)
        else []
    ):
        raise UserError(f"{table.label}: series {twice[0]!r} has more than one row in the column {id!r}")
    values = np.stack([_numbers(table, name) for name in columns], axis=1)
    place, column = _present(values)
    return _long(table, {}, names, (place, column), values, place, f"one row a series, named by {id}")


def _numbers(table: Table, name: str) -> np.ndarray:
    numbers, wrong = parse_numbers(table, table.frame[name])
    if numbers is None:
        where = (
            f", {table.frame[name][int(wrong[0])]!r} in {table.place(int(wrong[0]))}" if len(wrong) else ""
        )
        raise UserError(
            f"{table.label}: column {name!r} holds text{where}; each value of a series is a number"
        )
    return numbers.values


def _present(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return series and step of each value, of (series, steps), from the first to the last of each series."""
    there = ~np.isnan(values)
    begun = np.maximum.accumulate(there, axis=1)
    goes_on = np.maximum.accumulate(there[:, ::-1], axis=1)[:, ::-1]
    series, step = np.nonzero(begun & goes_on)
    return series, step


def _long(
    table: Table,
    columns: dict[str, pl.Series],
    names: list[str],
    present: tuple[np.ndarray, np.ndarray],
    values: np.ndarray,
    rows: np.ndarray,
    how: str,
) -> Table:
    frame = pl.DataFrame(
        {**columns, SERIES: pl.Series(names).gather(present[0]), VALUE: pl.Series(values[present])}
    )
    counts = np.bincount(present[0], minlength=len(names))
    notes = [
        f"read as a wide table, {how}: {counted(int((counts > 0).sum()), 'series', 'series')} of "
        f"{counts[counts > 0].min(initial=counts.max())} to {counts.max()} values."
    ]
    empty = tuple(names[one] for one in np.flatnonzero(counts == 0))
    kept = rows if table.kept is None else table.kept[rows]
    return dataclasses.replace(
        table, frame=frame, only=None, kept=kept, empty=empty, notes=[*table.notes, *notes]
    )


def looks_wide(table: Table) -> str:
    """Return in a sentence that a table may hold one row for each series; empty where it does not look so."""
    first, *others = table.columns
    texts = table.frame[first]
    if texts.dtype != pl.String or len(others) < MANY or texts.n_unique() < len(texts):
        return ""
    if not all(
        table.frame[name].dtype.is_numeric() or table.frame[name].dtype == pl.Null for name in others[:MANY]
    ):
        return ""
    return (
        f"each row begins with a name of its own in {first!r} and goes on with {len(others):,} columns of "
        "numbers: if a row is a whole series, give --wide rows."
    )
