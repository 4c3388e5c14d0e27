"""A forecast as a table: what comes next, or past forecasts beside what came, in the user's kind of frame."""

import numpy as np
import polars as pl
import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.cli.forecast_file import csv_of
from narrows.tuning.models.forecast import forecast
from narrows.tuning.models.forecast_table import as_given, table_of
from narrows.tuning.models.last_rows import last_rows, past_rows
from narrows.tuning.series import read_series

from .conftest import frame

ABOUT = {"horizon": 2, "targets": ["y"], "frequency": "1d", "level": 90.0}


def sales(**more):
    """Two shops, of seven and of five days, whose sales are the numbers of their rows."""
    days = np.datetime64("2024-01-01", "us") + np.timedelta64(1, "D") * np.array([*range(7), *range(5)])
    shops = ["a"] * 7 + ["b"] * 5
    return pl.DataFrame({"unique_id": shops, "ds": days, "y": np.arange(12.0)} | more)


def read(table=None, **more):
    roles = {"target": "y", "time": "ds", "id": "unique_id"} | more
    return read_series(sales() if table is None else table, **roles)


def made(series, rows, **more):
    """A table whose forecast is 100 above what is in the data, or would be."""
    ahead = 100.0 + rows[:, None, None] + np.arange(2)[None, :, None]
    return table_of(series, rows, {"forecast": ahead, "lower": ahead - 1, "upper": ahead + 1}, ABOUT, **more)


def test_past_forecasts_have_the_columns_that_nixtla_evaluates():
    series = read()
    rows = past_rows(series, last_rows(series, 2)[0], 2, 2, 2)
    table = made(series, rows, past=True, name="LSTM")
    assert table.columns == ["unique_id", "ds", "cutoff", "y", "LSTM", "LSTM-lo-90", "LSTM-hi-90"]
    joined = table.join(sales(), on=["unique_id", "ds"], suffix="_known")
    assert len(joined) == len(table) == 2 * 3, "'b' is long enough for one of them"
    assert (joined["y"] == joined["y_known"]).all() and (table["LSTM"] == table["y"] + 100).all()
    assert table["unique_id"].to_list() == ["a"] * 4 + ["b"] * 2
    days = [(one.day, other.day) for one, other in table.select("cutoff", "ds").iter_rows()]
    assert days == [(3, 4), (3, 5), (5, 6), (5, 7), (3, 4), (3, 5)]


def test_what_comes_next_is_named_as_the_target_or_as_is_asked():
    series, rows = read(), np.array([7])
    assert made(series, rows).columns == ["unique_id", "ds", "y", "y-lo-90", "y-hi-90"]
    assert made(series, rows, name="LSTM").columns[2:] == ["LSTM", "LSTM-lo-90", "LSTM-hi-90"]
    assert csv_of(made(series, rows)).splitlines()[1] == "a,2024-01-08,107,106,108"


def test_no_two_columns_have_one_name():
    with pytest.raises(
        UserError, match="two columns of the forecast would be named 'y'; give another --name"
    ):
        made(read(), np.array([4]), past=True, name="y")


def test_without_times_a_cutoff_is_the_number_of_rows_that_were_known():
    series = read(time=None)
    rows = past_rows(series, last_rows(series, 2)[0], 2, 2, 9)
    table = made(series, rows, past=True)
    assert table.columns[:5] == ["unique_id", "step", "cutoff", "y", "narrows"]
    assert list(table.select("step", "cutoff").iter_rows())[-4:] == [(1, 5), (2, 5), (1, 3), (2, 3)]
    assert table.filter(pl.col("unique_id") == "b")["y"].to_list() == [10, 11]


@pytest.mark.parametrize(("missing", "days"), [("ffill", [6, 7, 3, 4]), ("interpolate", [3, 4])])
def test_what_was_filled_in_is_not_what_came(missing, days):
    gap = pl.when(pl.col("ds").dt.day() == 5).then(None).otherwise(pl.col("y")).alias("y")
    series = read(sales().with_columns(gap), missing=missing)
    rows = past_rows(series, last_rows(series, 2)[0], 2, 2, 9)
    assert made(series, rows, past=True)["ds"].dt.day().to_list() == days


def test_data_without_a_past_to_forecast_are_told():
    with pytest.raises(
        UserError, match="it takes 10 unbroken rows at the end of a series, to look back on 8"
    ):
        past_rows(read(), {"a": 6, "b": 11}, 8, 2, 3)


@pytest.mark.parametrize("kind", ["polars", "pandas", "pyarrow"])
@pytest.mark.parametrize("type", [pl.Date, pl.Datetime("ms"), pl.Datetime("us", "Europe/Berlin"), pl.Int32])
def test_the_frame_is_of_the_kind_that_was_given_and_joins_it(kind, type):
    days = pl.col("ds").dt.day() if type == pl.Int32 else pl.col("ds")
    zone = getattr(type, "time_zone", None)
    days = days.dt.replace_time_zone(zone) if zone else days.cast(type)
    table = sales().with_columns(days, unique_id=pl.Series([7] * 7 + [5] * 5)).cast({"unique_id": pl.Int16})
    source = {"polars": lambda: table, "pandas": table.to_pandas, "pyarrow": table.to_arrow}[kind]()
    series = read(source)
    rows = past_rows(series, last_rows(series, 2)[0], 2, 2, 2)
    given = as_given(made(series, rows, past=True), source, series)
    if kind == "pandas":
        assert len(given.merge(source, on=["unique_id", "ds", "y"])) == len(given) == 6
        assert given["cutoff"].dtype == given["ds"].dtype
    elif kind == "pyarrow":
        assert len(given) == 6
        assert type == pl.Int32 or given.schema.field("ds").type == source.schema.field("ds").type
    else:
        assert len(given.join(source, on=["unique_id", "ds", "y"])) == len(given) == 6
        assert given["cutoff"].dtype == given["ds"].dtype == (type if type != pl.Int32 else pl.Int64)


def test_anything_else_gets_a_frame_of_polars():
    series = read()
    table = made(series, np.array([7]))
    assert as_given(table, "sales.csv", series) is table and as_given(table, {"y": [1.0]}, series) is table


def test_a_run_forecasts_its_past_and_says_what_that_tells(run, model):
    said = []
    table = forecast(run, frame(), origins=4, note=said.append)
    assert table.columns[:6] == [
        "when",
        "cutoff",
        "load",
        "narrows-load",
        "narrows-load-lo-90",
        "narrows-load-hi-90",
    ]
    assert len(table) == 12 and table["when"].is_unique().all()
    at = [run.windows.series.rows - 12]
    assert table["load"].to_list()[:3] == run.windows.raw_targets(np.array(at))[0, :, 0].tolist()
    assert said[0].startswith("errors of forecasts say how good a model is only on rows that it neither lear")
    assert said[0].endswith("from nor was chosen by: those from 2021-02-07 12:00 on") and len(said) == 1
    assert forecast(model, frame(), origins=4, note=said.append).equals(table), (
        "run and export forecast the same"
    )
    assert forecast(run, frame().to_pandas(), name="LSTM").columns[1] == "LSTM-load"
    with pytest.raises(UserError, match="origins: 0 is not a number of past forecasts, from 1"):
        forecast(run, frame(), origins=0)
    with pytest.raises(UserError, match="is one exported model; --trial and --ensemble are for a run"):
        forecast(model, frame(), ensemble=True)
