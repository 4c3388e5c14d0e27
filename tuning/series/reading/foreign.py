"""A column of NumPy, of another data frame or of Python objects -> a polars column, whatever it holds.

What a library cannot hand over is taken cell by cell. Cells of numbers, of text, of true and false and of
times become a column of that type, numbers or times among text become text. A column with a cell of any
other class becomes one of objects: nothing is wrong with it until it is read as something. polars itself
is not asked to tell what cells are: it panics at some of them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from numbers import Real
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

KINDS: tuple[tuple[tuple[type, ...], str], ...] = (
    ((str,), "text"),
    ((bool, np.bool_), "truth"),
    ((Real, Decimal), "number"),
    ((date, np.datetime64), "time"),
)


def as_name(name: Any) -> str:
    """Return the name of a column, or a text, as UTF-8 can write it."""
    return str(name).encode(errors="backslashreplace").decode()


def from_values(name: str, values: Any) -> pl.Series:
    """Return any values of one axis as a column.

    Raises:
        ValueError: when they have no axis or several, or are none.
    """
    column = nw.from_native(values, series_only=True, pass_through=True)
    if isinstance(column, nw.Series):
        return from_column(name, column)
    if isinstance(values, list | tuple | range):
        return from_cells(name, values)
    array = values if isinstance(values, np.ndarray) else np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"the shape {array.shape}")
    return from_array(name, array)


def from_column(name: str, column: nw.Series[Any]) -> pl.Series:
    """Return the column of a data frame."""
    try:
        found = column.to_polars().alias(name)
    except Exception:  # of many classes: pandas without pyarrow, types that Arrow or polars lack
        if column.dtype.is_numeric():
            return from_array(name, column.to_numpy())
        return from_cells(name, column.to_list())
    return from_cells(name, found.to_list()) if found.dtype == pl.Object else found


def from_array(name: str, array: np.ndarray) -> pl.Series:
    """Return an array of one axis, NaN or null where it is masked."""
    if isinstance(array, np.ma.MaskedArray):
        if array.dtype.kind not in "iuf":
            return from_cells(name, array.tolist())
        array = np.ma.filled(array.astype(np.float64), np.nan)
    if array.dtype.kind == "f" and array.dtype.itemsize not in (4, 8):
        with np.errstate(over="ignore"):
            array = array.astype(np.float64)
    if array.dtype.kind in "biuf":
        return pl.Series(name, np.ascontiguousarray(array, array.dtype.newbyteorder("=")))
    if array.dtype.kind == "M" and (micros := _as_micros(array)) is not None:
        return pl.Series(name, micros)
    return from_cells(name, list(array) if array.dtype.kind == "M" else array.tolist())


def from_cells(name: str, cells: Sequence[Any]) -> pl.Series:
    """Return a column of Python objects."""
    cells = [None if _is_missing(cell) else cell for cell in cells]
    found = {kind_of(kind) for kind in {*map(type, cells)} - {type(None)}}
    if None in found:
        return pl.Series(name, cells, pl.Object)
    if not found:
        return pl.Series(name, cells, pl.Null)
    if found == {"truth"}:
        return pl.Series(name, [cell if cell is None else bool(cell) for cell in cells], pl.Boolean)
    if found <= {"number", "truth"}:
        return _numbers(name, cells)
    if found == {"time"} and (times := _times(name, cells)) is not None:
        return times
    return pl.Series(name, [cell if cell is None else _text(cell) for cell in cells], pl.String)


def kind_of(cell: type) -> str | None:
    """Return what cells of a class are: text, truth, number, time, or None for all others."""
    return next((kind for classes, kind in KINDS if issubclass(cell, classes)), None)


def _is_missing(cell: Any) -> bool:
    if cell is None or isinstance(cell, str):
        return cell is None
    if isinstance(cell, Decimal):
        return cell.is_nan()
    if isinstance(cell, float | np.floating | np.datetime64):
        return bool(cell != cell)
    pandas = sys.modules.get("pandas")
    return pandas is not None and (cell is pandas.NA or cell is pandas.NaT)


def _numbers(name: str, cells: Sequence[Any]) -> pl.Series:
    whole = all(cell is None or isinstance(cell, int | np.integer) for cell in cells)
    if whole and all(cell is None or -(2**63) <= cell < 2**63 for cell in cells):
        return pl.Series(name, [cell if cell is None else int(cell) for cell in cells], pl.Int64)
    return pl.Series(name, [cell if cell is None else _float(cell) for cell in cells], pl.Float64)


def _float(number: Any) -> float:
    try:
        with np.errstate(over="ignore"):
            return float(number)
    except OverflowError:
        return np.inf if number > 0 else -np.inf


def _times(name: str, cells: Sequence[Any]) -> pl.Series | None:
    """Return times as a column; None for those of several zones, of an offset, or too far away."""
    if any(isinstance(cell, np.datetime64) for cell in cells):
        micros = _as_micros(np.array([np.datetime64("NaT") if cell is None else cell for cell in cells]))
        return None if micros is None else pl.Series(name, micros)
    zones = {getattr(cell, "tzinfo", None) for cell in cells if cell is not None}
    zone = next(iter(zones))
    named = zone is None or hasattr(zone, "key") or hasattr(zone, "zone")  # of zoneinfo, of pytz
    if len(zones) > 1 or not named:
        return None
    try:
        return pl.Series(name, cells, strict=False)
    except Exception:  # of many classes: what polars cannot hold
        return None


def _as_micros(times: np.ndarray) -> np.ndarray | None:
    """Return times as datetime64[us], None where they are no times or lie beyond what this unit can hold."""
    try:
        micros = times.astype("datetime64[us]")
    except (TypeError, ValueError, OverflowError):
        return None
    coarse = times.astype("datetime64[D]")
    return micros if np.array_equal(micros.astype("datetime64[D]"), coarse, equal_nan=True) else None


def _text(cell: Any) -> str:
    if kind_of(type(cell)) == "time":
        return cell.isoformat() if isinstance(cell, date) else str(cell)
    short = isinstance(cell, str) or (isinstance(cell, int) and cell.bit_length() <= 64)
    return as_name(cell if short else _float(cell))
