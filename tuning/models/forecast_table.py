"""A forecast as a table: one row for each series, origin and step ahead.

    id, time, TARGET, TARGET-lo-90, TARGET-hi-90                    of what comes next
    id, time, cutoff, TARGET, NAME, NAME-lo-90, NAME-hi-90          from past origins, beside what came

`NAME` is the column of the forecast, with several targets `NAME-TARGET`; 90 is the level. These are the
columns that Nixtla's packages read and write, under the names that the user's own have. Without times `step`,
from 1, stands in the place of the time, and `cutoff` is how many rows of its series a forecast knew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from ...search_spaces.errors import UserError
from ..series.frequency import future_times
from ..series.series import Series
from ..series.windows import ahead
from ..series.zones import OFFSET

ENDS = {"lower": "lo", "upper": "hi"}


def table_of(
    series: Series,
    rows: np.ndarray,
    made: Mapping[str, np.ndarray],
    about: Mapping[str, Any],
    *,
    past: bool = False,
    name: str | None = None,
) -> pl.DataFrame:
    """Return forecasts as a table.

    Args:
        series: the data.
        rows: int (forecasts,), row of the first target of each.
        made: float (forecasts, horizon, targets), `forecast` and, where there is an interval, its ends.
        about: of the model, see `about.describe`.
        past: whether the data go on over these rows, and what came is to stand beside the forecasts.
        name: column of the forecast; None is the target's, or `narrows` where that is what came.

    Raises:
        UserError: when two columns would have one name.
    """
    horizon, targets = about["horizon"], about["targets"]
    stretch = np.searchsorted(series.starts, rows - 1, side="right") - 1
    columns: list[pl.Series] = []
    if series.id_column:
        ids = [series.ids[place] for place in stretch for _ in range(horizon)]
        columns.append(pl.Series(series.id_column, ids, pl.String))
    columns.append(_moments(series, rows, about, past))
    if past:
        columns.append(_cutoffs(series, rows, horizon))
    actual = series.values[ahead(rows, horizon)] if past else None
    for place, target in enumerate(targets):
        column = _column(name, target, len(targets), past)
        if actual is not None:
            columns.append(pl.Series(target, actual[..., place].ravel()))
        columns.append(pl.Series(column, made["forecast"][..., place].ravel().astype(np.float64)))
        for end, short in ENDS.items():
            if end in made:
                told = f"{column}-{short}-{about['level']:g}"
                columns.append(pl.Series(told, made[end][..., place].ravel().astype(np.float64)))
    twice = [name for name, count in Counter(column.name for column in columns).items() if count > 1]
    if twice:
        raise UserError(f"two columns of the forecast would be named {twice[0]!r}; give another --name")
    return pl.DataFrame(columns)


def as_given(table: pl.DataFrame, source: Any, series: Series) -> Any:
    """Return a table as a data frame of the kind that `source` is; polars' where it is none.

    Ids that are numbers and times are of the types that they have there, so that the two can be joined.
    """
    given = nw.from_native(source, eager_only=True, pass_through=True)
    if not isinstance(given, nw.DataFrame):
        return table
    cells: dict[str, Any] = {}
    for column in table.get_columns():
        if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
            column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        cells[column.name] = column.to_list() if column.dtype == pl.String else column.to_numpy()
    frame = nw.from_dict(cells, backend=given.implementation)
    kinds = {}
    if series.id_column in given.columns and given.schema[series.id_column].is_numeric():
        kinds[series.id_column] = given.schema[series.id_column]
    time = "_".join(series.time_columns)
    if time in given.columns and time in table.columns and given.schema[time].is_temporal():
        kinds |= {name: given.schema[time] for name in (time, "cutoff") if name in table.columns}
    frame = frame.with_columns(
        nw.col(name).dt.replace_time_zone("UTC").dt.convert_time_zone(column.dtype.time_zone)
        for name, column in zip(table.columns, table.get_columns(), strict=True)
        if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None
    )
    return frame.with_columns(nw.col(name).cast(kind) for name, kind in kinds.items()).to_native()


def _column(name: str | None, target: str, targets: int, past: bool) -> str:
    if name is None and not past:
        return target
    name = name or "narrows"
    return name if targets == 1 else f"{name}-{target}"


def _moments(series: Series, rows: np.ndarray, about: Mapping[str, Any], past: bool) -> pl.Series:
    """Return the time of each row of the table, or its step where there is none."""
    horizon, frequency = about["horizon"], about["frequency"]
    if series.times is None or (frequency is None and not past):
        return pl.Series("step", np.tile(np.arange(1, horizon + 1), len(rows)))
    if past:
        times = series.times[ahead(rows, horizon)].ravel()
    else:
        each = [future_times(last, frequency, horizon, series.zone) for last in series.times[rows - 1]]
        times = np.concatenate(each)
    return _timed("_".join(series.time_columns) or "time", times, series.zone)


def _cutoffs(series: Series, rows: np.ndarray, horizon: int) -> pl.Series:
    """Return the time of the last row that each forecast knew, or its number within its series, from 1."""
    if series.times is not None:
        return _timed("cutoff", np.repeat(series.times[rows - 1], horizon), series.zone)
    firsts = dict(zip(series.ids[::-1], series.starts[::-1], strict=True))
    stretch = np.searchsorted(series.starts, rows - 1, side="right") - 1
    known = [row - firsts[series.ids[place]] for row, place in zip(rows, stretch, strict=True)]
    return pl.Series("cutoff", np.repeat(known, horizon))


def _timed(name: str, times: np.ndarray, zone: str | None) -> pl.Series:
    found = pl.Series(name, times)
    if zone is None or not isinstance(found.dtype, pl.Datetime):
        return found
    return found.dt.replace_time_zone("UTC").dt.convert_time_zone("UTC" if OFFSET.match(zone) else zone)
