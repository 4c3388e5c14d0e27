"""Columns of data frames that nobody should have made, 80 rows each, by what is odd about them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

ROWS = 80
DAYS = [dt.datetime(2021, 1, 1) + dt.timedelta(days) for days in range(ROWS)]
SOLD = [10.0 + row % 7 for row in range(ROWS)]


def mixed(*values: Any) -> list[Any]:
    """Return a column of numbers with something else in a few of its cells."""
    return [*values, *SOLD[len(values) :]]


def repeated(*values: Any) -> list[Any]:
    """Return a column of these values over and over."""
    return [values[row % len(values)] for row in range(ROWS)]


def cells() -> dict[str, list[Any]]:
    """Return columns of Python objects."""
    utc, berlin = dt.UTC, ZoneInfo("Europe/Berlin")
    return {
        "text and numbers": mixed("x"),
        "numbers as text": [str(one) for one in SOLD],
        "bytes": [b"1"] * ROWS,
        "bytes and numbers": mixed(b"1"),
        "booleans": repeated(True, False),
        "booleans and numbers": mixed(True, None),
        "decimals": [Decimal(row) / 7 for row in range(ROWS)],
        "decimals and NaN": mixed(Decimal("NaN"), Decimal("Infinity")),
        "fractions": [Fraction(1, 3)] * ROWS,
        "complex": [1j] * ROWS,
        "lists": [[1.0]] * ROWS,
        "lists and numbers": mixed([1.0]),
        "empty lists": [[]] * ROWS,
        "dicts": [{"a": 1}] * ROWS,
        "dicts and numbers": mixed({"a": 1}),
        "tuples": [(1, 2)] * ROWS,
        "sets": [{1}] * ROWS,
        "arrays": [np.ones(2)] * ROWS,
        "arrays of no axis": [np.array(1.0)] * ROWS,
        "functions": [print] * ROWS,
        "classes": mixed(int),
        "objects": [object()] * ROWS,
        "infinite": mixed(np.inf),
        "all infinite": [-np.inf] * ROWS,
        "huge": mixed(1e308, -1e308),
        "huge whole": mixed(10**400),
        "beyond 64 bits": mixed(2**64, -(2**64)),
        "all missing": [None] * ROWS,
        "all NaN": [np.nan] * ROWS,
        "NaN and None": mixed(np.nan, None),
        "NA": mixed(pd.NA, pd.NaT),
        "NaT": [pd.NaT] * ROWS,
        "dates": [day.date() for day in DAYS],
        "dates and times": mixed(DAYS[0].date(), DAYS[1]),
        "times of day": [dt.time(1)] * ROWS,
        "durations": [dt.timedelta(row) for row in range(ROWS)],
        "in a zone": [d.replace(tzinfo=berlin) for d in DAYS],
        "in two zones": repeated(DAYS[0].replace(tzinfo=utc), DAYS[1].replace(tzinfo=berlin)),
        "zone and none": repeated(DAYS[0].replace(tzinfo=utc), DAYS[1]),
        "year 1": [dt.datetime(1, 1, 1 + row % 28) for row in range(ROWS)],
        "year 9999": [dt.datetime(9999, 12, 1 + row % 28) for row in range(ROWS)],
        "numpy times": [np.datetime64("2021-01-01") + row for row in range(ROWS)],
        "numpy times beyond": [np.datetime64(10**15 + row, "s") for row in range(ROWS)],
        "control characters": repeated("\x1b[2J", "\0"),
        "lone surrogates": repeated("\ud800", "x"),
        "long text": repeated("x" * 100_000, "y"),
        "unhashable": mixed({}, [], set()),
        "series": [pd.Series([1.0])] * ROWS,
        "signs": repeated("\u0661", "\u221e", "\u00b2"),
    }


def pandas_columns() -> dict[str, Any]:
    """Return columns that pandas alone has."""
    return {
        "periods": pd.period_range("2021-01", periods=ROWS, freq="M"),
        "intervals": pd.interval_range(0, ROWS),
        "timedeltas": pd.to_timedelta(range(ROWS), "h"),
        "ordered": pd.Categorical(repeated("b", "a"), ["b", "a"], ordered=True),
        "unused categories": pd.Categorical(["a"] * ROWS, ["a", "z"]),
        "categories of numbers": pd.Categorical(SOLD),
        "no categories": pd.Categorical([None] * ROWS),
        "categories of times": pd.Categorical(DAYS),
        "categories of both": pd.Categorical(repeated(1, "a")),
        "nullable": pd.array(mixed(None, 1), "Float64"),
        "nullable whole": pd.array([None, *range(1, ROWS)], "Int64"),
        "nullable booleans": pd.array(repeated(True, False, None), "boolean"),
        "text type": pd.array(repeated("1", None), "string"),
        "sparse": pd.arrays.SparseArray(SOLD),
        "sparse whole": pd.arrays.SparseArray(range(ROWS)),
        "16 bits": np.array(SOLD, np.float16),
        "extended": np.array(SOLD, np.longdouble),
        "unsigned": np.full(ROWS, 2**64 - 1, np.uint64),
        "complex type": np.array(SOLD, np.complex128),
        "big end": np.array(SOLD, ">f8"),
        "times in a zone": pd.date_range("2021-01-01", periods=ROWS, tz="Europe/Berlin"),
        "times at an offset": pd.date_range(
            "2021-01-01", periods=ROWS, tz=dt.timezone(dt.timedelta(hours=5.5))
        ),
        "seconds": pd.date_range("2021-01-01", periods=ROWS).astype("datetime64[s]"),
        "far seconds": np.arange(ROWS).astype("datetime64[s]") + np.timedelta64(10**14, "s"),
        "arrow": pd.array(SOLD, pd.ArrowDtype(pa.float64())),
        "arrow lists": pd.array([[1]] * ROWS, pd.ArrowDtype(pa.list_(pa.int64()))),
        "arrow dictionary": pd.array(
            repeated("a", "b"), pd.ArrowDtype(pa.dictionary(pa.int8(), pa.string()))
        ),
        "arrow decimals": pd.array([Decimal(1)] * ROWS, pd.ArrowDtype(pa.decimal128(38, 3))),
    }


def polars_columns() -> dict[str, pl.Series]:
    """Return columns that polars alone has."""
    numbers = pl.Series(SOLD)
    return {
        "struct": pl.DataFrame({"a": SOLD, "b": SOLD}).to_struct(),
        "array": pl.Series([[1.0, 2.0]] * ROWS, dtype=pl.Array(pl.Float64, 2)),
        "list": pl.Series([[1], None] * (ROWS // 2)),
        "object": pl.Series([object()] * ROWS, dtype=pl.Object),
        "decimal": numbers.cast(pl.Decimal(38, 10)),
        "128 bits": pl.Series([10**30] * ROWS, dtype=pl.Int128),
        "null": pl.Series([None] * ROWS),
        "binary": pl.Series([b"\xff"] * ROWS),
        "8 bits": numbers.cast(pl.Int8),
        "categorical": pl.Series(repeated("a", "b"), dtype=pl.Categorical),
        "enum": pl.Series(repeated("1", "2"), dtype=pl.Enum(["2", "1"])),
        "time": pl.Series([dt.time(1)] * ROWS),
        "duration": pl.Series([dt.timedelta(row) for row in range(ROWS)]),
        "datetime[ns]": pl.Series(DAYS).cast(pl.Datetime("ns")),
        "datetime[ms]": pl.Series(DAYS).cast(pl.Datetime("ms")),
        "last microsecond": pl.Series([2**63 - 1] * ROWS).cast(pl.Datetime("us")),
        "first millisecond": pl.Series([-(2**63) + row for row in range(ROWS)]).cast(pl.Datetime("ms")),
        "last date": pl.Series([2**31 - 1 - row for row in range(ROWS)], dtype=pl.Int32).cast(pl.Date),
        "zone": pl.Series(DAYS).dt.replace_time_zone("America/St_Johns"),
    }
