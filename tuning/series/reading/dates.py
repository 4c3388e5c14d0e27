"""Dates and times as people write them -> ISO text.

Quarters, halves and weeks of a year, months by name, months before their year, dates of eight digits, clocks
with AM and PM or with points, and 24:00, which is the next day's 0:00. What stands for a span of time becomes
its beginning. Of two numbers before a year the data tell which is the day, where one of them is above 12;
points between them (1.2.2020) always mean day first; else the user says. Years of two digits are 1969 to
2068.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

SPANS = {"q": 3, "h": 6}
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
SEP = r"[-/. ,]*"
CLOCK = r"((?:[T ,:]+\d{1,2}[:.]\d.*)?)"
TWO_DIGITS = "~"
"""Stands before a year of two digits until its century is there."""
DAY_MONTH = r"^(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4}|\d{2})\b(.*)$"
MIDNIGHT = r"^(.*\d)[ T]24:00(?::00(?:\.0+)?)?$"
HALF_DAY = r"(?i)^(.*?)\b(\d{1,2})((?::\d{2}){0,2}(?:\.\d+)?)\s*([ap])\.?\s?m\.?$"


def _lettered() -> Iterator[tuple[str, str]]:
    """Yield patterns with letters and what they become, in the order in which they are tried."""
    yield r"(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", ""
    for letter, months in SPANS.items():
        for number in range(1, 12 // months + 1):
            month = f"{months * (number - 1) + 1:02d}-01"
            yield rf"(?i)^(\d{{4}})[-/. ]?{letter}{number}$", f"${{1}}-{month}"
            part = rf"(?i)^(?:{letter}{number}|{number}{letter})[-/. ]?"
            yield rf"{part}(\d{{4}})$", f"${{1}}-{month}"
            yield rf"{part}'?(\d{{2}})$", f"{TWO_DIGITS}${{1}}-{month}"
    yield r"(?i)^(\d{4})m(\d{1,2})$", "${1}-${2}-01"
    for number, name in enumerate(MONTHS, 1):
        short = f"{name[:3]}t?" if number == 9 else name[:3]
        word = rf"(?i)(^|[^a-z])(?:{name}|{short})\.?($|[^a-z])"
        yield word, f"${{1}}@{number:02d}@${{2}}"
    month = r"@(\d\d)@"
    yield rf"^(\d{{1,2}})(?:st|nd|rd|th)?{SEP}{month}{SEP}(\d{{4}})\b{CLOCK}$", "${3}-${2}-${1}${4}"
    yield rf"^(\d{{1,2}}){SEP}{month}{SEP}(\d{{2}})\b{CLOCK}$", TWO_DIGITS + "${3}-${2}-${1}${4}"
    yield rf"^{month} +(\d{{1,2}}) (\d{{1,2}}:\d{{2}}:\d{{2}}) (\d{{4}})$", "${4}-${1}-${2} ${3}"
    yield rf"^{month}{SEP}(\d{{1,2}})(?:st|nd|rd|th)?[, ]+(\d{{4}})\b{CLOCK}$", "${3}-${1}-${2}${4}"
    yield rf"^{month}{SEP}(\d{{4}})$", "${2}-${1}-01"
    yield rf"^{month}{SEP}'?(\d{{2}})$", TWO_DIGITS + "${2}-${1}-01"
    yield rf"^(\d{{4}}){SEP}{month}{SEP}(\d{{1,2}})\b{CLOCK}$", "${1}-${2}-${3}${4}"
    yield rf"^(\d{{4}}){SEP}{month}$", "${1}-${2}-01"


LETTERED = tuple(_lettered())
DIGITS = (
    (r"^(\d{1,2})[-/.](\d{4})$", "${2}-${1}-01"),
    (r"^(\d{4})[-/.](\d{1,2})$", "${1}-${2}-01"),
    (rf"^(\d{{4}})[/.](\d{{1,2}})[/.](\d{{1,2}})\b{CLOCK}$", "${1}-${2}-${3}${4}"),
    (r"^(\d{4})(\d{2})(\d{2})$", "${1}-${2}-${3}"),
    (r"^(\d{4})(\d{2})(\d{2})[T ]?(\d{2}):?(\d{2})$", "${1}-${2}-${3} ${4}:${5}"),
    (r"^(\d{4})(\d{2})(\d{2})[T ]?(\d{2}):?(\d{2}):?(\d{2})$", "${1}-${2}-${3} ${4}:${5}:${6}"),
)
CLOCKS = (
    (r"^(\d{4}-\d{1,2}-\d{1,2})[T ,:]+(\d{1,2})$", "${1} ${2}:00"),
    (r"^(\d{4}-\d{1,2}-\d{1,2})[T ,:]+(\d{1,2})\.(\d{2})$", "${1} ${2}:${3}"),
    (r"^(\d{4}-\d{1,2}-\d{1,2})[T ,:]+(\d{1,2})\.(\d{2})\.(\d{2})$", "${1} ${2}:${3}:${4}"),
    (r"^(\d{4}-\d{1,2}-\d{1,2})[T ,:]+(\d{1,2}:.*)$", "${1} ${2}"),
    (r"(:\d{2}:\d{2}),(\d+)$", "${1}.${2}"),
)
CENTURIES = ((rf"^{TWO_DIGITS}([0-5]\d|6[0-8])-", "20${1}-"), (rf"^{TWO_DIGITS}(\d{{2}})-", "19${1}-"))


@dataclass(frozen=True)
class Iso:
    """Text in ISO form, where it could be told.

    Args:
        text: `2020-01-05`, or with a clock; anything else is no time.
        next_day: bool, whether a day is to be added: of 24:00.
        short_years: whether years of two digits were among it.
        order: `day`, `month` or `year`, what comes first; empty where that is plain.
    """

    text: pl.Series
    next_day: pl.Series
    short_years: bool = False
    order: str = ""


class Doubt(Exception):
    """Nothing tells the order of day and month; says why, of which row."""

    def __init__(self, row: int, why: str) -> None:
        super().__init__(why)
        self.row, self.why = row, why


def to_iso(text: pl.Series, day_first: bool | None) -> Iso:
    """Return times without a zone as ISO text.

    Args:
        text: of the times.
        day_first: whether the day stands before the month; None where the data tell.

    Raises:
        Doubt: when day and month cannot be told apart.
    """
    made = text
    if text.str.contains("[A-Za-z]").any():
        made = _replaced(_weeks(_half_days(text)), LETTERED)
    made = _replaced(made, DIGITS)
    made, order = _ordered(made, day_first)
    short = bool(made.str.starts_with(TWO_DIGITS).any())
    made = _replaced(_replaced(made, CENTURIES), CLOCKS)
    midnight = made.str.contains(MIDNIGHT).fill_null(False)
    return Iso(made.str.replace(MIDNIGHT, "${1} 00:00:00"), midnight, short, order)


def month_numbers(text: pl.Series) -> pl.Series:
    """Return names of months as their numbers, and other text as it is."""
    small = text.str.strip_chars().str.to_lowercase().str.strip_chars_end(".")
    named = {name: str(number) for number, month in enumerate(MONTHS, 1) for name in (month, month[:3])}
    return small.replace({**named, "sept": "9"}).alias(text.name)


def _replaced(text: pl.Series, forms: tuple[tuple[str, str], ...]) -> pl.Series:
    expression = pl.col("t")
    for pattern, made in forms:
        expression = expression.str.replace(pattern, made)
    return text.to_frame("t").select(expression).to_series()


def _weeks(text: pl.Series) -> pl.Series:
    """Turn weeks of ISO 8601 into their Mondays, or the day of the week that is given; and days of a year."""
    named = _replaced(
        text,
        (
            (r"(?i)^(?:k?w|week)\s?(\d{1,2})(?:[-/.]|,? )(\d{4})$", "${2}-W${1}"),
            (r"(?i)^(\d{4})[-/ ]?w(\d{1,2})$", "${1}-W${2}-1"),
            (r"(?i)^(\d{4})[-/ ]?w(\d{1,2})-?([1-7])$", "${1}-W${2}-${3}"),
            (r"-W(\d)-", "-W0${1}-"),
        ),
    )
    days = named.str.to_date("%G-W%V-%u", strict=False)
    days = days.fill_null(named.str.to_date("%Y-D%j", strict=False))
    return days.cast(pl.String).zip_with(days.is_not_null(), text) if days.null_count() < len(text) else text


def _half_days(text: pl.Series) -> pl.Series:
    """Turn 1:00 PM into 13:00, and 12 AM into 0:00."""
    if not text.str.contains(HALF_DAY).any():
        return text
    parts = text.to_frame("t").select(pl.col("t").str.extract_groups(HALF_DAY)).unnest("t")
    date, hour, rest, half = (parts[name] for name in parts.columns)
    late = half.str.to_lowercase() == "p"
    hours = (hour.cast(pl.Int32, strict=False) % 12) + 12 * late.cast(pl.Int32)
    clock = hours.cast(pl.String).str.zfill(2) + rest.replace("", ":00")
    return (date + clock).zip_with(half.is_not_null(), text)


def _ordered(text: pl.Series, day_first: bool | None) -> tuple[pl.Series, str]:
    """Turn `31/12/2013`, `12/31/2013` and `13-12-31` round, and return what comes first in them."""
    if not text.str.contains(DAY_MONTH).any():
        return text, ""
    fields = text.to_frame("t").select(pl.col("t").str.extract_groups(DAY_MONTH)).unnest("t")
    one, mark, two, three, rest = (fields[name] for name in fields.columns)
    a, b, c = (field.cast(pl.Int32) for field in (one, two, three))
    row = int(one.is_not_null().arg_max() or 0)
    short = bool((three.str.len_chars() == 2).all())

    def within(column: pl.Series, most: int) -> bool:
        return bool(((column >= 1) & (column <= most)).all())

    orders = {
        "day": within(a, 31) and within(b, 12),
        "month": within(a, 12) and within(b, 31),
        "year": short and within(b, 12) and within(c, 31),
    }
    found = [name for name, may_be in orders.items() if may_be]
    if day_first is not None:
        found = [name for name in found if name == ("day" if day_first else "month")]
        if not found:
            wrong = b > 12 if day_first else a > 12
            raise Doubt(int(wrong.arg_max() or row), "said")
    if len(found) > 1 and not short and bool((mark == ".").all()):
        found = ["day"]
    if len(found) != 1:
        raise Doubt(row, "both" if not found else "neither")
    day, month, year = {"day": (one, two, three), "month": (two, one, three), "year": (three, two, one)}[
        found[0]
    ]
    full = year.str.len_chars() == 4
    year = year.zip_with(full, TWO_DIGITS + year.str.zfill(2))
    return (year + "-" + month + "-" + day + rest).fill_null(text), found[0]
