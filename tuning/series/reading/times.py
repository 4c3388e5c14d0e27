"""Time columns -> one array of times.

ISO dates and times, `1949-01`, years and dates of one column, or year, month, day, hour, minute and
second in several. Times with a zone are kept in UTC. Whole numbers that are no years count steps.
Day and month are told apart only where the data leave no doubt.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from ....search_spaces.errors import UserError
from ..words import brief
from ..zones import offset_of
from .columns import parse_numbers, strip_missing, type_name
from .tables import Table

PARTS = ("year", "month", "day", "hour", "minute", "second")
RANGES = dict(zip(PARTS, ((1, 9999), (1, 12), (1, 31), (0, 23), (0, 59), (0, 59)), strict=True))
FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f")
ZONE = r"(:\d{2}(?:\.\d+)?)\s*(Z|z|UTC|[+-]\d{2}(?::?\d{2})?)$"
DAY_MONTH = r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b(.*)$"
TIME_WORDS = ("time", "date", "stamp")
TIME_NAMES = ("ds", "month", "day", "week", "period", "quarter")
PER_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
DAYS = tuple(int(np.datetime64(day).astype(int)) for day in ("0001-01-01", "9999-12-31"))
"""The first and the last day that times may lie on, counted from 1970."""
MOST_COUNT = 2**62
"""So that the difference of two of them has 64 bits."""
WANTED = "write ISO times such as 2016-07-01 or 2016-07-01 13:00:00"


@dataclass(frozen=True)
class Times:
    """The time of each row.

    Args:
        values: (rows,) datetime64[us], naive or UTC when there is a zone; or int64 or float64 counts.
        zone: the zone the times were given in, or None.
        notes: how they were read, where that is not plain.
    """

    values: np.ndarray
    zone: str | None = None
    notes: tuple[str, ...] = ()


def read_times(table: Table, names: Sequence[str]) -> Times:
    """Read the time of every row from one column, or from several that hold its parts.

    Raises:
        UserError: a missing or unreadable time (row and value), day and month in doubt, mixed zones.
    """
    return _from_parts(table, names) if len(names) > 1 else _from_column(table, names[0])


def suggested_time(table: Table) -> tuple[str, ...]:
    """Return the columns that look like a time that was not asked for, or none."""
    for column in table.frame:
        name = column.name.lower()
        if (name in TIME_NAMES or any(word in name for word in TIME_WORDS)) and holds_times(column):
            return (column.name,)
    named = {name.lower(): name for name in table.columns}
    return tuple(named[part] for part in itertools.takewhile(named.__contains__, PARTS))


def holds_times(column: pl.Series) -> bool:
    """Whether the first values of a column, text or dates, can be read as times."""
    if column.dtype in (pl.Date, pl.Datetime):
        return True
    if column.dtype != pl.String:
        return False
    head = strip_missing(column.head(200)).drop_nulls()
    if not len(head):
        return False
    plain = head.str.replace(ZONE, "$1")
    return bool(plain.str.contains(DAY_MONTH).all()) or not _parse_iso(plain).null_count()


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


def _from_column(table: Table, name: str) -> Times:
    column = table.frame[name]
    if column.dtype == pl.String:
        column = strip_missing(column).alias(name)
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
        return _from_numbers(table, column)
    if column.dtype != pl.String:
        raise UserError(
            f"{table.label}: time column {name!r} holds {type_name(column)}; expected text, dates or whole "
            "numbers"
        )
    numbers = column.cast(pl.Float64, strict=False)
    return _from_text(table, column) if numbers.null_count() else _from_numbers(table, numbers)


def _from_numbers(table: Table, column: pl.Series) -> Times:
    """Read years, dates such as 20160701, or counts."""
    values = column.cast(pl.Float64).to_numpy()
    wrong = np.flatnonzero(~(np.abs(values) <= MOST_COUNT))
    if len(wrong):
        held = f"holds {values[wrong[0]]} in {table.place(int(wrong[0]))}"
        expected = f"expected finite numbers of at most {MOST_COUNT:.2g}"
        raise UserError(f"{table.label}: time column {column.name!r} {held}; {expected}")
    if (values != np.rint(values)).any():
        return Times(values.copy())
    counts = column.cast(pl.Int64).to_numpy().copy()
    low, high = counts.min(), counts.max()
    if low >= 1500 and high <= 2200:
        note = f"the whole numbers of {column.name!r}, {low} to {high}, were read as years."
        return Times((counts - 1970).astype("datetime64[Y]").astype("datetime64[us]"), notes=(note,))
    if low >= 1500_01_01 and high <= 2200_12_31:
        dates = pl.Series(counts).cast(pl.String).str.to_datetime("%Y%m%d", strict=False, time_unit="us")
        if not dates.null_count():
            note = f"the whole numbers of {column.name!r}, {low} to {high}, were read as dates."
            return Times(dates.to_numpy().copy(), notes=(note,))
    return Times(counts)


def _from_text(table: Table, text: pl.Series) -> Times:
    iso, zone = _split_zone(table, text)
    iso, notes = _day_month_to_iso(table, iso)
    parsed = _parse_iso(iso)
    wrong = parsed.null_count()
    if wrong:
        row = int(parsed.is_null().arg_max() or 0)
        many = f" ({wrong} of {len(parsed)} are none)" if wrong > 1 else ""
        raise UserError(
            f"{table.label}: time column {text.name!r} holds {brief(text[row])} in {table.place(row)}, which "
            f"is no time{many}; {WANTED}"
        )
    times = parsed.to_numpy()
    return Times(times - offset_of(zone) if zone else times.copy(), zone, notes)


def _parse_iso(text: pl.Series) -> pl.Series:
    """Return datetime[us] of ISO text without a zone, null where it is none."""
    distinct = text.unique()
    if len(distinct) < len(text):  # many series have the same times: reading each once is 15 times as fast
        return text.replace_strict(distinct, _parse_iso(distinct), return_dtype=pl.Datetime("us"))
    parsed = text.str.to_datetime(FORMATS[0], strict=False, time_unit="us")
    if not parsed.null_count():
        return parsed
    plain = text.str.replace(r"^(\d{4})/(\d{1,2})/", "$1-$2-").str.replace(r"^(\d{4})/(\d{1,2})$", "$1-$2")
    plain = plain.str.replace(r"(\d)T(\d)", "$1 $2").str.replace(r"^(\d{4}-\d{1,2})$", "$1-01")
    for form in FORMATS:
        if parsed.null_count():
            other = plain.str.to_datetime(form, strict=False, time_unit="us")
            parsed = parsed.zip_with(parsed.is_not_null(), other)
    return parsed


def _split_zone(table: Table, text: pl.Series) -> tuple[pl.Series, str | None]:
    """Return the text without its zone, and the zone that all of it has."""
    found = text.str.extract(ZONE, 2).fill_null("")
    kinds = found.unique(maintain_order=True).to_list()
    if kinds == [""]:
        return text, None
    offsets = {kind: offset_of(kind) if kind else None for kind in kinds}
    other = next((kind for kind in kinds[1:] if offsets[kind] != offsets[kinds[0]]), None)
    if other is not None:
        row = (found == other).arg_max() or 0
        raise UserError(
            f"{table.label}: mixed time zones in {text.name!r}: {text[0]!r} in {table.place(0)}, "
            f"{text[row]!r} in {table.place(row)}; write all times in UTC (2016-07-01T13:00:00Z), or all "
            "without a zone"
        )
    minutes = int(offset_of(kinds[0]).astype(int))
    sign, size = ("-" if minutes < 0 else "+"), abs(minutes)
    zone = f"{sign}{size // 60:02d}:{size % 60:02d}" if minutes else "UTC"
    return text.str.replace(ZONE, "$1"), zone


def _day_month_to_iso(table: Table, text: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    """Turn `31/12/2013` and `12/31/2013` round when the data show which number is the day."""
    if not text.str.contains(DAY_MONTH).any():
        return text, ()
    fields = text.to_frame().select(pl.col(text.name).str.extract_groups(DAY_MONTH)).unnest(text.name)
    one, two, year, rest = (fields[name] for name in fields.columns)
    day_first = bool((one.cast(pl.Int32) > 12).any())
    month_first = bool((two.cast(pl.Int32) > 12).any())
    if day_first == month_first:
        row = int(one.is_not_null().arg_max() or 0)
        raise UserError(
            f"{table.label}: times such as {text[row]!r} in {table.place(row)} can be read day first or "
            f"month first, and the data {'show both' if day_first else 'do not tell which'}; {WANTED}"
        )
    day, month = (one, two) if day_first else (two, one)
    iso = (year + "-" + month + "-" + day + rest).fill_null(text).alias(text.name)
    order = "day" if day_first else "month"
    return iso, (f"times of {text.name!r} such as {text[0]!r} were read {order} first.",)


def _from_parts(table: Table, names: Sequence[str]) -> Times:
    """Combine year, month, day, ... columns, matched by their names or else by their order."""
    lower = [name.lower() for name in names]
    parts = lower if set(lower) <= set(PARTS) else list(PARTS[: len(names)])
    if len(names) > len(PARTS) or sorted(parts, key=PARTS.index) != list(PARTS[: len(parts)]):
        raise UserError(
            f"{table.label}: the columns {', '.join(names)} do not form a time; give the columns for "
            f"{', '.join(PARTS)}, or for the first few of these"
        )
    frame = pl.DataFrame([_whole_numbers(table, *pair) for pair in zip(names, parts, strict=True)])
    given = [pl.col(part) if part in parts else pl.lit(RANGES[part][0]) for part in PARTS]
    last = frame.select(pl.date("year", given[1], 1).dt.month_end().dt.day()).to_series()
    if "day" in parts and (frame["day"] > last).any():
        row = int((frame["day"] > last).arg_max() or 0)
        values = ", ".join(f"{name} {table.frame[name][row]}" for name in names)
        raise UserError(f"{table.label}: there is no such day in {table.place(row)}: {values}")
    return Times(frame.select(pl.datetime(*given, time_unit="us")).to_series().to_numpy().copy())


def _whole_numbers(table: Table, name: str, part: str) -> pl.Series:
    """Return a part of the time as int32, checked against its range."""
    low, high = RANGES[part]
    column = table.frame[name]
    values, _ = parse_numbers(table, column)
    if values is None:
        values = column.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False).to_numpy()
    wrong = np.flatnonzero(~((values >= low) & (values <= high) & (values == np.rint(values))))
    if len(wrong):
        row = int(wrong[0])
        held = "nothing" if column[row] is None else repr(column[row])
        raise UserError(
            f"{table.label}: time column {name!r}, read as the {part}, holds {held} in {table.place(row)}; "
            f"expected whole numbers from {low} to {high}"
        )
    return pl.Series(part, values.astype(np.int32))


def _no_time(table: Table, column: pl.Series) -> str:
    row, count = int(column.is_null().arg_max() or 0), column.null_count()
    more = f" ({count} rows have none)" if count > 1 else ""
    return (
        f"{table.label}: {table.place(row)} has no time in column {column.name!r}{more}; fill it in or "
        "remove the row"
    )
