"""Time columns -> one array of times.

A column of dates or times, of text (`dates`) or of numbers (`numbered_times`), or several columns that form
one (`clocks`). Times whose zone is known are kept in UTC; those of a wall clock whose zone the user says
become so when the series are known, since an hour that the clock shows twice is told by its order (`zoned`).
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from ....search_spaces.errors import UserError
from ..words import brief
from .clocks import NEXT_DAY, PARTS, begins_with_date, date_and_clock, from_parts, is_clock, year_and_span
from .columns import type_name
from .dates import Doubt, Iso, to_iso
from .numbered_times import numbered
from .numbers import distinct, without_missing
from .tables import Table
from .written_zones import split_zone, without_zone

FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f")
YEAR = r"^\d{4}-"
TIME_WORDS = ("time", "date", "stamp")
CLOCK_NAMES = ("time", "hour", "clock")
TIME_NAMES = ("ds", "month", "day", "week", "period", "quarter")
PER_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
DAYS = tuple(int(np.datetime64(day).astype(int)) for day in ("0001-01-01", "9999-12-31"))
"""The first and the last day that times may lie on, counted from 1970."""
WANTED = "write ISO times such as 2016-07-01 or 2016-07-01 13:00:00"
ORDERS = {
    "both": "the data show both",
    "neither": "the data do not tell which; give --day-first or --month-first",
}


@dataclass(frozen=True)
class Times:
    """The time of each row.

    Args:
        values: (rows,) datetime64[us], naive or UTC when there is a zone; or int64 or float64 counts.
        zone: the zone the times were given in, or None.
        notes: how they were read, where that is not plain.
        day_first: whether the day stands before the month, where that was to be told.
        names: of the zone of each row, where times without a zone had one.
    """

    values: np.ndarray
    zone: str | None = None
    notes: tuple[str, ...] = ()
    day_first: bool | None = None
    names: pl.Series | None = None


def read_times(table: Table, names: Sequence[str]) -> Times:
    """Read the time of every row from one column, or from several that hold its parts.

    Raises:
        UserError: a missing or unreadable time (row and value), day and month in doubt, times with and
            without a zone.
    """
    if len(names) == 1:
        return _from_column(table, table.frame[names[0]])
    if begins_with_date(table, names):
        return _from_column(table, date_and_clock(table, names))
    spans = year_and_span(table, names)
    if spans is not None:
        return _from_column(table, spans)
    values, notes = from_parts(table, names)
    return Times(values, None, notes)


def suggested_time(table: Table) -> tuple[str, ...]:
    """Return the columns that look like a time that was not asked for, or none."""
    for column in table.frame:
        name = column.name.lower()
        if (name in TIME_NAMES or any(word in name for word in TIME_WORDS)) and holds_times(column):
            clock = next((table.frame[one] for one in table.columns if one.lower() in CLOCK_NAMES), None)
            both = clock is not None and is_clock(clock) and begins_with_date(table, [column.name])
            return (column.name, clock.name) if both and clock is not None else (column.name,)
    named = {name.lower(): name for name in table.columns}
    return tuple(named[part] for part in itertools.takewhile(named.__contains__, PARTS))


def holds_times(column: pl.Series) -> bool:
    """Whether the first values of a column, text or dates, can be read as times."""
    if column.dtype in (pl.Date, pl.Datetime):
        return True
    if column.dtype not in (pl.String, pl.Categorical, pl.Enum):
        return False
    head = without_missing(column.head(200)).drop_nulls()
    if not len(head) or not head.cast(pl.Float64, strict=False).null_count():
        return False
    plain = without_zone(head)
    try:
        return not _parsed(plain, None)[0].null_count()
    except Doubt:
        return True


def refuse_beyond(table: Table, column: pl.Series) -> None:
    """Raise a `UserError` when a column of dates or times has one beyond the years 1 to 9999."""
    if isinstance(column.dtype, pl.Datetime):
        a_day = PER_DAY[column.dtype.time_unit]
    elif column.dtype == pl.Date:
        a_day = 1
    else:
        return
    days = column.to_physical() // a_day
    beyond = ((days < DAYS[0]) | (days > DAYS[1])).fill_null(False)
    if beyond.any():
        where = table.place(int(beyond.arg_max() or 0))
        raise UserError(
            f"{table.label}: column {column.name!r} holds a time beyond the years 1 to 9999 in {where}; mend "
            "the cell"
        )


def _from_column(table: Table, column: pl.Series) -> Times:
    """Return the times of a column; of those that many series share each is read once.

    A mistake is told by its row, which is found by reading all of them.
    """
    once = distinct(column) if column.dtype == pl.String else column
    if len(once) < len(column) and not once.has_nulls():
        try:
            found = _of_each(table, once)
        except UserError:
            return _of_each(table, column)
        place = column.cast(pl.Enum(once)).to_physical()
        names = None if found.names is None else found.names.gather(place)
        return dataclasses.replace(found, values=found.values[place.to_numpy()], names=names)
    return _of_each(table, column)


def _of_each(table: Table, column: pl.Series) -> Times:
    name = column.name
    if column.dtype in (pl.String, pl.Categorical, pl.Enum):
        column = without_missing(column)
    if column.has_nulls():
        raise UserError(_no_time(table, column))
    refuse_beyond(table, column)
    if column.dtype == pl.Date:
        return Times(column.cast(pl.Datetime("us")).to_numpy().copy())
    if isinstance(column.dtype, pl.Datetime):
        zone = column.dtype.time_zone
        utc = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if zone else column
        return Times(utc.cast(pl.Datetime("us")).to_numpy().copy(), zone)
    if column.dtype.is_numeric():
        return Times(*numbered(table, column))
    if column.dtype != pl.String:
        raise UserError(
            f"{table.label}: time column {name!r} holds {type_name(column)}; expected text, dates or whole "
            "numbers"
        )
    numbers = column.cast(pl.Int64, strict=False)
    if numbers.null_count():
        numbers = column.cast(pl.Float64, strict=False)
    return _from_text(table, column) if numbers.null_count() else Times(*numbered(table, numbers))


def _from_text(table: Table, text: pl.Series) -> Times:
    written = split_zone(table, text)
    try:
        parsed, iso = _parsed(written.text, table.conventions.day_first)
    except Doubt as doubt:
        raise UserError(_doubtful(table, text, doubt)) from None
    wrong = parsed.null_count()
    if wrong:
        row = int(parsed.is_null().arg_max() or 0)
        many = f" ({wrong} of {len(parsed)} are none)" if wrong > 1 else ""
        raise UserError(
            f"{table.label}: time column {text.name!r} holds {brief(text[row])} in {table.place(row)}, which "
            f"is no time{many}; {WANTED}"
        )
    notes = written.notes if iso is None else (*written.notes, *_how(text, iso))
    day_first = iso.order == "day" if iso is not None and iso.order in ("day", "month") else None
    return Times(parsed.to_numpy() - written.offsets, written.zone, notes, day_first, written.names)


def _how(text: pl.Series, iso: Iso) -> list[str]:
    """Say how times were read that are not plain."""
    such = f"times of {text.name!r} such as {text[0]!r}"
    notes = [f"{such} were read {iso.order} first."] if iso.order else []
    if iso.short_years:
        notes.append(f"{such}: years of two digits are 1969 to 2068.")
    if iso.next_day.any():
        notes.append(NEXT_DAY)
    return notes


def _parsed(text: pl.Series, day_first: bool | None) -> tuple[pl.Series, Iso | None]:
    """Return datetime[us] of text without a zone, null where it is none; and what it took beside ISO text."""
    parsed = _parse_iso(text)
    if not parsed.null_count():
        return parsed, None
    iso = to_iso(text, day_first)
    parsed = _parse_iso(iso.text)
    return parsed.dt.offset_by("1d").zip_with(iso.next_day, parsed) if iso.next_day.any() else parsed, iso


def _parse_iso(text: pl.Series) -> pl.Series:
    """Return datetime[us] of ISO text without a zone, null where it is none; a year has four digits."""
    text = text.to_frame("t").select(pl.when(pl.col("t").str.contains(YEAR)).then(pl.col("t"))).to_series()
    parsed = text.str.to_datetime(FORMATS[0], strict=False, time_unit="us")
    if not parsed.null_count():
        return parsed
    plain = text.str.replace(r"(\d)T(\d)", "$1 $2")
    for form in FORMATS:
        if parsed.null_count():
            other = plain.str.to_datetime(form, strict=False, time_unit="us")
            parsed = parsed.zip_with(parsed.is_not_null(), other)
    return parsed


def _doubtful(table: Table, text: pl.Series, doubt: Doubt) -> str:
    if doubt.why == "said":
        asked = "day" if table.conventions.day_first else "month"
        return (
            f"{table.label}: time column {text.name!r} holds {brief(text[doubt.row])} in "
            f"{table.place(doubt.row)}, which cannot be read {asked} first; leave out --{asked}-first, or "
            "mend the cell"
        )
    orders = "day first or month first"
    why = ORDERS[doubt.why]
    hint = f", or {WANTED}" if doubt.why == "neither" else f"; {WANTED}"
    return (
        f"{table.label}: times such as {text[doubt.row]!r} in {table.place(doubt.row)} can be read {orders}, "
        f"and {why}{hint}"
    )


def _no_time(table: Table, column: pl.Series) -> str:
    row, count = int(column.is_null().arg_max() or 0), column.null_count()
    more = f" ({count} rows have none)" if count > 1 else ""
    return (
        f"{table.label}: {table.place(row)} has no time in column {column.name!r}{more}; fill it in or "
        "remove the row"
    )
