"""Anything a user may hand over as data -> a Table: one polars frame, with places to name in messages.

Files go through `files`, data frames (polars, pandas, pyarrow and more) through narwhals, their columns
and arrays through `foreign`: a 1-D array is the column `y`, a 2-D array the columns `c0`, `c1`, ....
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from ....search_spaces.errors import UserError, line_of
from ..conventions import Conventions
from ..words import counted, shown
from .files import check_file, is_parquet, read_csv, read_parquet
from .foreign import as_name, from_array, from_column, from_values
from .layout import SEPARATORS
from .pandas_frames import plain_frame

SOURCES = (
    "a path to a .csv, .tsv, .txt or .parquet file, a data frame (polars, pandas, pyarrow), an array, "
    "a dict of arrays, or the text synthetic:NAME"
)

USUAL = {",": ".", ";": ","}
"""The decimal sign, by the separator of a text file."""


@dataclass
class Table:
    """The user's columns, untouched.

    Args:
        frame: one polars column per column of the source.
        name: what to call the data, such as `sales`.
        label: what to call them in messages, such as `sales.csv`.
        facts: what the source was taken for, as (what, how).
        above: lines of a text file up to and with that of the names; None for what is no text file.
        decimal: the decimal sign where a number leaves it open; None where that is not known.
        usual: the decimal sign of files with such a separator, for commas that nothing else explains.
        only: the column of a source that has but one, as a 1-D array; it needs no naming as target.
        time: the column that its index of times became, empty for none.
        id: the column that the rest of its index became, empty for none.
        empty: series of a wide table that have no value, and so no row.
        kept: int64 (rows,), 0-based data row of the source that each row was; None when all were kept.
        conventions: how its cells are written.
        notes: what reading did, in sentences.
    """

    frame: pl.DataFrame
    name: str = "data"
    label: str = "data"
    facts: list[tuple[str, str]] = field(default_factory=list)
    above: int | None = None
    decimal: str | None = None
    usual: str | None = None
    only: str | None = None
    time: str = ""
    id: str = ""
    empty: tuple[str, ...] = ()
    kept: np.ndarray | None = None
    conventions: Conventions = field(default_factory=Conventions)
    notes: list[str] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in the order of the source."""
        return self.frame.columns

    def place(self, row: int) -> str:
        """Return `row 17 (line 18)` for the 0-based row 16; the line only for a text file."""
        source_row = row if self.kept is None else int(self.kept[row])
        if self.above is None:
            return f"row {source_row + 1}"
        texts = [column for column in self.frame.head(row) if column.dtype == pl.String]
        inside = sum(int(text.str.count_matches("\n", literal=True).sum()) for text in texts)
        return f"row {source_row + 1} (line {source_row + self.above + 1 + inside})"

    def forget(self, names: Iterable[str]) -> None:
        """Let go of the cells of parsed columns: text takes several times the memory of its numbers.

        Columns with line breaks in their cells stay, since `place` counts lines.
        """
        for name in names:
            column = self.frame[name]
            broken = column.dtype == pl.String and column.str.contains("\n", literal=True).any()
            if self.above is None or not broken:
                self.frame = self.frame.drop(name)


def read_table(source: Any, id: str | None = None, conventions: Conventions | None = None) -> Table:
    """Read any source.

    Args:
        source: what a user handed over.
        id: a column of ids; where the source is a text file it stays text, and so do categories.
        conventions: how cells are written; None where nothing is known.

    Raises:
        UserError: for every bad file (see `files`), for an unknown kind of source, for no rows.
    """
    conventions = conventions or Conventions()
    if isinstance(source, str) and "://" in source:
        raise UserError(f"{source} is an address; download the file first, and give its path")
    if isinstance(source, str | os.PathLike):
        table = _from_file(Path(source).expanduser(), id, conventions)
    elif isinstance(source, np.ndarray):
        table = _from_array(source)
    elif isinstance(source, Mapping):
        table = _from_mapping(source)
    else:
        table = _from_frame(source)
    if not table.frame.height:
        what = f"only a header: {shown(table.columns)}" if table.columns else "no columns"
        raise UserError(f"{table.label} has no rows of data ({what})")
    table.conventions = conventions
    table.decimal = table.decimal or conventions.decimal
    return table


def _from_file(path: Path, id: str | None, conventions: Conventions) -> Table:
    check_file(path)
    name = path.name.split(".")[0] or path.name
    if is_parquet(path):
        return Table(read_parquet(path), name, path.name, [("file", "Parquet")])
    text = [*conventions.categorical, *([] if id is None else [id])]
    read = read_csv(path, text, conventions.decimal)
    separated = f"separated by {SEPARATORS[read.layout.separator]}s"
    above = read.layout.above
    facts = [("file", f"text in {read.encoding}, {separated}")]
    table = Table(
        read.frame, name, path.name, facts, above + 1, read.decimal, USUAL.get(read.layout.separator)
    )
    if above:
        table.notes.append(f"{counted(above, 'line')} above the names of the columns left out.")
    if read.below:
        table.notes.append(f"{counted(read.below, 'line')} of remarks below the table left out.")
    _drop_unnamed(table)
    _drop_trailing_blank(table)
    return table


def _drop_unnamed(table: Table) -> None:
    """Leave out columns without a name that are empty, or that only count the rows."""
    for place, name in enumerate(table.columns, 1):
        if name != f"column_{place}":
            continue
        column = table.frame[name]
        counts = column.dtype == pl.Int64 and np.array_equal(column.to_numpy(), np.arange(len(column)))
        if counts or column.null_count() == len(column):
            table.frame = table.frame.drop(name)
            what = "only counts the rows" if counts else "is empty"
            table.notes.append(f"column {place} has no name and {what}: left out.")


def _drop_trailing_blank(table: Table) -> None:
    frame = table.frame
    if frame.columns and frame.tail(1).null_count().sum_horizontal()[0] == frame.width:
        filled = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series().to_numpy()
        table.frame = frame.head(int(np.flatnonzero(filled)[-1]) + 1 if filled.any() else 0)


def drop_blank(table: Table) -> None:
    """Leave out the rows in which every column is empty: blank lines between the data."""
    filled = table.frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    if not filled.all():
        table.kept = np.flatnonzero(filled.to_numpy())
        table.frame = table.frame.filter(filled)
        empty = counted(len(filled) - table.frame.height, "empty line")
        table.notes.append(f"{empty} left out.")


def _from_array(array: np.ndarray) -> Table:
    if array.dtype.names and array.ndim == 1:
        return _from_mapping({name: array[name] for name in array.dtype.names})
    if array.ndim not in (1, 2):
        raise UserError(f"an array must have 1 or 2 axes (rows, columns), not the shape {array.shape}")
    columns = [array] if array.ndim == 1 else list(array.T)
    names = ["y"] if array.ndim == 1 else [f"c{place}" for place in range(array.shape[1])]
    frame = _joined([from_array(*pair) for pair in zip(names, columns, strict=True)])
    return Table(frame, only="y" if array.ndim == 1 else None)


def _from_mapping(arrays: Mapping[Any, Any]) -> Table:
    columns = []
    for key, values in arrays.items():
        name = as_name(key)
        try:
            columns.append(from_values(name, values))
        except Exception as error:  # of any class: whatever the values are made by
            raise UserError(
                f"the arrays of a dict must be 1-D and of one length, not {name!r}: {line_of(error)}"
            ) from None
    if len({len(column) for column in columns}) > 1:
        shapes = ", ".join(f"{column.name!r} ({len(column)},)" for column in columns)
        raise UserError(f"the arrays of a dict must be 1-D and of one length, not {shapes}")
    return Table(_joined(columns))


def _from_frame(source: Any) -> Table:
    source, index = plain_frame(source)
    try:
        frame = nw.from_native(source, allow_series=True)
    except TypeError:
        raise UserError(f"cannot read data from a {type(source).__name__}; give {SOURCES}") from None
    except (nw.exceptions.NarwhalsError, ValueError) as error:
        raise UserError(f"the data frame cannot be read: {' '.join(str(error).split())}") from error
    if isinstance(frame, nw.Series):
        only = as_name(frame.name or "y")
        return Table(_joined([from_column(only, frame)]), only=only)
    if isinstance(frame, nw.LazyFrame):
        try:
            frame = frame.collect()
        except Exception as error:  # of any class: it is the user's program
            raise UserError(f"the lazy frame cannot be collected: {line_of(error)}") from None
    columns = [from_column(as_name(column.name), column) for column in frame.iter_columns()]
    one = None if index.only is None else as_name(index.only)
    return Table(_joined(columns), only=one, time=index.time, id=index.id, notes=list(index.notes))


def _joined(columns: list[pl.Series]) -> pl.DataFrame:
    repeated = [name for name, count in Counter(column.name for column in columns).items() if count > 1]
    if repeated:
        hint = "a number and its text are one name"
        raise UserError(f"the data repeat a column name: {shown(repeated)}; {hint}")
    return pl.DataFrame(columns)
