"""The columns of a table, each parsed for the role it has; as rows to work on, and put together again.

All that is wrong with the columns is told at once. What is missing in them stays missing here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import polars as pl

from ....search_spaces.errors import UserError, did_you_mean, raise_all
from ..conventions import Conventions
from ..series import Series
from .columns import Categories, Numbers, numeric_columns, read_column, type_name
from .odd_numbers import refuse_beyond_all
from .roles import Names, Roles, assign_roles, refuse_no_target, split_names
from .rows import Rows
from .tables import Table
from .times import Times, holds_times, read_times, refuse_beyond
from .zoned import zoned

IDS = (pl.String, pl.Boolean, pl.Categorical, pl.Enum, pl.Null, pl.Date, pl.Datetime)
"""Types beside numbers of which the text tells series apart."""


@dataclass(frozen=True, eq=False)
class Parsed:
    """What a table holds.

    Args:
        roles: which column is what.
        columns: the targets, then the features, by name.
        times: of each row, or None when there is no time column.
        numbers: int64 (rows,), the number of the series of each row.
        ids: of the series, by their number.
    """

    roles: Roles
    columns: dict[str, Numbers | Categories]
    times: Times | None
    numbers: np.ndarray
    ids: tuple[str, ...]

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a categorical column, by their code."""
        column = self.columns[name]
        return column.texts if isinstance(column, Categories) else ()

    def rows(self) -> Rows:
        """Return all rows, in the order of the table."""
        numeric = {name: one.values for name, one in self.columns.items() if isinstance(one, Numbers)}
        texts = {name: one.codes for name, one in self.columns.items() if isinstance(one, Categories)}
        count = len(self.numbers)
        return Rows(
            columns=tuple(numeric),
            values=np.column_stack(list(numeric.values())),
            categorical=tuple(texts),
            codes=np.column_stack(list(texts.values())) if texts else np.zeros((count, 0), np.int32),
            series=self.numbers,
            times=self.times.values if self.times else None,
            source=np.arange(count),
            zone=self.times.zone if self.times else None,
        )

    def conventions(self, table: Table) -> Conventions:
        """Return the conventions of the table, with what was found out of them."""
        signs = {one.decimal for one in self.columns.values() if isinstance(one, Numbers)}
        order = self.times.day_first if self.times else None
        known = table.conventions
        return dataclasses.replace(
            known,
            decimal="," if "," in signs else known.decimal,
            day_first=known.day_first if order is None else order,
        )

    def series(self, name: str, rows: Rows, starts: np.ndarray) -> Series:
        """Return the Series of rows that are sorted and complete.

        Args:
            name: of the data.
            rows: what became of `rows()`; its codes are renumbered in place.
            starts: int64 (stretches,), first row of each unbroken stretch.
        """
        texts = {name: one.texts for name, one in self.columns.items() if isinstance(one, Categories)}
        codes, categories = rows.codes, []
        for place, category in enumerate(rows.categorical):
            # Categories of rows that were cut off or left out are gone with them.
            used, codes[:, place] = np.unique(codes[:, place], return_inverse=True)
            categories.append(tuple(texts[category][code] for code in used))
        return Series(
            name=name,
            targets=self.roles.targets,
            values=rows.values,
            features=rows.columns[len(self.roles.targets) :],
            categorical=rows.categorical,
            codes=codes,
            categories=tuple(categories),
            starts=starts,
            ids=tuple(self.ids[number] for number in rows.series[starts]),
            times=rows.times,
            ahead=self.roles.ahead,
            static=self.roles.static,
            time_columns=self.roles.time,
            id_column=self.roles.id,
        )


def choose_roles(
    table: Table, *, target: Names, time: Names, id: str | None, features: Names, ahead: Names, static: Names
) -> Roles:
    """Return the roles of a table's columns; a table of one column needs no target.

    Raises:
        UserError: for a name that is missing or used twice, and when no target is given where one must
            be; the numeric columns are then named.
    """
    known = table.columns
    time = time or table.time or None
    id = id or table.id or None
    if not split_names(target, known):
        other = {*split_names(time, known), *split_names(ahead, known), *split_names(static, known), id}
        numeric = [name for name in numeric_columns(table) if name not in other]
        if table.only is None:
            raise refuse_no_target(table.label, numeric)
        target = table.only
    return assign_roles(
        table.label, known, target=target, features=features, ahead=ahead, static=static, time=time, id=id
    )


def parse(table: Table, roles: Roles) -> Parsed:
    """Parse the columns that have a role; their cells are let go as soon as they are parsed.

    Raises:
        UserError: for what is wrong with the targets and features, all of it at once; then for a time
            that cannot be read; then for a row without an id.
    """
    count = table.frame.height
    columns = _read_columns(table, roles)
    times = read_times(table, roles.time) if roles.time else None
    table.forget(roles.time)
    numbers, ids = _series_numbers(table, roles.id, count)
    table.forget([roles.id] if roles.id is not None else [])
    if times is None and table.conventions.zone is not None:
        raise UserError(
            f"{table.label}: --zone says which clock a column of times shows; give that column as --time"
        )
    return Parsed(roles, columns, times and zoned(table, times, numbers), numbers, ids)


def _read_columns(table: Table, roles: Roles) -> dict[str, Numbers | Categories]:
    """Read targets and features; all that is wrong with them is told at once."""
    columns: dict[str, Numbers | Categories] = {}
    mistakes = []
    for name in (*roles.targets, *roles.features):
        if name in roles.features and holds_times(table.frame[name]):
            hint = "give it as --time, or leave it out"
            mistakes.append(f"{table.label}: feature {name!r} holds times; {hint}")
            continue
        try:
            column = columns[name] = read_column(table, name, target=name in roles.targets)
            if isinstance(column, Numbers):
                refuse_beyond_all(table, name, column.values)
        except UserError as error:
            mistakes.append(str(error))
        table.forget([name])
    mistakes += [
        f"{table.label} has no feature {name!r} (given as categorical){did_you_mean(name, roles.features)}"
        for name in table.conventions.categorical
        if name not in roles.features
    ]
    raise_all(mistakes)
    return columns


def _series_numbers(table: Table, id: str | None, count: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return int64 (rows,), the number of the series of each row, and the ids in that order.

    Ids are sorted as numbers when all of them are whole numbers, else as text. `count` is that of all rows.
    """
    if id is None:
        return np.zeros(count, np.int64), ("",)
    column = table.frame[id]
    if not (column.dtype.is_numeric() or column.dtype in IDS):
        raise UserError(
            f"{table.label}: id column {id!r} holds {type_name(column)}; expected text or whole numbers"
        )
    refuse_beyond(table, column)
    if column.dtype.is_float() and (column == column.round()).all():  # as pandas makes of whole numbers
        column = column.cast(pl.Int64, strict=False)
    once = column.unique()
    texts = _texts(once).to_list()
    if "" in texts:
        row = int((_texts(column) == "").arg_max() or 0)
        raise UserError(f"{table.label}: {table.place(row)} has no id in column {id!r}")
    names = sorted({*texts})
    if all(name.isdecimal() for name in names):
        names.sort(key=int)
    place = {name: number for number, name in enumerate(names)}
    numbers = column.replace_strict(once, [place[text] for text in texts], return_dtype=pl.Int64)
    return numbers.to_numpy(), tuple(names)


def _texts(ids: pl.Series) -> pl.Series:
    return ids.cast(pl.String).str.strip_chars().fill_null("")
