"""read_series: the user's data, from wherever they are, as a Series.

A text that begins with `synthetic:` is made, everything else is read as a table (`tables`) and turned
into a Series (`from_table`). Everything that was done beyond copying is told in `Series.notes`.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ....search_spaces.errors import UserError, did_you_mean
from ..frequency import season_of
from ..series import Series
from .from_table import series_of
from .missing import POLICIES
from .roles import Names
from .selection import select_columns
from .tables import read_table
from .wide import SERIES, VALUE, long_table, looks_wide

SYNTHETIC = "synthetic:"


def read_series(
    source: Any,
    *,
    target: Names,
    time: Names = None,
    id: str | None = None,
    wide: str | None = None,
    features: Names = None,
    missing: str = "error",
    season: int | None = None,
) -> Series:
    """Read one or many time series.

    >>> series = read_series({"sales": [3.0, 4.0, 8.0], "price": [9, 9, 7]}, target="sales", features="price")
    >>> series.columns, series.values.shape
    (('sales', 'price'), (3, 2))

    Args:
        source: path to a .csv, .tsv, .txt (also .gz) or .parquet file; a data frame (polars, pandas,
            pyarrow, ...); an array (1-D: the column `y`, 2-D: `c0`, `c1`, ...) or a dict of 1-D arrays;
            or `synthetic:NAME[,key=value...]`.
        target: numeric column or columns to forecast. May be None for a 1-D array and synthetic data.
        time: column of times, or the columns year, month, day, hour, ... that form one; None takes the
            rows in the order given.
        id: column that tells series apart when one table holds many.
        wide: `columns` or `rows` for a table with one of them for each series, see `wide`; the target is then
            called `value`, and the id `series`.
        features: past features: a column, several, `"all"` that are left, or None.
        missing: what to do with missing values and gaps in time: `error`, `ffill`, `interpolate`, `drop`.
        season: rows in a season; None takes the usual one of the frequency (see `Frequency.season`).

    Returns:
        A Series without missing values, sorted by (id, time): `values` is float64 (rows, targets + numeric
        features), in raw units.

    Raises:
        UserError: for everything in the data or the arguments that the user has to mend.
    """
    if missing not in POLICIES:
        raise UserError(f"unknown policy for missing values {missing!r}{did_you_mean(missing, POLICIES)}")
    season_of(None, season)
    id = None if id is None else str(id)
    if isinstance(source, str) and source.startswith(SYNTHETIC):
        return _synthetic(source, target, time, id, features, season)
    table = read_table(source, text=() if id is None else (id,))
    if wide is not None:
        table = long_table(table, wide, target=target, time=time, id=id, features=features)
        target, id = VALUE, SERIES
    elif id is None and (told := looks_wide(table)):
        table.notes.append(told)
    return series_of(
        table, target=target, time=time, id=id, features=features, missing=missing, season=season
    )


def _synthetic(
    text: str, target: Names, time: Names, id: str | None, features: Names, season: int | None
) -> Series:
    from ..synthetic import make

    if time is not None or id is not None:
        raise UserError(f"{text} brings its own times and ids; leave out --time and --id")
    series = make(text)
    if target is not None or features is not None:
        series = select_columns(series, target, features)
    return series if season is None else dataclasses.replace(series, season=season_of(None, season))
