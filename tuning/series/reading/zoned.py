"""Times of a wall clock -> UTC, in the zone that the user says.

When clocks are set back, one hour is shown twice: the first row of a series with such a time is the earlier
one. An hour that clocks skip is no time of that zone. Where no zone is said, a duplicate or a gap in a
Sunday's first hours is told as what it may be.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl

from ....search_spaces.errors import UserError
from ..words import time_text
from ..zones import OFFSET, to_utc
from .rows import Rows
from .tables import Table
from .times import Times

SUNDAY, LAST_HOUR = 6, 4


def zoned(table: Table, times: Times, numbers: np.ndarray) -> Times:
    """Return times in the zone that the conventions of the table say; without one, as they are.

    Args:
        table: of the times.
        times: as they were read.
        numbers: int64 (rows,), the number of the series of each row.

    Raises:
        UserError: for numbers, and for an hour that the clocks of the zone skip.
    """
    zone = table.conventions.zone
    if zone is None:
        return times
    if not np.issubdtype(times.values.dtype, np.datetime64):
        raise UserError(
            f"{table.label}: its times are numbers such as {times.values[0]}, which no clock shows; leave "
            "out --zone"
        )
    if times.zone is not None:
        return dataclasses.replace(times, zone=zone)
    if times.names is not None:
        return dataclasses.replace(times, values=_by_name(table, times.values, times.names, zone), zone=zone)
    if OFFSET.match(zone) or zone == "UTC":
        return dataclasses.replace(times, values=to_utc(times.values, zone), zone=zone)
    which = pl.Series("which", np.where(_again(times.values, numbers), "latest", "earliest"))
    frame = pl.DataFrame({"t": pl.Series(times.values), "which": which})
    local = pl.col("t").dt.replace_time_zone(zone, ambiguous=pl.col("which"), non_existent="null")
    utc = frame.select(local.dt.convert_time_zone("UTC").dt.replace_time_zone(None)).to_series()
    if utc.null_count():
        row = int(utc.is_null().arg_max() or 0)
        raise UserError(
            f"{table.label}: {table.place(row)} is at {time_text(times.values[row])}, which the clocks of "
            f"{zone} skip, so these times are of another clock; give another --zone, such as +01:00 for a "
            "clock that is never changed, or leave it out"
        )
    return dataclasses.replace(times, values=utc.to_numpy().copy(), zone=zone)


def _by_name(table: Table, times: np.ndarray, names: pl.Series, zone: str) -> np.ndarray:
    """Return times in UTC of clocks that were named, `CET` or `CEST`, as those of a zone are.

    Raises:
        UserError: where the zone has another name then.
    """
    if OFFSET.match(zone):
        one, *others = names.unique(maintain_order=True)
        if others:
            raise UserError(
                f"{table.label}: its times are of {one} and {others[0]}, a clock that is changed, and {zone} "
                "is none; give its place as --zone, such as --zone Europe/Berlin"
            )
        return to_utc(times, zone)
    frame, found = pl.DataFrame({"t": pl.Series(times), "name": names}), []
    for which in ("earliest", "latest"):
        clock = pl.col("t").dt.replace_time_zone(zone, ambiguous=which, non_existent="null")
        utc = clock.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        found.append(
            frame.select(
                utc=utc, name=clock.dt.strftime("%Z"), fits=clock.dt.strftime("%Z") == pl.col("name")
            )
        )
    earliest, latest = found
    fits = (earliest["fits"] | latest["fits"]).fill_null(False)
    if not fits.all():
        row = int((~fits).arg_max() or 0)
        shown = earliest["name"][row]
        clocks = (
            f"which the clocks of {zone} skip" if shown is None else f"and the clocks of {zone} show {shown}"
        )
        raise UserError(
            f"{table.label}: {table.place(row)} is at {time_text(times[row])} {names[row]}, {clocks} then; "
            "give the place of this clock as --zone, or for one that is never changed its offset: +01:00"
        )
    return earliest["utc"].zip_with(earliest["fits"].fill_null(False), latest["utc"]).to_numpy().copy()


def _again(times: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return bool (rows,), whether a row has the time of one of its series that came before it."""
    falls = len(times) > 1 and np.median(np.diff(times).astype(np.int64)) < 0  # the newest rows first
    place = np.arange(len(times))
    order = np.lexsort((-place if falls else place, times, numbers))
    same = (np.diff(times[order]) == np.timedelta64(0)) & (np.diff(numbers[order]) == 0)
    again = np.zeros(len(times), bool)
    again[order[1:][same]] = True
    return again


def of_clock(rows: Rows, found: np.ndarray) -> str:
    """Return what to do where rows are doubled, or followed by a gap, as clocks are set; else nothing.

    Args:
        rows: sorted.
        found: int64, the rows.
    """
    if rows.zone is not None or rows.times is None or not np.issubdtype(rows.times.dtype, np.datetime64):
        return ""
    times = rows.times[found]
    days = times.astype("datetime64[D]")
    sundays = (days.astype(np.int64) + 3) % 7 == SUNDAY
    if not (sundays & (times - days < np.timedelta64(LAST_HOUR, "h"))).any() or (times == days).all():
        return ""
    return (
        "; where the hands of a clock were moved then, for summer or winter time, give its place as --zone, "
        "such as --zone Europe/Berlin"
    )
