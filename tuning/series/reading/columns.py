"""One column of the user's table -> numbers, or categories.

Text is read as numbers where it can be (`numbers`). A column of which more than 90 % are numbers is a numeric
column with mistakes in it, and the first mistake is named; any other text column is categorical. What the
conventions of the table say of a column goes before what it looks like.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

import numpy as np
import polars as pl

from ....search_spaces.errors import UserError
from ....search_spaces.plain import reads_as_number
from ..words import brief
from .foreign import kind_of
from .numbers import Doubtful, read_numbers, without_missing
from .tables import Table

TEXT = "text"
"""As a mark for missing values it means whatever is no number in a column of numbers."""
NUMERIC_SHARE = 0.9
MAX_CATEGORIES = 100
DECIMAL_POINTS = "write decimal points and no thousands separators"


@dataclass(frozen=True)
class Numbers:
    """A numeric column: float64 (rows,), NaN where missing, never infinite.

    Args:
        values: the numbers.
        decimal: the decimal sign, where it is not plain.
        unit: the sign of a unit that its cells have; empty for none.
        minus: one of its cells that is less than zero, where that is not plain; empty for none.
    """

    values: np.ndarray
    decimal: str | None = None
    unit: str = ""
    minus: str = ""


@dataclass(frozen=True)
class Categories:
    """A categorical column: int32 (rows,) codes into the sorted `texts`, -1 where missing.

    Args:
        codes: the codes.
        texts: the categories.
        warning: a sentence, where most of them are numbers.
    """

    codes: np.ndarray
    texts: tuple[str, ...]
    warning: str = ""


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
    column, said = table.frame[name], table.conventions
    if target and column.dtype in (pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
    if not target and name in said.categorical:
        return _categories(table, column, column.dtype.is_numeric())
    numbers, wrong = parse_numbers(table, column, feature=not target)
    if numbers is None:
        if target:
            raise UserError(_text_target(table, column, wrong))
        if name in said.numeric:
            raise UserError(_text_for_model(table, column, wrong))
        return _categories(table, column, warning=_mostly_numbers(table, column, wrong))
    _refuse_empty_and_infinite(table, name, numbers.values)
    return numbers


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


def parse_numbers(
    table: Table, column: pl.Series, feature: bool = False
) -> tuple[Numbers | None, np.ndarray]:
    """Return a column as numbers, or None with the rows that are none.

    Args:
        table: of the column.
        column: any of it.
        feature: whether it might as well hold categories.

    Raises:
        UserError: when more than 90 % of the values are numbers and the others are text, or when a comma may
            be a decimal sign and may be none.
    """
    none = np.zeros(0, np.int64)
    if column.dtype.is_numeric():
        values = column.cast(pl.Float64).fill_null(np.nan).to_numpy().copy()
        return Numbers(_unmarked(table, values)), none
    if column.dtype == pl.Null:
        return Numbers(np.full(len(column), np.nan)), none
    if column.dtype != pl.String:
        return None, none
    text = without_missing(column, table.conventions.missing_values)
    try:
        read = read_numbers(text, table.decimal, table.usual)
    except Doubtful:
        raise UserError(_doubtful(table, text)) from None
    count = int(read.wrong.sum())
    held = len(text) - text.null_count()
    if TEXT in table.conventions.missing_values and 2 * count < held:
        count = 0  # what is no number is missing
    if not count and (read.numbers.null_count() < len(text) or not held):
        values = read.numbers.fill_null(np.nan).to_numpy().copy()
        return Numbers(_unmarked(table, values), read.decimal, read.unit, read.minus), none
    if count and count < (1 - NUMERIC_SHARE) * held:
        raise UserError(_text_in_numbers(table, column, read.wrong, feature))
    return None, np.flatnonzero(read.wrong) if count else np.flatnonzero(text.is_not_null())


def _unmarked(table: Table, values: np.ndarray) -> np.ndarray:
    """Return numbers with NaN where one stands for a missing value."""
    marks = [float(mark) for mark in table.conventions.missing_values if reads_as_number(mark)]
    values[np.isin(values, marks)] = np.nan
    return values


def _as_missing(text: str) -> str:
    return f"--missing-values {shlex.quote(text)} where {brief(text)} stands for a missing value"


def _text_in_numbers(table: Table, column: pl.Series, wrong: np.ndarray, feature: bool) -> str:
    row, count = int(np.flatnonzero(wrong)[0]), int(wrong.sum())
    value = column[row]
    more = f"; {count} of {len(column)} values are no numbers" if count > 1 else ""
    held = f"holds the text {brief(value)} in {table.place(row)}"
    hint = f"mend the cell or leave it empty, or give {_as_missing(value.strip())}"
    if count > 1:
        hint += f", --missing-values {TEXT} where any text does"
    if re.fullmatch(r"[-+]?[\d.,' ]+", value):
        hint = DECIMAL_POINTS
    elif feature:
        hint += f", or --categorical {shlex.quote(column.name)} where the column holds categories"
    return f"{table.label}: column {column.name!r} {held}{more}; {hint}"


def _mostly_numbers(table: Table, column: pl.Series, wrong: np.ndarray) -> str:
    """Return a warning where more than half of the cells of a text column are numbers."""
    if column.dtype != pl.String or not len(wrong):
        return ""
    held = len(column) - without_missing(column, table.conventions.missing_values).null_count()
    if 2 * len(wrong) > held or column.name in table.conventions.categorical:
        return ""
    row = int(wrong[0])
    return (
        f"most cells of {column.name!r} are numbers ({held - len(wrong)} of {held}), but "
        f"{brief(column[row])} in {table.place(row)} is none, so it is taken for categories; give "
        f"{_as_missing(column[row].strip())}."
    )


def _doubtful(table: Table, text: pl.Series) -> str:
    row = int(text.str.contains(",").arg_max() or 0)
    return (
        f"{table.label}: column {text.name!r} holds {brief(text[row])} in {table.place(row)}, of which "
        f"nothing tells whether its comma is a decimal sign or separates thousands; {DECIMAL_POINTS}"
    )


def _text_target(table: Table, column: pl.Series, wrong: np.ndarray) -> str:
    if len(wrong):
        row = int(wrong[0])
        held = f"holds text, {brief(column[row])} in {table.place(row)}"
    else:
        held = f"holds {'true and false' if column.dtype == pl.Boolean else type_name(column)}"
    hint = "; write them as 1 and 0" if column.dtype == pl.Boolean else ""
    if len(wrong) and re.fullmatch(r"[-+]?[\d.]+,[\d,.]*", column[row].strip()):
        hint = f"; {DECIMAL_POINTS}"
    elif len(wrong) and len(wrong) < len(column):
        others = f"{len(column) - len(wrong)} of {len(column)} cells are numbers or empty"
        hint = f"; {others}: give {_as_missing(column[row].strip())}"
    return f"{table.label}: target {column.name!r} {held}; a target must be numeric{hint}"


def _text_for_model(table: Table, column: pl.Series, wrong: np.ndarray) -> str:
    held = type_name(column)
    if len(wrong):
        held = f"the text {brief(column[int(wrong[0])])} in {table.place(int(wrong[0]))}"
    return (
        f"{table.label}: feature {column.name!r} holds {held}, and the model was trained on numbers there; "
        "mend the column"
    )


def _categories(table: Table, column: pl.Series, whole: bool = False, warning: str = "") -> Categories:
    if whole:  # 1.0 and 1 are one category, whatever else made the column one of fractions
        values = column.cast(pl.Float64).fill_null(np.nan)
        texts = [None if value != value else f"{value:.15g}" for value in values.to_list()]
        column = pl.Series(column.name, texts, pl.String)
    if column.dtype not in (pl.String, pl.Boolean, pl.Categorical, pl.Enum):
        raise UserError(f"{table.label}: feature {column.name!r} holds {type_name(column)}; leave it out")
    text = without_missing(column, table.conventions.missing_values)
    known = text.drop_nulls().unique().sort()
    if not len(known):
        raise UserError(_all_missing(table, column.name))
    if len(known) > MAX_CATEGORIES:
        raise UserError(
            f"{table.label}: feature {column.name!r} has {len(known)} different texts, such as "
            f"{brief(known[0])}; at most {MAX_CATEGORIES} are allowed: group rare ones, leave it out, or "
            "give it as --time or --id if it is one"
        )
    codes = text.cast(pl.Enum(known)).to_physical().cast(pl.Int32).fill_null(-1)
    return Categories(codes.to_numpy().copy(), tuple(known), warning)


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
