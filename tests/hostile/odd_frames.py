"""Data that nobody should hand over: odd names of columns and rows, and what is no table of some rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from .odd_columns import DAYS, ROWS, SOLD, mixed, repeated


def names() -> dict[str, Any]:
    """Return frames with odd names of columns, rows and indexes; each has a column `sold` where it can."""
    good = pd.DataFrame({"sold": SOLD, "price": SOLD})
    days = pd.DatetimeIndex(DAYS, name="day")
    keys = [
        1,
        1.5,
        None,
        np.nan,
        (1, 2),
        "",
        " ",
        "new\nline",
        "\x1b[2J",
        "x" * 300,
        b"y",
        True,
        DAYS[0],
        pd.NaT,
        "a,b",
    ]
    renamed = {
        f"name {key!r:.20}": good.set_axis(pd.Index(["sold", key], dtype=object, tupleize_cols=False), axis=1)
        for key in keys
    }
    two = pd.MultiIndex.from_product([["x"], ["sold", "price"]])
    return renamed | {
        "lone surrogate": good.set_axis(pd.Index(["sold", "\ud800"], dtype=object), axis=1),
        "one name twice": pd.DataFrame(np.ones((ROWS, 2)), columns=["sold", "sold"]),
        "1 and '1'": good.assign(**{"1": SOLD}).rename(columns={"price": 1}),
        "names of two levels": pd.DataFrame(np.ones((ROWS, 2)), columns=two),
        "rows of two levels": good.set_index(pd.MultiIndex.from_arrays([DAYS, repeated("a", "b")])),
        "rows named as a column": good.set_index(days.rename("sold")),
        "rows of a tuple's name": good.set_index(days.rename(("a", 1))),
        "rows of no name": good.set_index(days.rename(None)),
        "rows named index": good.assign(index=1).set_index(days.rename(None)),
        "rows in a zone": good.set_index(days.tz_localize("Asia/Kathmandu")),
        "rows of periods": good.set_index(days.to_period("D")),
        "rows of timedeltas": good.set_index(pd.to_timedelta(range(ROWS), "h")),
        "rows of NaT": good.set_index(pd.DatetimeIndex([pd.NaT] * ROWS)),
        "rows twice": good.set_index(days[:1].repeat(ROWS)),
        "rows backwards": good.set_index(days[::-1]),
        "rows of objects": good.set_index(pd.Index([object()] * ROWS)),
        "rows of text": good.set_index(pd.Index(map(str, DAYS))),
        "names of times": pd.DataFrame(np.ones((ROWS, 2)), columns=days[:2]),
        "names of categories": good.rename(columns=str).set_axis(pd.CategoricalIndex(["sold", "x"]), axis=1),
    }


def shapes() -> dict[str, Any]:
    """Return what is no table of some rows."""
    good = {"sold": SOLD, "price": SOLD}
    return {
        "no rows": pd.DataFrame(good).head(0),
        "no columns": pd.DataFrame(index=range(ROWS)),
        "nothing": pd.DataFrame(),
        "one row": pd.DataFrame(good).head(1),
        "two rows": pl.DataFrame(good).head(2),
        "polars nothing": pl.DataFrame(),
        "polars no rows": pl.DataFrame(good).head(0),
        "polars all null": pl.DataFrame({"sold": [None] * ROWS}),
        "lazy": pl.LazyFrame(good),
        "lazy that fails": pl.LazyFrame(good).select(pl.col("nope")),
        "lazy of no file": pl.scan_csv("/nowhere/x.csv"),
        "lazy that divides": pl.LazyFrame(good).with_columns(pl.lit("x").cast(pl.Int8).alias("y")),
        "an expression": pl.col("sold"),
        "a grouping": pd.DataFrame(good).groupby("price"),
        "a window": pd.DataFrame(good).rolling(2),
        "a series": pd.Series(SOLD, name="sold"),
        "a series of polars": pl.Series("sold", SOLD),
        "a series of text": pd.Series(["x"] * ROWS),
        "a series of days": pd.Series(SOLD, DAYS, name="sold"),
        "a series of no name": pl.Series(SOLD),
        "a series of names": pd.Series(SOLD, name=("a", 1)),
        "a series of nothing": pd.Series([], dtype=object),
        "an index": pd.DatetimeIndex(DAYS),
        "arrow table": pa.table(good),
        "arrow names twice": pa.table([SOLD, SOLD], names=["sold", "sold"]),
        "arrow batch": pa.record_batch(good),
        "arrow array": pa.array(SOLD),
        "arrow chunks": pa.chunked_array([SOLD]),
        "a generator": (one for one in SOLD),
        "a range": range(ROWS),
        "a list": SOLD,
        "a set": set(SOLD),
        "a list of dicts": [good],
        "rows of numpy": np.array([(1.0, 2)] * ROWS, [("sold", float), ("price", int)]),
        "a record array": np.rec.array([(1.0, 2)] * ROWS, names="sold,price"),
        "an array of objects": np.array([[1.0, "x"]] * ROWS, object),
        "an array of text": np.array(["1"] * ROWS),
        "an array of times": np.array(DAYS, "datetime64[ns]"),
        "an array of dicts": np.array([{}] * ROWS),
        "an array of complex": np.ones(ROWS, complex),
        "a void array": np.zeros(ROWS, "V8"),
        "an array of three axes": np.ones((ROWS, 2, 2)),
        "no axis": np.array(1.0),
        "no length": np.ones(0),
        "no width": np.ones((ROWS, 0)),
        "masked": np.ma.masked_invalid(mixed(np.nan)),
        "masked text": np.ma.array(["x"] * ROWS, mask=False),
        "all masked": np.ma.masked_all(ROWS),
        "a memory view": memoryview(np.ones(ROWS)),
        "bytes": b"sold\n1\n",
        "a number": 5,
        "None": None,
        "a function": print,
        "a class": pd.DataFrame,
        "dict of nothing": {},
        "dict of a number": {"sold": 1.0},
        "dict of lengths": {"sold": SOLD, "price": [1.0]},
        "dict of text": {"sold": "abc"},
        "dict of tables": {"sold": np.ones((ROWS, 2))},
        "dict of names": {1: SOLD, None: SOLD, (1,): SOLD},
        "dict of names twice": {1: SOLD, "1": SOLD},
        "dict of sets": {"sold": {1, 2}},
        "dict of generators": {"sold": (one for one in SOLD)},
        "dict of Series": {"sold": pd.Series(SOLD)},
        "dict of ragged": {"sold": [[1], [1, 2]]},
        "dict of frames": {"sold": pd.DataFrame(good)},
        "dict of masked": {"sold": np.ma.masked_less(SOLD, 11)},
        "dict of itself": {"sold": {"sold": SOLD}},
        "dict of None": {"sold": None},
        "dict of rows": dict.fromkeys(range(3), SOLD),
    }
