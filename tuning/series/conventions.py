"""Conventions: how the cells of a table are written, as its maker knows and a file seldom says.

A user says them (`tune(..., missing_values=-200)`), and reading finds out others. Both are kept with the
Series, since what one file was taken for holds for the next one: a forecast reads new rows as the rows that
the model was trained on.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ...search_spaces.errors import UserError
from .zones import OFFSET


@dataclass(frozen=True)
class Conventions:
    """How cells are written.

    Args:
        missing_values: what stands for a missing value beside empty cells and words such as NA; `-200` is the
            same number as `-200.0`, `text` is whatever is no number among numbers.
        categorical: columns that are categories although they look like numbers.
        numeric: columns that are numbers although they look like text; of a model that was trained on them.
        day_first: whether 1/2/2020 is the first of February; None where the data tell.
        zone: time zone whose wall clock times show that name none; in which days and months are counted.
        decimal: the decimal sign, `.` or `,`, where a number leaves it open; None takes the usual one.
        frequency: the step from row to row that a model was trained on; None infers it.
    """

    missing_values: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    day_first: bool | None = None
    zone: str | None = None
    decimal: str | None = None
    frequency: str | None = None


def said(missing_values: Any, categorical: Any, day_first: bool | None, zone: str | None) -> Conventions:
    """Return what a user said of a table.

    Args:
        missing_values: a value, several, or a text of several with commas between them; None is none.
        categorical: a column, several, or a text of several with commas between them; None is none.
        day_first: as in `Conventions`.
        zone: name of the time zone database, or an offset.

    Raises:
        UserError: for a zone that nobody knows.
    """
    if zone is not None:
        _check_zone(zone)
    return Conventions(
        tuple(_texts(missing_values)), tuple(_texts(categorical)), day_first=day_first, zone=zone
    )


def _texts(given: Any) -> Iterable[str]:
    if given is None:
        return []
    if isinstance(given, str):
        return [part.strip() for part in given.split(",") if part.strip()]
    if isinstance(given, Sequence | set | frozenset):
        return [str(one).strip() for one in given]
    return [str(given)]


def _check_zone(zone: str) -> None:
    if OFFSET.fullmatch(zone):
        return
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise UserError(
            f"there is no time zone {zone!r}; give a place such as Europe/Berlin or America/New_York, UTC, "
            "or an offset such as +01:00"
        ) from None
