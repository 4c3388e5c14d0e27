"""A time from several columns: a date and a clock, or year, month, day, hour, minute and second.

Hour 24 is the next day's hour 0, as in tables whose hours go from 1 to 24.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from ....search_spaces.errors import UserError
from .columns import parse_numbers
from .dates import month_numbers
from .numbers import without_missing
from .tables import Table

PARTS = ("year", "month", "day", "hour", "minute", "second")
NEXT_DAY = "hour 24 is the next day's 0:00."
SPANS = {
    "Q": ("quarter", "qtr", "q", "quartal"),
    "-W": ("week", "isoweek", "week_of_year", "weekofyear", "kw"),
    "-D": ("doy", "dayofyear", "day_of_year", "yearday"),
}
"""What stands between a year and a part of it that another column counts, by the names of such columns."""
RANGES = dict(zip(PARTS, ((1, 9999), (1, 12), (1, 31), (0, 24), (0, 59), (0, 59)), strict=True))
DATE = r"^\d{1,4}[-/. ]\S+[-/. ]\d{1,4}|^\d{8}$|[A-Za-z]{3}"
CLOCK = r"^\d{1,2}[:.hH]\d{2}|^\d{1,2}\s*[AaPp]\.?[Mm]|\d{1,2}:\d{2}"


def begins_with_date(table: Table, names: Sequence[str]) -> bool:
    """Whether the first of several columns holds whole dates, and the others the time of day."""
    column = table.frame[names[0]]
    if column.dtype in (pl.Date, pl.Datetime):
        return True
    if names[0].lower() in PARTS:
        return False
    text = column.head(200).cast(pl.String).str.strip_chars().drop_nulls()
    return bool(len(text) and text.str.contains(DATE).all())


def date_and_clock(table: Table, names: Sequence[str]) -> pl.Series:
    """Return the text of a date and of a clock in one; the clock is text, or hour, minute and second.

    Raises:
        UserError: for an hour, minute or second that is none.
    """
    date = table.frame[names[0]]
    text = date.cast(pl.Date).cast(pl.String) if date.dtype == pl.Datetime else date.cast(pl.String)
    clock = table.frame[names[1]]
    if clock.dtype == pl.Time or is_clock(clock):
        if len(names) > 2:
            raise UserError(
                f"{table.label}: {names[0]!r} and {names[1]!r} hold dates and times of day, and form a time; "
                f"leave out {', '.join(names[2:])}"
            )
        return (text.str.strip_chars() + " " + clock.cast(pl.String).str.strip_chars()).alias("+".join(names))
    for name, part in zip(names[1:], PARTS[3:], strict=False):
        number = whole_numbers(table, name, part).cast(pl.String).str.zfill(2)
        text = text.str.strip_chars() + (" " if part == "hour" else ":") + number
    whole = text + ":00" if len(names) == 2 else text
    return whole.alias("+".join(names))


def year_and_span(table: Table, names: Sequence[str]) -> pl.Series | None:
    """Return the text of a year and its quarter, week or day, `2020Q1`; None for columns that are others."""
    mark = next((one for one, known in SPANS.items() if names[-1].lower() in known), None)
    if mark is None or len(names) != 2:
        return None
    year, span = (table.frame[name].cast(pl.String).str.extract(r"(\d+)(?:\.0+)?$") for name in names)
    return (year + mark + span.str.zfill(3 if mark == "-D" else 1)).alias("+".join(names))


def from_parts(table: Table, names: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Combine year, month, day, ... columns, matched by their names or else by their order.

    Returns:
        datetime64[us], and how they were read, where that is not plain.

    Raises:
        UserError: for columns that form no time, and for a part that is none.
    """
    lower = [name.lower() for name in names]
    named = set(lower) <= set(PARTS)
    parts = lower if named else list(PARTS[: len(names)])
    if len(names) > len(PARTS) or sorted(parts, key=PARTS.index) != list(PARTS[: len(parts)]):
        raise UserError(
            f"{table.label}: the columns {', '.join(names)} do not form a time; give the columns for "
            f"{', '.join(PARTS)}, or for the first few of these, or a column of dates and one of times of day"
        )
    frame = pl.DataFrame([whole_numbers(table, *pair) for pair in zip(names, parts, strict=True)])
    year, month, day, hour, minute, second = (
        pl.col(part) if part in parts else pl.lit(RANGES[part][0]) for part in PARTS
    )
    last = frame.select(pl.date(year, month, 1).dt.month_end().dt.day()).to_series()
    if "day" in parts and (frame["day"] > last).any():
        row = int((frame["day"] > last).arg_max() or 0)
        values = ", ".join(f"{name} {table.frame[name][row]}" for name in names)
        raise UserError(f"{table.label}: there is no such day in {table.place(row)}: {values}")
    late = frame["hour"] == 24 if "hour" in parts else None
    made = pl.datetime(year, month, day, hour % 24, minute, second, time_unit="us")
    moments = frame.select(made).to_series().to_numpy()
    notes = () if named else (f"the columns {', '.join(names)} were read as {', '.join(parts)}.",)
    if late is None or not late.any():
        return moments.copy(), notes
    return moments + late.to_numpy() * np.timedelta64(1, "D"), (*notes, NEXT_DAY)


def whole_numbers(table: Table, name: str, part: str) -> pl.Series:
    """Return a part of the time as int32, checked against its range."""
    low, high = RANGES[part]
    column = table.frame[name]
    if part == "month" and column.dtype == pl.String:
        column = month_numbers(column)
    numbers, _ = parse_numbers(table, column)
    if numbers is None:
        values = column.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False).to_numpy()
    else:
        values = numbers.values
    wrong = np.flatnonzero(~((values >= low) & (values <= high) & (values == np.rint(values))))
    if len(wrong):
        row = int(wrong[0])
        cell = table.frame[name][row]
        held = "nothing" if cell is None else repr(cell)
        raise UserError(
            f"{table.label}: time column {name!r}, read as the {part}, holds {held} in {table.place(row)}; "
            f"expected whole numbers from {low} to {high}"
        )
    return pl.Series(part, values.astype(np.int32))


def is_clock(column: pl.Series) -> bool:
    """Whether a column of text holds times of day."""
    if column.dtype != pl.String:
        return False
    text = without_missing(column.head(200)).drop_nulls()
    return bool(len(text) and text.str.contains(CLOCK).all())
