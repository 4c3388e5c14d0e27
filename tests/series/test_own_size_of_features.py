"""Features whose size differs between series are counted in the own size of each window, as targets are."""

from dataclasses import replace

import numpy as np
import pytest

from narrows.search_spaces.backend import keras
from narrows.tuning.series.floors import last_value
from narrows.tuning.series.folds import older_folds
from narrows.tuning.series.own_scale import FARTHEST
from narrows.tuning.series.reading import read_series
from narrows.tuning.series.reading.selection import select_columns
from narrows.tuning.series.ridge import ridge
from narrows.tuning.series.windows import Windows

LEVELS = (1.0, 40.0, 3e3, 2e5)
ROWS, LOOKBACK, HORIZON = 240, 24, 6
CUT = {"lookback": LOOKBACK, "horizon": HORIZON, "split": "0.7,0.15,0.15"}


@pytest.fixture(scope="module")
def columns(stock_columns):
    return stock_columns(LEVELS, ROWS)


@pytest.fixture(scope="module")
def series(columns):
    features = {"features": "stock,heat,town", "known": "price,offer", "static": "area", "calendar": "hour"}
    return read_series(columns, target="sold", time="hour", id="shop", **features)


@pytest.fixture(scope="module")
def windows(series):
    return Windows(series, **CUT, own=True)


@pytest.fixture(scope="module")
def fitted(windows):
    return ridge(windows)


def by_loop(windows, row):
    """One window of all inputs, each counted as the docstring of `own_scale` says, by its name."""
    series, past = windows.series, slice(row - LOOKBACK, row)
    found = {}
    for column, name in enumerate(series.columns):
        values = series.values[:, column]
        told = values[past]
        if name in series.ahead:
            told = values[row - LOOKBACK : row + HORIZON]
        level, scale = told.mean(), told.std()
        if name not in ("sold", *windows.own.features):
            level, scale = (each[column] for each in (windows.scaler.mean, windows.scaler.std))
        found[name] = (values[past] - level) / scale
        later = (values[row - LOOKBACK + HORIZON : row + HORIZON] - level) / scale
        found[f"{name}, {HORIZON} rows later"] = later
    for code, text in enumerate(series.categories[0]):
        found[f"town={text}"] = (series.codes[past, 0] == code).astype(float)
    return np.stack([found[name] for name in windows.input_names], axis=1)


def test_features_that_differ_are_counted_so_and_no_others(windows):
    assert windows.own.features == ("stock", "price")
    said = windows.notes[-1]
    assert said.endswith("counted in their own size in each window, too: stock, price.")
    assert not any("one unit for all" in note and "--levels own" in note for note in windows.notes)


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_windows_are_what_a_loop_makes_of_them(windows, part):
    rows = windows.parts[part][::17]
    expected = np.stack([by_loop(windows, row) for row in rows])
    np.testing.assert_allclose(windows.inputs(rows), expected, atol=2e-5)


def test_compiled_programs_and_numpy_count_alike(windows):
    rows = windows.parts["test"]
    raw = windows.data[rows[:, None] + np.arange(-LOOKBACK, 0)]
    own = windows.own
    made, size = own.counted.applied(keras.ops.convert_to_tensor(raw), own.floor, keras.ops)
    np.testing.assert_allclose(made, windows.inputs(rows), atol=1e-5)
    np.testing.assert_allclose(size.scale[..., :1], windows.size(rows).scale, rtol=1e-12)
    turned, _ = own.counted.applied(
        keras.ops.convert_to_tensor(raw.transpose(1, 0, 2)), own.floor, keras.ops, axis=0
    )
    np.testing.assert_allclose(np.transpose(turned, (1, 0, 2)), made, atol=1e-12)


def test_nothing_is_read_that_is_not_known_at_the_forecast(windows):
    row = int(windows.parts["test"][-20])  # of the last series
    values = windows.series.values.copy()
    for place, name in enumerate(windows.series.columns):
        values[row + HORIZON * (name in windows.series.ahead) :, place] *= 7
    later = Windows(replace(windows.series, values=values), **CUT, own=True)
    np.testing.assert_array_equal(later.inputs(np.array([row])), windows.inputs(np.array([row])))


def test_a_series_times_a_thousand_with_its_features_is_forecast_times_a_thousand(windows, fitted):
    values = windows.series.values.copy()
    start, end = windows.series.starts[2], windows.series.ends[2]
    counted = [windows.series.columns.index(name) for name in ("sold", "stock", "price")]
    values[start:end, counted] *= 1000
    larger = Windows(replace(windows.series, values=values), **CUT, own=True)
    rows = windows.parts["test"]
    times = np.where((rows >= start) & (rows < end), 1000.0, 1.0)[:, None, None]
    np.testing.assert_allclose(larger.inputs(rows), windows.inputs(rows), atol=1e-5)
    np.testing.assert_allclose(ridge(larger).forecast(rows), times * fitted.forecast(rows), rtol=1e-7)


def test_the_ridge_on_arrays_is_that_of_the_windows(windows, fitted):
    rows = windows.parts["test"]
    linear = fitted.linear
    assert linear.features is not None
    forecast = windows.raw(linear(windows.inputs(rows)), rows)
    np.testing.assert_allclose(forecast, fitted.forecast(rows), rtol=1e-4)


def test_what_the_change_of_a_stock_decides_is_learned_where_stocks_span_decades(windows, fitted):
    """Next sales follow the stock by its own level; in one unit the stock of the small series is not seen."""
    shared = Windows(windows.series, **CUT, own=True, like=replace(windows.own, features=()))
    rows = windows.parts["test"]
    actual, unit = windows.raw_targets(rows), windows.unit(rows)
    error = {
        name: float(np.sqrt(np.mean(np.square((forecast - actual) / unit))))
        for name, forecast in {
            "own": fitted.forecast(rows),
            "shared": ridge(shared).forecast(rows),
            "last": last_value(windows, rows),
        }.items()
    }
    assert error["own"] < 0.5 * error["shared"] and error["shared"] > 0.6 * error["last"]


def test_a_flat_feature_is_0_and_one_that_wakes_is_bounded(windows):
    values = windows.series.values.copy()
    row, stock, price = int(windows.parts["test"][3]), 1, windows.series.columns.index("price")
    for level in (0.0, 5.0, 12.99, 1e-30, 3e5):
        values[row - LOOKBACK : row + HORIZON, [stock, price]] = level
        flat = Windows(replace(windows.series, values=values), **CUT, own=True)
        names = [place for place, name in enumerate(flat.input_names) if name[:5] in ("stock", "price")]
        assert len(names) == 3 and np.abs(flat.inputs(np.array([row]))[..., names]).max() == 0
    values[row : row + HORIZON, price] = 4e5
    woke = Windows(replace(windows.series, values=values), **CUT, own=True).inputs(np.array([row]))
    assert 1 < np.abs(woke).max() <= FARTHEST and len(np.unique(woke[0, -HORIZON:, names[-1]])) == 1


def test_a_price_that_is_to_fall_is_seen_also_where_the_window_is_no_longer_than_the_forecast(series):
    values = series.values.copy()
    row, price = int(series.starts[1]) + 200, series.columns.index("price")
    values[row - HORIZON : row, price], values[row : row + HORIZON, price] = 10.0, 8.0
    short = Windows(replace(series, values=values), HORIZON, HORIZON, CUT["split"], own=True)
    now, later = (short.input_names.index(name) for name in ("price", f"price, {HORIZON} rows later"))
    x = short.inputs(np.array([row]))[0]
    np.testing.assert_allclose(x[:, now], 1, rtol=1e-6)
    np.testing.assert_allclose(x[:, later], -1, rtol=1e-6)


def test_folds_longer_windows_and_fewer_columns_count_the_same_features(windows):
    (older,) = older_folds(windows, 2)
    assert older.own.features == windows.own.features and older.own.counted == windows.own.counted
    last = windows.cut(lookback=48)
    rows = last.parts["test"]
    assert last.own.counted.rows == 24
    np.testing.assert_allclose(last.inputs(rows)[:, 24:], windows.inputs(rows), atol=1e-6)
    fewer = windows.cut(series=select_columns(windows.series, None, ["price", "heat"]))
    rows = fewer.parts["test"]
    kept = [windows.input_names.index(name) for name in fewer.input_names]
    assert fewer.own.features == ("price",)
    np.testing.assert_array_equal(fewer.inputs(rows), windows.inputs(rows)[..., kept])


def test_a_feature_that_is_constant_in_each_series_tells_series_apart_and_stays(columns):
    """Their sums are rounded, so that their spread is next to nothing and not quite none."""
    area = np.repeat([0.1, 0.3, 1e5 / 3, 7e8 / 9], ROWS)
    series = read_series(
        columns | {"area": area}, target="sold", time="hour", id="shop", features="area,stock"
    )
    assert Windows(series, **CUT, own=True).own.features == ("stock",)


def test_one_unit_for_all_is_warned_of(series):
    told = Windows(series, **CUT).notes[-1]
    assert "these differ in size (standard deviation): stock (" in told and "--levels own count it" in told
