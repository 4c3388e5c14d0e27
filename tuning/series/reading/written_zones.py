"""The zone that stands behind a time in text: `Z`, `UTC`, `GMT+1`, `+02:00`, or a name such as `CET`.

An offset, and UTC, are one clock everywhere. A name is not (IST is the time of India, of Ireland and of
Israel): it is read where --zone says whose clock it is, and then tells which of two equal hours is meant
(`zoned`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import polars as pl

from ....search_spaces.errors import UserError
from ..words import brief
from ..zones import offset_of
from .tables import Table

UNIVERSAL = r"^(.*\d)\s*(Z|z|UTC|GMT)$"
AFTER_CLOCK = (
    r"^(.*(?::\d{2}(?:[.,]\d+)?|T\d{4}(?:\d{2})?|[AaPp]\.?[Mm]\.?))\s*"
    r"((?:UTC|GMT)?\s?[+-]\d{1,2}(?::?\d{2})?|UTC|GMT|[A-Z]{3,5})$"
)
OFFSET = re.compile(r"(?:UTC|GMT)?\s?([+-])(\d{1,2}?)(?::?(\d{2}))?$")
"""Ahead of UTC is plus, also in `GMT+1`."""
NAME = r"^[A-Z]{3,5}$"
NONE = np.timedelta64(0, "m")
ONE_CLOCK = ("UTC", "GMT")


@dataclass(frozen=True, eq=False)
class Written:
    """Times without their zones.

    Args:
        text: of the times.
        offsets: local minus UTC, of each row or of all.
        zone: the zone the times were given in, or None.
        names: of the zone of each row, where that is all that was written.
        notes: how they were read, where that is not plain.
    """

    text: pl.Series
    offsets: np.ndarray | np.timedelta64 = NONE
    zone: str | None = None
    names: pl.Series | None = None
    notes: tuple[str, ...] = ()


def without_zone(text: pl.Series) -> pl.Series:
    """Return times in text without the zone that may stand behind them."""
    return text.str.replace(UNIVERSAL, "$1").str.replace(AFTER_CLOCK, "$1")


def split_zone(table: Table, text: pl.Series) -> Written:
    """Return times in text, and the zones that stood behind them.

    Raises:
        UserError: for times with and without a zone, and for names of zones whose place no --zone says.
    """
    found = text.str.extract(UNIVERSAL, 2).fill_null(text.str.extract(AFTER_CLOCK, 2)).fill_null("")
    kinds = found.unique(maintain_order=True).to_list()
    if kinds == [""]:
        return Written(text)
    if "" in kinds:
        row = (found != found[0]).arg_max() or 0
        raise UserError(
            f"{table.label}: times with and without a zone in {text.name!r}: {text[0]!r} in "
            f"{table.place(0)}, {text[row]!r} in {table.place(row)}; write all times in UTC "
            "(2016-07-01T13:00:00Z), or all without a zone"
        )
    bare = without_zone(text)
    if not {*kinds} <= {*ONE_CLOCK} and found.str.contains(NAME).any():
        if table.conventions.zone is None:
            named = found.str.contains(NAME) & ~found.is_in(ONE_CLOCK)
            row = int(named.arg_max() or 0)
            raise UserError(
                f"{table.label}: {found[row]} in {brief(text[row])} of {text.name!r} in {table.place(row)} "
                "is the name of several clocks; give the place of this one as --zone, such as Europe/Berlin"
            )
        return Written(bare, names=found)
    offsets = {kind: _offset(kind) for kind in kinds}
    if len({*offsets.values()}) > 1:
        each = np.array([int(offsets[kind].astype(int)) for kind in found.to_list()]).astype("timedelta64[m]")
        note = (
            f"the offsets of {text.name!r} change ({', '.join(kinds[:3])}): its times are kept in UTC; to "
            "count days and months by the clock of a place, give --zone, such as --zone Europe/Berlin."
        )
        return Written(bare, each, "UTC", None, () if table.conventions.zone else (note,))
    minutes = int(offsets[kinds[0]].astype(int))
    sign, size = ("-" if minutes < 0 else "+"), abs(minutes)
    zone = f"{sign}{size // 60:02d}:{size % 60:02d}" if minutes else "UTC"
    return Written(bare, offsets[kinds[0]], zone)


def _offset(kind: str) -> np.timedelta64:
    match = OFFSET.match(kind)
    if not match:
        return offset_of("Z")
    sign, hours, minutes = match.groups("00")
    return offset_of(f"{sign}{hours:0>2}{minutes}")
