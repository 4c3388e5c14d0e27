"""Synthetic series, of other columns or another season where that is asked."""

from __future__ import annotations

import dataclasses

from ..frequency import season_of
from ..series import Series
from .roles import Names
from .selection import select_columns


def synthetic_of(text: str, *, target: Names, features: Names, season: int | None) -> Series:
    """Return the series that `synthetic:NAME[,key=value...]` names; the others as in `read_series`."""
    from ..synthetic import make

    series = make(text)
    if target is not None or features is not None:
        series = select_columns(series, target, features)
    return series if season is None else dataclasses.replace(series, season=season_of(None, season))
