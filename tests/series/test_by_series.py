"""Scores of several series: means over them, whatever their size; by naive loops and by hand."""

import numpy as np
import pytest

from narrows.tuning.answers.against import compared
from narrows.tuning.series.by_series import BySeries, scored
from narrows.tuning.series.floors import seasonal_naive
from narrows.tuning.series.metrics import scores, smape
from narrows.tuning.series.reading import read_series
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

LEVELS = (1.0, 40.0, 3e3)


@pytest.fixture(scope="module")
def windows(panel_columns):
    columns = panel_columns(LEVELS, 400)
    # The last series has fewer test windows than the others.
    cut = {name: one[:-30] for name, one in columns.items()}
    series = read_series(cut, target="sold", time="hour", id="shop")
    return Windows(series, 24, 3, "0.6,0.2,0.2", own=True)


@pytest.fixture(scope="module")
def rows(windows):
    return windows.parts["test"]


@pytest.fixture(scope="module")
def forecast(windows, rows):
    """Off by a tenth of the level of each series."""
    noise = np.random.default_rng(1).normal(size=(len(rows), 3, 1))
    return windows.raw_targets(rows) + 0.1 * windows.size(rows).scale * noise


def by_loop(windows, rows, forecast):
    """MASE and sMAPE of each series, by loops over series and rows."""
    series, actual, found = windows.series, windows.raw_targets(rows), []
    for start, end in zip(series.starts, series.ends, strict=True):
        own = (rows >= start) & (rows < end)
        values, part = series.values[start:end, 0], windows.part_of_row[start:end]
        steps = [abs(values[t] - values[t - 24]) for t in range(24, end - start) if part[t] == 0]
        error = np.abs(actual - forecast)[own].mean()
        found.append((error / np.mean(steps), smape(actual[own], forecast[own])))
    return np.array(found)


def test_each_series_has_the_scores_that_a_loop_finds(windows, rows, forecast):
    expected, each = by_loop(windows, rows, forecast), BySeries(windows, rows).each(forecast)
    np.testing.assert_allclose(np.concatenate([each["MASE"], each["sMAPE"]], axis=1), expected)
    reference = by_loop(windows, rows, seasonal_naive(windows, rows))
    np.testing.assert_allclose(each["OWA"][:, 0], (expected / reference).mean(axis=1))


def test_means_are_over_series_and_owa_is_a_mean_of_their_ratios(windows, rows, forecast):
    naive = seasonal_naive(windows, rows)
    table = scored({"model": forecast, "seasonal naive": naive}, windows, rows)
    mase, smape = by_loop(windows, rows, forecast).mean(axis=0)
    of_naive = by_loop(windows, rows, naive).mean(axis=0)
    found = table["model"]["sold"]
    assert (found["MASE"], found["sMAPE"]) == pytest.approx((mase, smape))
    assert found["OWA"] == pytest.approx((mase / of_naive[0] + smape / of_naive[1]) / 2)
    assert table["seasonal naive"]["sold"]["OWA"] == pytest.approx(1)
    assert list(found) == ["MAE", "RMSE", "MASE", "sMAPE", "OWA"]


def test_a_series_times_a_thousand_changes_no_mean(windows, rows, forecast):
    start, end = windows.series.starts[1], windows.series.ends[1]
    values = windows.series.values.copy()
    values[start:end] *= 1000
    larger = Windows(Series(**{**vars(windows.series), "values": values}), 24, 3, "0.6,0.2,0.2", own=True)
    times = np.where((rows >= start) & (rows < end), 1000.0, 1.0)[:, None, None]
    before, after = BySeries(windows, rows).means(forecast), BySeries(larger, rows).means(forecast * times)
    assert {name: one[0] for name, one in after.items()} == pytest.approx(
        {name: one[0] for name, one in before.items()}
    )


def test_the_verdict_compares_the_means_of_the_table(windows, rows, forecast):
    naive = seasonal_naive(windows, rows)
    found = compared({"LSTM": forecast, "seasonal naive": naive}, windows, rows, "MASE")
    one = found.found["sold"]["seasonal naive"]
    assert one.ratio == pytest.approx(found.error("LSTM", "sold") / found.error("seasonal naive", "sold"))
    worse = forecast.copy()
    small = rows < windows.series.ends[0]
    worse[small] += 5 * windows.size(rows[small]).scale
    verdict = compared({"LSTM": worse, "naive": naive}, windows, rows, "MASE").found["sold"]["naive"]
    pooled = compared({"LSTM": worse, "naive": naive}, windows, rows, "RMSE").found["sold"]["naive"]
    assert verdict.ratio > 1 > pooled.ratio, "errors of the smallest series count as much"


def test_a_series_without_a_scale_counts_in_smape_alone(windows, rows, forecast):
    values = windows.series.values.copy()
    values[: windows.series.ends[0]] = 7.0
    flat = Windows(Series(**{**vars(windows.series), "values": values}), 24, 3, "0.6,0.2,0.2", own=True)
    panel = BySeries(flat, rows)
    assert np.isnan(panel.scale[0, 0]) and np.isfinite(panel.scale[1:]).all()
    made = flat.raw_targets(rows) * 1.1
    assert panel.means(made)["MASE"][0] == pytest.approx(panel.each(made)["MASE"][1:].mean())
    assert panel.means(made)["sMAPE"][0] == pytest.approx(panel.each(made)["sMAPE"].mean())
    error = np.abs(flat.raw_targets(rows) - made) * panel.share
    assert error.mean() == pytest.approx(panel.means(made)["MASE"][0])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_forecast_that_is_not_finite_never_looks_good(windows, rows, forecast, bad):
    broken = forecast.copy()
    broken[0, 0, 0] = bad
    found = scored({"": broken}, windows, rows)[""]["sold"]
    assert not np.isfinite([found["MASE"], found["OWA"]]).any()


def test_one_series_has_the_scores_it_always_had():
    values = np.random.default_rng(0).normal(9, 2, (80, 1))
    alone = Windows(Series("s", ("y",), values), 4, 2, "0.6,0.2,0.2")
    rows = alone.parts["test"]
    made = alone.raw_targets(rows) + 1
    assert scored({"": made}, alone, rows)[""] == scores(alone.raw_targets(rows), made, alone)
