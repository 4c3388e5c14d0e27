"""read_series: the user's data, from wherever they are, as a Series.

Columns are parsed (`columns`, `times`), rows sorted by series and time (`rows`), the step between rows
inferred (`frequency`), and what is missing treated by a stated policy (`missing`). Everything that
was done beyond copying is told in `Series.notes`.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import polars as pl

from ...search_spaces.errors import UserError, did_you_mean, raise_all
from .columns import Categories, Numbers, numeric_columns, read_column
from .frequency import infer_frequency, season_of
from .missing import POLICIES, mend
from .report import lost_ids, summary, uneven_steps, unused_time
from .roles import Names, Roles, assign_roles, refuse_no_target, split_names
from .rows import Rows, drop_duplicates, sort_rows
from .selection import select_columns
from .series import Series
from .tables import Table, drop_blank, read_table
from .times import Times, holds_times, read_times

SYNTHETIC = "synthetic:"
Columns = dict[str, Numbers | Categories]


def read_series(
    source: Any,
    *,
    target: Names,
    time: Names = None,
    id: str | None = None,
    features: Names = None,
    missing: str = "error",
    season: int | None = None,
) -> Series:
    """Read one or many time series.

    Args:
        source: path to a .csv, .tsv, .txt (also .gz) or .parquet file; a data frame (polars, pandas,
            pyarrow, ...); an array (1-D: the column `y`, 2-D: `c0`, `c1`, ...) or a dict of 1-D arrays;
            or `synthetic:NAME[,key=value...]`.
        target: numeric column or columns to forecast. May be None for a 1-D array and synthetic data.
        time: column of times, or the columns year, month, day, hour, ... that form one; None takes the
            rows in the order given.
        id: column that tells series apart when one table holds many.
        features: past features: a column, several, `"all"` that are left, or None.
        missing: what to do with missing values and gaps in time: `error`, `ffill`, `interpolate`, `drop`.
        season: rows in a season; None takes the usual one of the frequency (see `Frequency.season`).

    Returns:
        A Series without missing values, sorted by (id, time).

    Raises:
        UserError: for everything in the data or the arguments that the user has to mend.
    """
    if missing not in POLICIES:
        raise UserError(f"unknown policy for missing values {missing!r}{did_you_mean(missing, POLICIES)}")
    season_of(None, season)
    if isinstance(source, str) and source.startswith(SYNTHETIC):
        return _synthetic(source, target, time, id, features, season)
    table = read_table(source, text=() if id is None else (id,))
    roles = _roles(table, target, time, id, features)
    if roles.time:
        drop_blank(table)
    columns = _read_columns(table, roles)
    times = read_times(table, roles.time) if roles.time else None
    numbers, ids = _series_numbers(table, roles.id)
    rows, moved = sort_rows(_rows(columns, times, numbers))
    rows, repeated = drop_duplicates(rows, missing, table.label, ids, table.place)
    frequency = None
    if times and rows.times is not None:
        frequency = infer_frequency(rows.times, rows.same, times.zone)
    uneven = uneven_steps(rows, frequency)
    mended = mend(rows, missing, frequency, table.label, table.place)
    series = _assemble(table.name, roles, columns, mended.rows, mended.starts, ids)
    series = dataclasses.replace(
        series,
        frequency=frequency.name if frequency else None,
        season=season_of(frequency, season),
        zone=times.zone if times else None,
    )
    notes = [
        *summary(table, roles, ids, series),
        *table.notes,
        *(times.notes if times else unused_time(table, roles)),
        *moved,
        *repeated,
        *uneven,
        *mended.notes,
        *lost_ids(ids, series),
    ]
    return dataclasses.replace(series, notes=tuple(notes))


def _synthetic(
    text: str, target: Names, time: Names, id: str | None, features: Names, season: int | None
) -> Series:
    from .synthetic import make

    if time is not None or id is not None:
        raise UserError(f"{text} brings its own times and ids; leave out --time and --id")
    series = make(text)
    if target is not None or features is not None:
        series = select_columns(series, target, features)
    return series if season is None else dataclasses.replace(series, season=season_of(None, season))


def _roles(table: Table, target: Names, time: Names, id: str | None, features: Names) -> Roles:
    known = table.columns
    if not split_names(target, known):
        other = {*split_names(time, known), id}
        numeric = [name for name in numeric_columns(table) if name not in other]
        if table.only is None:
            raise refuse_no_target(table.label, numeric)
        target = table.only
    return assign_roles(table.label, known, target=target, features=features, time=time, id=id)


def _read_columns(table: Table, roles: Roles) -> Columns:
    """Read targets and features; all that is wrong with them is told at once."""
    columns: Columns = {}
    mistakes = []
    for name in (*roles.targets, *roles.features):
        if name in roles.features and holds_times(table.frame[name]):
            hint = "give it as --time, or leave it out"
            mistakes.append(f"{table.label}: feature {name!r} holds times; {hint}")
            continue
        try:
            columns[name] = read_column(table, name, target=name in roles.targets)
        except UserError as error:
            mistakes.append(str(error))
    raise_all(mistakes)
    return columns


def _series_numbers(table: Table, id: str | None) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return int64 (rows,), the number of the series of each row, and the ids in that order.

    Ids are sorted as numbers when all of them are whole numbers, else as text.
    """
    if id is None:
        return np.zeros(table.frame.height, np.int64), ("",)
    text = table.frame[id].cast(pl.String).str.strip_chars()
    empty = text.is_null() | (text == "")
    if empty.any():
        raise UserError(f"{table.label}: {table.place(int(empty.arg_max() or 0))} has no id in column {id!r}")
    names = sorted(text.unique().to_list())
    if all(name.isdecimal() for name in names):
        names.sort(key=int)
    return text.cast(pl.Enum(names)).to_physical().cast(pl.Int64).to_numpy().copy(), tuple(names)


def _rows(columns: Columns, times: Times | None, numbers: np.ndarray) -> Rows:
    numeric = {name: column.values for name, column in columns.items() if isinstance(column, Numbers)}
    texts = {name: column.codes for name, column in columns.items() if isinstance(column, Categories)}
    return Rows(
        columns=tuple(numeric),
        values=np.column_stack(list(numeric.values())),
        categorical=tuple(texts),
        codes=np.column_stack(list(texts.values())) if texts else np.zeros((len(numbers), 0), np.int32),
        series=numbers,
        times=times.values if times else None,
        source=np.arange(len(numbers)),
    )


def _assemble(
    name: str, roles: Roles, columns: Columns, rows: Rows, starts: np.ndarray, ids: tuple[str, ...]
) -> Series:
    texts = {name: column.texts for name, column in columns.items() if isinstance(column, Categories)}
    codes, categories = rows.codes, []
    for place, category in enumerate(rows.categorical):
        # Categories of rows that were cut off or left out are gone with them.
        used, codes[:, place] = np.unique(codes[:, place], return_inverse=True)
        categories.append(tuple(texts[category][code] for code in used))
    return Series(
        name=name,
        targets=roles.targets,
        values=rows.values,
        features=rows.columns[len(roles.targets) :],
        categorical=rows.categorical,
        codes=codes,
        categories=tuple(categories),
        starts=starts,
        ids=tuple(ids[number] for number in rows.series[starts]),
        times=rows.times,
        time_columns=roles.time,
        id_column=roles.id,
    )
