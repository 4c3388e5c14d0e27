"""What is kept of forecasts is bounded, broken where rows are missing, and chosen among many series."""

import json

import numpy as np
import pytest

from narrows.callbacks.forecast_record import LINES, POINTS, POINTS_OF_LINE, ForecastRecord
from narrows.search_spaces.plain import from_json, to_json
from narrows.tuning.answers.against import compared
from narrows.tuning.answers.kept_forecasts import kept_forecasts
from narrows.tuning.series.by_series import BySeries
from narrows.tuning.series.floors import last_value
from narrows.tuning.series.reading import read_series
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows


def windows_of(rows, series=1, targets=1, horizon=1, **known):
    """So many rows of each series; series k has k + 1 times the values of the first."""
    rng = np.random.default_rng(0)
    values = rng.normal(10, 1, (series * rows, targets)) * np.repeat(np.arange(1, series + 1), rows)[:, None]
    names = tuple(f"y{target}" for target in range(targets))
    shops = {"starts": np.arange(series) * rows, "ids": tuple(f"shop {shop:02d}" for shop in range(series))}
    found = Series("sales", names, values, **({} if series == 1 else shops), **known)
    return Windows(found, 3, horizon, "0.6,0.2,0.2")


def kept(windows, off=1.0, metric="RMSE"):
    """What is kept of forecasts that are `off`, one number for all or one for each test window."""
    rows = windows.parts["test"]
    forecast = windows.raw_targets(rows) - np.reshape(off, (-1, 1, 1))
    forecasts = {"LSTM": forecast, "last value": last_value(windows, rows)}
    return kept_forecasts(forecasts, compared(forecasts, windows, rows, metric), windows)


def points(record):
    return [len(line.times) for line in record.lines]


@pytest.mark.parametrize("metric", ["RMSE", "MAE"])
def test_it_comes_back_from_its_json(metric):
    record = kept(windows_of(100, horizon=4), metric=metric)
    assert from_json(ForecastRecord, to_json(record)) == record
    assert record.metric == metric and record.lines[0].error == pytest.approx(1.0)
    assert record.errors["y0"]["LSTM"] == pytest.approx([1.0] * 4)


def test_of_series_in_their_own_size_errors_are_means_over_series_and_bands_as_wide_as_their_windows(
    panel_columns,
):
    series = read_series(panel_columns((1.0, 4e3), 900), target="sold", time="hour", id="shop")
    windows = Windows(series, 24, 2, "0.6,0.2,0.2", own=True)
    rows = windows.parts["test"]
    off = 0.1 * windows.size(rows).scale * np.random.default_rng(0).normal(size=(len(rows), 1, 1))
    record = kept(windows, off=off, metric="MASE")
    assert from_json(ForecastRecord, to_json(record)) == record
    panel = BySeries(windows, rows)
    made = windows.raw_targets(rows) - off
    mase = panel.means(made)["MASE"][0]
    assert np.mean(record.errors["sold"]["LSTM"]) == pytest.approx(mase, rel=1e-4)
    each = dict(zip(panel.names, panel.each(made)["MASE"][:, 0], strict=True))
    for line in record.lines:
        assert line.error == pytest.approx(each[line.series], rel=1e-4)
        assert len(line.sizes) == len(line.times) // 2
    small, large = (np.mean(line.sizes) for line in record.lines)
    assert large == pytest.approx(4e3 * small, rel=0.2)
    assert max(record.ends["sold"].upper) < 1, "in sizes of a window"


def test_a_long_test_part_keeps_its_newest_rows():
    windows = windows_of(15_000)
    (line,) = kept(windows).lines
    assert len(line.times) == POINTS_OF_LINE and line.earlier == 3000 - POINTS_OF_LINE
    assert line.times[-1] == "14999" and line.actual[-1] == pytest.approx(windows.series.values[-1, 0], 1e-4)


def test_a_horizon_beyond_the_bound_keeps_one_forecast():
    record = kept(windows_of(12_500, targets=3, horizon=2100))
    assert points(record) == [2100] and len(record.errors) == 1
    assert len(record.steps) <= 100 and (record.steps[0], record.steps[-1]) == (1, 2100)


@pytest.mark.parametrize(("series", "targets"), [(1, 30), (40, 1), (40, 3), (5, 2), (40, 30)])
def test_many_series_and_targets_stay_within_the_bounds(series, targets):
    record = kept(windows_of(200, series, targets, horizon=2))
    assert len(record.lines) <= LINES and sum(points(record)) <= POINTS
    assert (record.series, record.targets) == (series, targets)
    assert len(to_json(record)) < 300_000


def test_of_many_series_those_of_all_kinds_are_kept():
    windows = windows_of(60, series=40)
    owner = np.searchsorted(windows.series.starts, windows.parts["test"], side="right") - 1
    # Relative to its values, shop 07 has the largest error and shop 22 the smallest.
    share = np.where(owner == 7, 9.0, np.where(owner == 22, 0.01, 1 + owner / 100))
    record = kept(windows, share * (owner + 1))
    why = {line.series: line.why for line in record.lines}
    assert len(record.lines) == LINES
    assert why["shop 07"] == "large error" and why["shop 22"] == "small error"
    assert why["shop 39"] == "large values"
    kinds = [line.why for line in record.lines]
    assert [kinds.count(one) >= 2 for one in dict.fromkeys(kinds)] == [True] * 4
    assert record.lines[0].series == "shop 07", "the largest error is seen first"


def test_few_series_are_all_kept_without_a_reason():
    record = kept(windows_of(60, series=5))
    assert [line.why for line in record.lines] == [""] * 5


def test_a_gap_in_time_is_known():
    rng = np.random.default_rng(0)
    days = np.datetime64("2024-01-01", "us") + np.arange(100) * np.timedelta64(1, "D")
    days[90:] += np.timedelta64(5, "D")
    starts, values = np.array([0, 90]), rng.normal(size=(100, 1))
    broken = Series("sales", ("y",), values, starts=starts, ids=("", ""), times=days)
    windows = Windows(broken, 3, 2, "0.6,0.2,0.2")
    (line,) = kept(windows).lines
    assert len(line.after_gap) == 1
    place = 2 * line.after_gap[0]
    before, after = (np.datetime64(line.times[place - 1]), np.datetime64(line.times[place]))
    assert after - before > np.timedelta64(1, "D")


def test_numbers_keep_the_digits_that_tell_them_apart():
    values = 4_512_345 + np.sin(np.arange(200.0))[:, None]
    windows = Windows(Series("sales", ("y",), values), 3, 1, "0.6,0.2,0.2")
    (line,) = kept(windows, 0.5).lines
    assert np.ptp(line.actual) > 1.9 and line.forecast == pytest.approx(np.array(line.actual) - 0.5, abs=1e-3)
    small = Windows(Series("sales", ("y",), values * 1e-9), 3, 1, "0.6,0.2,0.2")
    assert np.ptp(kept(small, 0.0).lines[0].actual) == pytest.approx(2e-9, rel=0.05)


@pytest.mark.parametrize("broken", [np.nan, np.inf, 1e300])
def test_forecasts_that_are_no_numbers_are_none(broken):
    windows = windows_of(100)
    off = np.zeros(len(windows.parts["test"]))
    off[3] = broken
    record = kept(windows, off)
    (line,) = record.lines
    json.loads(to_json(record), parse_constant=pytest.fail)
    assert (line.forecast[3] is None) == (broken != 1e300) and line.actual[3] is not None
