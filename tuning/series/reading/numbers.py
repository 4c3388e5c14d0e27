"""Text -> numbers, as people and their programs write them.

1234.5 is read by polars; this reads the rest: words for a missing value, decimal commas, thousands
separators (1,234.5  1.234,5  1 234.5  1'234.5  12,34,567.8), one sign of a unit in all cells (12 %, € 3),
and less than zero as accountants write it: (5), 5-. Whether a comma is a decimal sign is read off those
numbers of the column that leave no doubt (1,5  0,123  1.234,5), else off what is known of the table. A
column in which nothing tells is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from ....search_spaces.errors import UserError
from ....search_spaces.plain import reads_as_number

WORDS = (
    *("", "?", "na", "n/a", "n.a.", "n. a.", "nan", "-nan", "null", "none", "nil", "<na>", "nat", "missing"),
    *("#n/a", "#na", "#n/a n/a", "#div/0!", "#value!", "#ref!", "#num!", "#null!", "#name?"),
    *("1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"),
)
"""Small letters; what stands for a missing value in every column."""
STROKES = "^[-\u2013\u2014.:*/_~]+$"
"""What stands for one among numbers alone: text may mean something by it."""
SPACES = "[ '\u2019\u00a0\u2009\u202f]"
UNIT = "[€$£¥%]"
SAMPLE = 10_000
"""Cells of a column of which is told whether many repeat."""
OTHER = {",": ".", ".": ","}
GROUPED = r"^[+-]?\d{1,3},\d{3}$"
"""Of a number that may be a thousand or one and a fraction."""
CERTAIN = {
    sign: rf"^[+-]?(?:\d*\{sign}\d{{0,2}}|\d*\{sign}\d{{4,}}|\d{{4,}}\{sign}\d{{3}}|0*\{sign}\d+|"
    rf"\d{{1,3}}(?:\{other}\d{{3}})+\{sign}\d+)(?:[eE][+-]?\d+)?$"
    for sign, other in ((",", "."), (".", ","))
}
"""Of a number in which the sign can be nothing but the decimal sign."""
LAKHS = {sign: rf"\d{{1,2}}(?:\{sign}\d{{2}})+\{sign}\d{{3}}" for sign in ",."}
"""Groups of two digits before the last one of three, as in India."""
TWICE = {
    sign: rf"^[+-]?(?:\d{{1,3}}(?:\{sign}\d{{3}}){{2,}}|{LAKHS[sign]}(?:\{OTHER[sign]}\d*)?)$"
    for sign in ",."
}
"""Of a number in which the sign can be nothing but a separator of thousands."""
BELOW_ZERO = (r"^\((.*\d.*)\)$", r"^([^-]*\d[^-]*?)\s?-$")
"""Of a number less than zero: in brackets, or with the minus behind it."""


@dataclass(frozen=True)
class Read:
    """A column of text as numbers.

    Args:
        numbers: float64, null where missing and where a cell is no number.
        wrong: bool, whether a cell is neither a number nor missing.
        decimal: the decimal sign, where it is not plain: the point of 1,234.5, the comma of 1,5.
        unit: the sign of a unit that all cells have; empty for none.
        minus: a cell that is less than zero, where that is written otherwise than -5; empty for none.
    """

    numbers: pl.Series
    wrong: np.ndarray
    decimal: str | None = None
    unit: str = ""
    minus: str = ""


def without_missing(text: pl.Series, marks: Collection[str] = ()) -> pl.Series:
    """Return text without outer spaces, null where a cell is empty or stands for a missing value.

    Args:
        text: of a column.
        marks: what else stands for one, as text or as a number.
    """
    frame = text.cast(pl.String).str.strip_chars().alias("text").to_frame()
    given = [mark for mark in marks if not reads_as_number(mark)]
    numbers = [float(mark) for mark in marks if reads_as_number(mark)]
    missing = pl.col("text").str.to_lowercase().is_in(WORDS) | pl.col("text").is_in(given)
    if numbers:
        missing |= pl.col("text").cast(pl.Float64, strict=False).is_in(numbers).fill_null(False)
    return frame.select(pl.when(~missing).then(pl.col("text"))).to_series().alias(text.name)


def read_numbers(text: pl.Series, decimal: str | None, usual: str | None = None) -> Read:
    """Return a column of text as numbers.

    Args:
        text: from `without_missing`.
        decimal: the decimal sign where no cell of the column tells, `.` or `,`; None where nothing is known.
        usual: what it then is where there are commas; None is a doubt.

    Raises:
        UserError: `Doubtful` where numbers such as 1,234 may mean two things.
    """
    text = (
        text.to_frame("t").select(pl.when(~pl.col("t").str.contains(STROKES)).then(pl.col("t"))).to_series()
    )
    text = text.str.replace("^[\u2212\u2013]", "-")
    plain = text.cast(pl.Float64, strict=False)
    # Under a decimal comma the point of 1.234 is none, unless another number of the column shows that it is.
    plain_is_meant = decimal != "," or _tells(text, ".") or not _any(text, "[.]")
    if plain.null_count() == text.null_count() and plain_is_meant:
        return Read(plain, np.zeros(len(text), bool))
    bare, minus = _signed(text)
    bare, unit = _without_unit(bare)
    for _ in range(2):  # of 1 234 567 the groups overlap
        bare = bare.str.replace_all(rf"(\d){SPACES}(\d{{3}})\b", "$1$2")
    sign = _decimal_sign(bare, decimal, usual)
    if sign is not None:
        grouped = rf"^[+-]?(?:\d{{1,3}}(?:\{OTHER[sign]}\d{{3}})+|{LAKHS[OTHER[sign]]})(?:\{sign}\d*)?$"
        frame = bare.to_frame("t").select(
            pl.when(pl.col("t").str.contains(grouped))
            .then(pl.col("t").str.replace_all(OTHER[sign], "", literal=True))
            .when(~pl.col("t").str.contains(OTHER[sign], literal=True))
            .then(pl.col("t"))
        )
        bare = frame.to_series().str.replace(sign, ".", literal=True)
    numbers = bare.cast(pl.Float64, strict=False)
    return Read(numbers, (text.is_not_null() & numbers.is_null()).to_numpy(), sign, unit, minus)


def decimal_of(columns: Iterable[pl.Series]) -> str | None:
    """Return the decimal sign that the numbers among some columns of text leave no doubt of, or None."""
    signs: set[str] = set()
    for column in columns:
        text = without_missing(distinct(column))
        told = [sign for sign in ",." if _tells(text, sign)]
        if len(told) == 1 and not read_numbers(text, told[0]).wrong.any():
            signs.add(told[0])
    return signs.pop() if len(signs) == 1 else None


def distinct(text: pl.Series) -> pl.Series:
    """Return each text of a column once, in their order, where many repeat; else the column as it is."""
    sample = text.gather_every(max(1, len(text) // SAMPLE))
    return text if 2 * sample.n_unique() > len(sample) else text.unique(maintain_order=True)


def _tells(text: pl.Series, sign: str) -> bool:
    return _any(text, CERTAIN[sign]) or _any(text, TWICE[OTHER[sign]])


def _decimal_sign(text: pl.Series, known: str | None, usual: str | None) -> str | None:
    """Return the decimal sign of a column; None where it has neither sign, or more than one meaning."""
    if not _any(text, "[.,]"):
        return None
    signs = [sign for sign in ",." if _tells(text, sign)]
    if len(signs) == 2:
        return None
    if signs:
        return signs[0]
    if known is None and usual is None and _any(text, GROUPED):
        raise Doubtful
    return known or usual or "."


class Doubtful(UserError):
    """Numbers of a column may be read in two ways."""


def _signed(text: pl.Series) -> tuple[pl.Series, str]:
    """Return the cells with the minus before the number, and one of those that had it elsewhere."""
    signed = text
    for pattern in BELOW_ZERO:
        signed = signed.str.replace(pattern, "-$1")
    other = text.filter(signed != text)
    return signed, other[0] if len(other) else ""


def _without_unit(text: pl.Series) -> tuple[pl.Series, str]:
    """Return the cells without the sign of a unit that all of them have, and the sign."""
    frame = text.to_frame("t").select(
        found=pl.col("t").str.extract(rf"({UNIT})"),
        bare=pl.col("t").str.replace(rf"\s*{UNIT}\s*", "").str.strip_chars(),
    )
    units = frame.filter(text.is_not_null())["found"].unique().to_list()
    return (frame["bare"], units[0]) if len(units) == 1 and units[0] is not None else (text, "")


def _any(text: pl.Series, pattern: str) -> bool:
    return bool(text.str.contains(pattern).any(ignore_nulls=True))
