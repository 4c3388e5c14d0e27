"""Numbers that are times: years, dates (20160701, 201607, 2016183), seconds since 1970, or plain counts.

Seconds since 1970 (or their thousandths, millionths, ...) are told from counts by their size: those of the
years 1990 to 2100. They are times in UTC.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ....search_spaces.errors import UserError
from .tables import Table

MOST_COUNT = 2**62
"""So that the difference of two of them has 64 bits."""
SECONDS = (631_152_000, 4_102_444_800)
"""1990 and 2100."""
UNITS = {1: "seconds", 10**3: "milliseconds", 10**6: "microseconds", 10**9: "nanoseconds"}
DIGITS = {6: "%Y%m", 7: "%Y%j", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
WORDS = {6: "years and their months", 7: "years and their days", 8: "dates"}
YEARS = (1500, 2200)
NEAR_YEARS = (1900, 2100)
"""Of numbers that are as likely counts."""
SHEET_DAYS = (32_874, 73_051)
"""1990 and 2100 as a spreadsheet counts days."""


def numbered(table: Table, column: pl.Series) -> tuple[np.ndarray, str | None, tuple[str, ...]]:
    """Return the times of a column of numbers, the zone that they are known in, and how they were read.

    Raises:
        UserError: for a number that is not finite, or too large.
    """
    values = column.cast(pl.Float64).to_numpy()
    wrong = np.flatnonzero(~(np.abs(values) <= MOST_COUNT))
    if len(wrong):
        held = f"holds {values[wrong[0]]} in {table.place(int(wrong[0]))}"
        expected = f"expected finite numbers of at most {MOST_COUNT:.2g}"
        raise UserError(f"{table.label}: time column {column.name!r} {held}; {expected}")
    whole = bool((values == np.rint(values)).all())
    low, high = values.min(), values.max()
    counts = column.cast(pl.Int64).to_numpy().copy() if whole else values.copy()

    def told(what: str) -> tuple[str, ...]:
        kind = "whole numbers" if whole else "numbers"
        return (f"the {kind} of {column.name!r}, {counts.min()} to {counts.max()}, were read as {what}.",)

    if whole and low >= YEARS[0] and high <= YEARS[1]:
        return (counts - 1970).astype("datetime64[Y]").astype("datetime64[us]"), None, told("years")
    digits = len(f"{low:.0f}")
    first, last = (year // 10 ** (digits - 4) for year in (low, high))
    years = YEARS if digits > 7 else NEAR_YEARS
    if whole and digits in DIGITS and len(f"{high:.0f}") == digits and years[0] <= first and last <= years[1]:
        dates = _dates(counts, digits)
        if dates is not None:
            return dates, None, told(WORDS.get(digits, "dates and hours"))
    for unit, name in UNITS.items():
        if low >= SECONDS[0] * unit and high <= SECONDS[1] * unit:
            micros = counts * 10**6 / unit if not whole else _micros(counts, unit)
            times = np.rint(micros).astype(np.int64).astype("datetime64[us]")
            return times, "UTC", told(f"{name} since 1970, in UTC")
    such = f"the numbers of {column.name!r}, {low:g} to {high:g}, are taken as counts"
    better = "write them as dates: seasons and the calendar need them."
    if low >= SHEET_DAYS[0] and high <= SHEET_DAYS[1]:
        return counts, None, (f"{such}. If they are days that a spreadsheet counts from 1900, {better}",)
    if not whole and low >= NEAR_YEARS[0] and high <= NEAR_YEARS[1]:
        return counts, None, (f"{such}. If they are years with a fraction, {better}",)
    return counts, None, ()


def _dates(counts: np.ndarray, digits: int) -> np.ndarray | None:
    """Return datetime64[us] of numbers such as 20160701 or 2016070113; None where one of them is none."""
    text = pl.Series(counts).cast(pl.String)
    if digits in (6, 10):  # a month and an hour alone are nothing that polars reads
        text, digits = text + ("01" if digits == 6 else "00"), digits + 2
    dates = text.str.to_datetime(DIGITS[digits], strict=False, time_unit="us")
    return None if dates.null_count() else dates.to_numpy().copy()


def _micros(counts: np.ndarray, unit: int) -> np.ndarray:
    return counts * (10**6 // unit) if unit <= 10**6 else counts // (unit // 10**6)
