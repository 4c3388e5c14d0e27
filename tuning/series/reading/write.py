"""write_series: a Series as a CSV or Parquet table that `read_series` reads back."""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections import Counter
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from ....search_spaces.errors import UserError
from ....search_spaces.whole_file import write_whole
from ..frequency import Frequency
from ..series import MEASURED, Series
from ..zones import OFFSET, to_local
from .files import is_parquet, is_text


def write_series(series: Series, path: str | os.PathLike[str]) -> Path:
    """Write times, ids, targets and features, one row each; the file appears whole or not at all.

    The time column is named after the columns the times were read from (joined by `_`), else `time`.
    Times with a zone are written with it: in Parquet as its name, in CSV as its offset (`Z` or
    `+01:00`), or in UTC when it is a named zone. A number that was filled in is left empty. Where one
    series breaks without a gap in its times, a row without values stands for the break, so that reading
    with `missing="drop"` gives the break back.

    Args:
        series: the series.
        path: file to write, .csv, .tsv, .txt or .parquet.

    Returns:
        The path.

    Raises:
        UserError: for another suffix, for columns of one name, or when the file cannot be written.
    """
    path = Path(path)
    if not (is_parquet(path) or is_text(path)) or path.suffix.lower() == ".gz":
        wanted = "expected .csv, .tsv, .txt or .parquet"
        raise UserError(f"cannot write {path.name}: unknown kind of file {path.suffix!r}; {wanted}")
    series = _with_break_rows(_as_measured(series))
    columns = [*_times(series, is_parquet(path)), *_ids(series), *_values(series)]
    repeated = [name for name, count in Counter(column.name for column in columns).items() if count > 1]
    if repeated:
        raise UserError(f"cannot write {path.name}: two columns would be named {repeated[0]!r}")
    frame = pl.DataFrame(columns)
    separator = "\t" if path.suffix.lower() == ".tsv" else ","

    def content(file: BinaryIO) -> None:
        if is_parquet(path):
            frame.write_parquet(file)
        else:
            frame.write_csv(file, separator=separator, null_value="NA")

    try:
        # A slip in the name of a folder shall be told: `write_whole` would make that folder.
        os.stat(os.path.join(path.parent, ""))
        write_whole(path, content)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def _times(series: Series, parquet: bool) -> list[pl.Series]:
    if series.times is None:
        return []
    name = "_".join(series.time_columns) or "time"
    times = pl.Series(name, series.times)
    if not np.issubdtype(series.times.dtype, np.datetime64):
        return [times]
    if parquet and not OFFSET.match(series.zone or ""):
        return [times.dt.replace_time_zone("UTC").dt.convert_time_zone(series.zone) if series.zone else times]
    offset = series.zone if OFFSET.match(series.zone or "") else None
    return [_iso(name, to_local(series.times, offset), suffix=offset or ("Z" if series.zone else ""))]


def _iso(name: str, local: np.ndarray, suffix: str) -> pl.Series:
    """Return ISO text with no more of the clock than the times need."""
    form = "%Y-%m-%d %H:%M:%S"
    if (local != local.astype("datetime64[s]")).any():
        form += "%.6f"
    elif not suffix and (local == local.astype("datetime64[D]")).all():
        form = "%Y-%m-%d"
    return (pl.Series(local).dt.strftime(form) + suffix).alias(name)


def _ids(series: Series) -> list[pl.Series]:
    if series.id_column is None and not any(series.ids):
        return []
    ids = np.repeat(np.array(series.ids, dtype=object), series.ends - series.starts)
    return [pl.Series(series.id_column or "id", ids.tolist(), pl.String)]


def _values(series: Series) -> list[pl.Series]:
    numbers = [
        pl.Series(name, values).fill_nan(None)
        for name, values in zip(series.columns, series.values.T, strict=True)
    ]
    texts = []
    for name, known, codes in zip(series.categorical, series.categories, series.codes.T, strict=True):
        text = np.array([*known, None], dtype=object)[codes]  # code -1, missing, takes the None at the end
        texts.append(pl.Series(name, text.tolist(), pl.String))
    return numbers + texts


def _as_measured(series: Series) -> Series:
    """Return the series with NaN where a number was filled in."""
    if series.filled is None:
        return series
    values = np.where(series.filled == MEASURED, series.values, np.nan)
    return dataclasses.replace(series, values=values, filled=None)


def _with_break_rows(series: Series) -> Series:
    """Return the series with an empty row in each break of one series that its times do not show."""
    inner = np.array([before == after for before, after in itertools.pairwise(series.ids)], dtype=bool)
    places = series.starts[1:][inner]
    times = series.times
    if times is not None and len(places):
        if series.frequency:
            step = Frequency.parse(series.frequency, series.zone)
            places = places[step.steps_between(times[places - 1], times[places]) < 2]
        between = times[places - 1] + (times[places] - times[places - 1]) // 2
        times = np.insert(times, places, between)
    return dataclasses.replace(
        series,
        values=np.insert(series.values, places, np.nan, axis=0),
        codes=np.insert(series.codes, places, -1, axis=0),
        times=times,
        starts=series.starts + np.searchsorted(places, series.starts, side="right"),
    )
