"""One column of the user's table -> numbers, or categories.

Text is read as numbers where it can be. A column of which more than 90 % are numbers is a numeric
column with mistakes in it, and the first mistake is named; any other text column is categorical.
The cells NA, NaN, null, None, ? and the empty cell are missing, in any case of letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import polars as pl

from ....search_spaces.errors import UserError
from ..words import brief
from .foreign import kind_of
from .tables import Table

MISSING = ("", "?", "na", "nan", "null", "none", "<na>")
NUMERIC_SHARE = 0.9
MAX_CATEGORIES = 100
COMMAS = "write decimal points and no thousands separators"


@dataclass(frozen=True)
class Numbers:
    """A numeric column: float64 (rows,), NaN where missing, never infinite."""

    values: np.ndarray


@dataclass(frozen=True)
class Categories:
    """A categorical column: int32 (rows,) codes into the sorted `texts`, -1 where missing."""

    codes: np.ndarray
    texts: tuple[str, ...]


def read_column(table: Table, name: str, *, target: bool) -> Numbers | Categories:
    """Return a column as numbers or, for a feature, as categories.

    Args:
        table: the user's table.
        name: one of its columns.
        target: whether the column must be numeric.

    Raises:
        UserError: text in a numeric column, an infinite number, no value at all, more than
            100 categories, or a column that holds neither numbers nor text.
    """
    column = table.frame[name]
    numbers, wrong = parse_numbers(table, column)
    if numbers is None:
        if target:
            raise UserError(_text_target(table, column, wrong))
        return _categories(table, column)
    _refuse_empty_and_infinite(table, name, numbers)
    return Numbers(numbers)


def numeric_columns(table: Table) -> list[str]:
    """Names of the columns that hold numbers only."""
    found = []
    for name in table.columns:
        try:
            if isinstance(read_column(table, name, target=False), Numbers):
                found.append(name)
        except UserError:
            continue
    return found


def strip_missing(column: pl.Series) -> pl.Series:
    """Return a text column without outer spaces, and null where a cell stands for a missing value."""
    frame = column.cast(pl.String).str.strip_chars().alias("text").to_frame()
    missing = pl.col("text").str.to_lowercase().is_in(MISSING)
    return frame.select(pl.when(~missing).then(pl.col("text"))).to_series()


def parse_numbers(table: Table, column: pl.Series) -> tuple[np.ndarray | None, np.ndarray]:
    """Return float64 values (NaN where missing), or None with the rows that are no numbers.

    Raises:
        UserError: when more than 90 % of the values are numbers and the others are text.
    """
    none = np.zeros(0, np.int64)
    if column.dtype.is_numeric():
        return column.cast(pl.Float64).fill_null(np.nan).to_numpy().copy(), none
    if column.dtype == pl.Null:
        return np.full(len(column), np.nan), none
    if column.dtype != pl.String:
        return None, none
    text = strip_missing(column)
    numbers = text.cast(pl.Float64, strict=False)
    wrong = (text.is_not_null() & numbers.is_null()).to_numpy()
    if wrong.any() and (decimal := _decimal_comma(table, column.name, text)) is not None:
        numbers, wrong = decimal, np.zeros(len(text), bool)
    if not wrong.any():
        return numbers.fill_null(np.nan).to_numpy().copy(), none
    present = len(text) - text.null_count()
    if wrong.sum() < (1 - NUMERIC_SHARE) * present:
        raise UserError(_text_in_numbers(table, column, wrong))
    return None, np.flatnonzero(wrong)


def _decimal_comma(table: Table, name: str, text: pl.Series) -> pl.Series | None:
    """Return the numbers of a `;` file written with decimal commas, or None if they are not all so."""
    if table.separator != ";" or text.str.contains(".", literal=True).any():
        return None
    numbers = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    if numbers.null_count() > text.null_count():
        return None
    table.notes.append(f"column {name!r} is written with decimal commas.")
    return numbers


def _text_in_numbers(table: Table, column: pl.Series, wrong: np.ndarray) -> str:
    row, count = int(np.flatnonzero(wrong)[0]), int(wrong.sum())
    value = column[row]
    more = f"; {count} of {len(column)} values are no numbers" if count > 1 else ""
    hint = COMMAS if "," in value else "mend the cell or leave it empty"
    held = f"holds the text {brief(value)} in {table.place(row)}"
    return f"{table.label}: column {column.name!r} {held}{more}; {hint}"


def _text_target(table: Table, column: pl.Series, wrong: np.ndarray) -> str:
    if len(wrong):
        row = int(wrong[0])
        held = f"holds text, {brief(column[row])} in {table.place(row)}"
    else:
        held = f"holds {'true and false' if column.dtype == pl.Boolean else type_name(column)}"
    hint = "; write them as 1 and 0" if column.dtype == pl.Boolean else ""
    if len(wrong) and re.fullmatch(r"[-+]?[\d.]+,[\d,.]*", column[row].strip()):
        hint = f"; {COMMAS}"
    return f"{table.label}: target {column.name!r} {held}; a target must be numeric{hint}"


def _categories(table: Table, column: pl.Series) -> Categories:
    if column.dtype not in (pl.String, pl.Boolean, pl.Categorical, pl.Enum):
        raise UserError(f"{table.label}: feature {column.name!r} holds {type_name(column)}; leave it out")
    text = strip_missing(column)
    texts = text.drop_nulls().unique().sort()
    if not len(texts):
        raise UserError(_all_missing(table, column.name))
    if len(texts) > MAX_CATEGORIES:
        raise UserError(
            f"{table.label}: feature {column.name!r} has {len(texts)} different texts, such as "
            f"{brief(texts[0])}; at most {MAX_CATEGORIES} are allowed: group rare ones, leave it out, or "
            "give it as --time or --id if it is one"
        )
    codes = text.cast(pl.Enum(texts)).to_physical().cast(pl.Int32).fill_null(-1)
    return Categories(codes.to_numpy().copy(), tuple(texts))


def _refuse_empty_and_infinite(table: Table, name: str, values: np.ndarray) -> None:
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        row, count = int(infinite[0]), len(infinite)
        more = f"; {count} of {len(values)} values are infinite" if count > 1 else ""
        raise UserError(
            f"{table.label}: column {name!r} holds {values[row]:+} in {table.place(row)}{more}; mend the "
            "cell or leave it empty"
        )
    if np.isnan(values).all():
        raise UserError(_all_missing(table, name))


def _all_missing(table: Table, name: str) -> str:
    rows = "its only row" if table.frame.height == 1 else f"all {table.frame.height} rows"
    return f"{table.label}: column {name!r} is empty in {rows}; leave it out"


def type_name(column: pl.Series) -> str:
    """Return what a column holds that is neither numbers nor text, for a message."""
    if column.dtype == pl.Object:
        of = next(type(cell).__name__ for cell in column.to_list() if kind_of(type(cell)) is None)
        return f"Python objects, such as of type {of}"
    return "times" if column.dtype in (pl.Date, pl.Datetime) else f"values of type {column.dtype}"
