"""Time zones: times are kept in UTC, days and months are counted in local time.

A zone is a name of the time zone database (`Europe/Berlin`, `UTC`) or a fixed offset (`+05:30`).
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from .words import time_text

OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})?$")


def offset_of(zone: str) -> np.timedelta64:
    """Return the fixed offset, local minus UTC, that `+05:30`, `+0530`, `+05` or `Z` names."""
    match = OFFSET.match(zone)
    if not match:
        return np.timedelta64(0, "m")
    sign, hours, minutes = match.groups()
    return np.timedelta64(int(f"{sign}1") * (60 * int(hours) + int(minutes or 0)), "m")


def to_local(times: np.ndarray, zone: str | None) -> np.ndarray:
    """Return the wall-clock times, datetime64[us], of times in UTC."""
    if zone is None or zone == "UTC":
        return times
    if OFFSET.match(zone):
        return times + offset_of(zone)
    utc = pl.Series(times).dt.replace_time_zone("UTC")
    return utc.dt.convert_time_zone(zone).dt.replace_time_zone(None).to_numpy()


def clock_text(time: np.generic, zone: str | None) -> str:
    """Return a time, or a count, for a message, as the clock of its zone shows it."""
    return time_text(to_local(np.array([time]), zone)[0])


def to_utc(local: np.ndarray, zone: str | None) -> np.ndarray:
    """Return the times in UTC, datetime64[us], of wall-clock times.

    Of a wall-clock time that occurs twice the first is meant; one that the clock skips is read with
    the offset that held an hour before.
    """
    if zone is None or zone == "UTC":
        return local
    if OFFSET.match(zone):
        return local - offset_of(zone)
    hour = np.timedelta64(1, "h")

    def convert(wall: np.ndarray) -> np.ndarray:
        aware = pl.Series(wall).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        return aware.dt.convert_time_zone("UTC").dt.replace_time_zone(None).to_numpy()

    utc = convert(local)
    skipped = np.isnat(utc)
    if skipped.any():
        utc = utc.copy()
        utc[skipped] = convert(local[skipped] - hour) + hour
    return utc
