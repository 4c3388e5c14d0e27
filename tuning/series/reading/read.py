"""read_series: the user's data, from wherever they are, as a Series.

A text that begins with `synthetic:` is made, everything else is read as a table (`tables`) and turned
into a Series (`from_table`). Everything that was done beyond copying is told in `Series.notes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....search_spaces.errors import UserError, did_you_mean
from ..calendar import read_calendar, with_calendar
from ..conventions import Conventions, said
from .from_table import series_of
from .future import Future
from .missing import POLICIES
from .roles import Names
from .synthetic import synthetic_of
from .tables import read_table
from .wide import SERIES, VALUE, long_table, looks_wide

if TYPE_CHECKING:
    from ..series import Series

SYNTHETIC = "synthetic:"


def read_series(
    source: Any,
    *,
    target: Names,
    time: Names = None,
    id: str | None = None,
    wide: str | None = None,
    features: Names = None,
    known: Names = None,
    static: Names = None,
    calendar: Names = None,
    missing: str = "error",
    missing_values: Any = None,
    categorical: Names = None,
    day_first: bool | None = None,
    zone: str | None = None,
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
        known: features whose values are known for the rows to forecast, such as promotions that were decided.
        static: features that have one value in a series, such as a region.
        calendar: features to make of the times: hour, weekday, monthday, yearday, month, holidays=DE.
        missing: what to do with missing values and gaps in time: `error`, `ffill`, `interpolate`, `drop`.
        missing_values: what stands for a missing value beside empty cells and words such as NA: -200, or
            several; `text` is whatever is no number in a column of numbers.
        categorical: features that are categories although they look like numbers.
        day_first: whether 1/2/2020 is the first of February; None where the data tell.
        zone: time zone of the wall clock that times without a zone were read off, `Europe/Berlin`, and on
            which days and months are counted.
        season: rows in a season; None takes the usual one of the frequency (see `Frequency.season`).

    Returns:
        A Series without missing values, sorted by (id, time): `values` is float64 (rows, targets + numeric
        features), in raw units.

    Raises:
        UserError: for everything in the data or the arguments that the user has to mend.
    """
    conventions = said(missing_values, categorical, day_first, zone)
    return read_as(
        source, conventions, target=target, time=time, id=id, wide=wide, features=features, known=known,
        static=static, calendar=calendar, missing=missing, season=season,
    )[0]  # fmt: skip


def read_as(
    source: Any,
    conventions: Conventions,
    *,
    target: Names,
    time: Names,
    id: str | None,
    wide: str | None,
    features: Names,
    known: Names,
    static: Names,
    calendar: Names,
    missing: str,
    season: int | None,
) -> tuple[Series, Future]:
    """Return series whose conventions are known, and what is known of the rows after them.

    All else is as in `read_series`.
    """
    if missing not in POLICIES:
        raise UserError(f"unknown policy for missing values {missing!r}{did_you_mean(missing, POLICIES)}")
    parts = read_calendar(calendar)
    id = None if id is None else str(id)
    if isinstance(source, str) and source.startswith(SYNTHETIC):
        made = synthetic_of(source, target=target, features=features, season=season)
        if any(one is not None for one in (time, id, known, static)):
            raise UserError(
                f"{source} brings its own times and ids and has no rows to come; leave out --time, --id, "
                "--known and --static"
            )
        return with_calendar(made, parts), Future()
    table = read_table(source, id, conventions)
    if wide is not None:
        table = long_table(table, wide, target=target, time=time, id=id, features=features)
        target, id = VALUE, SERIES
    elif id is None and (told := looks_wide(table)):
        table.notes.append(told)
    series, future = series_of(
        table, target=target, time=time, id=id, features=features, known=known, static=static,
        missing=missing, season=season,
    )  # fmt: skip
    return with_calendar(series, parts), future
