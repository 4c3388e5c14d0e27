"""Windows that are counted in their own size, for series that differ in it."""

from dataclasses import replace

import numpy as np
import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.job import Job
from narrows.tuning.series.folds import older_folds
from narrows.tuning.series.own_scale import FARTHEST, size_of
from narrows.tuning.series.panel import sizes_differ
from narrows.tuning.series.reading import read_series
from narrows.tuning.series.ridge import ridge
from narrows.tuning.series.ridge_floor import longer_windows
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

LEVELS = (1.0, 40.0, 3e3, 2e5)
CUT = {"lookback": 24, "horizon": 6, "split": "0.7,0.15,0.15"}


def panel(panel_columns, levels):
    return read_series(panel_columns(levels), target="sold", time="hour", id="shop")


@pytest.fixture(scope="module")
def windows(panel_columns):
    return Windows(panel(panel_columns, LEVELS), **CUT, own=True)


def of_series(windows, number, part="test"):
    """The windows of a part that are of one series."""
    rows = windows.parts[part]
    return rows[(rows >= windows.series.starts[number]) & (rows < windows.series.ends[number])]


def test_a_window_has_mean_0_and_spread_1_whatever_its_level(windows):
    x = windows.inputs(windows.parts["train"])
    assert x.dtype == np.float32
    np.testing.assert_allclose(x.mean(axis=1), 0, atol=1e-5)
    np.testing.assert_allclose(x.std(axis=1), 1, rtol=1e-5)


def test_targets_are_counted_from_the_rows_before_them_alone(windows):
    row = int(of_series(windows, 2)[3])
    past = windows.series.values[row - 24 : row, 0]
    expected = (windows.series.values[row : row + 6, 0] - past.mean()) / past.std()
    np.testing.assert_allclose(windows.targets(np.array([row]))[0, :, 0], expected, rtol=1e-5)


def test_z_become_raw_again(windows):
    for rows in windows.parts.values():
        np.testing.assert_allclose(
            windows.raw(windows.targets(rows), rows), windows.raw_targets(rows), rtol=1e-5
        )


def test_nothing_that_comes_later_is_read(windows):
    row = int(of_series(windows, 1)[0])
    values = windows.series.values.copy()
    values[row:] *= 7
    later = Windows(replace(windows.series, values=values), **CUT, own=True)
    one = np.array([row])
    np.testing.assert_array_equal(later.inputs(one), windows.inputs(one))
    assert (
        later.size(one).scale == windows.size(one).scale and later.size(one).level == windows.size(one).level
    )


def test_a_series_times_a_thousand_is_forecast_times_a_thousand_and_the_others_as_before(windows):
    values = windows.series.values.copy()
    start, end = windows.series.starts[2], windows.series.ends[2]
    values[start:end] *= 1000
    larger = Windows(replace(windows.series, values=values), **CUT, own=True)
    rows = windows.parts["test"]
    times = np.where((rows >= start) & (rows < end), 1000.0, 1.0)[:, None, None]
    for part, of_part in windows.parts.items():
        np.testing.assert_allclose(larger.inputs(of_part), windows.inputs(of_part), atol=1e-5, err_msg=part)
        np.testing.assert_allclose(larger.targets(of_part), windows.targets(of_part), atol=1e-5)
    np.testing.assert_allclose(ridge(larger).forecast(rows), times * ridge(windows).forecast(rows), rtol=1e-8)


def test_the_ridge_on_arrays_is_that_of_the_windows(windows):
    rows = windows.parts["test"]
    forecast = windows.raw(ridge(windows).linear(windows.inputs(rows)), rows)
    np.testing.assert_allclose(forecast, ridge(windows).forecast(rows), rtol=1e-4)


def test_all_series_share_one_loss(windows):
    shares = [
        np.square(windows.targets(of_series(windows, number, "validation"))).mean() for number in range(4)
    ]
    assert max(shares) < 3 * min(shares)
    shared = Windows(windows.series, **CUT)
    shares = [
        np.square(shared.targets(of_series(shared, number, "validation")) - shared.targets(
            of_series(shared, number, "validation")).mean()).mean() for number in range(4)
    ]  # fmt: skip
    assert max(shares) > 1e8 * min(shares)


@pytest.mark.parametrize("past", [[0.0] * 8, [5.0] * 8, [1e-30] * 8, [3e5] * 7 + [3e5 + 1e-9]])
def test_a_flat_window_is_forecast_by_its_level_and_owns_no_loss(past):
    size = size_of(np.reshape(past, (1, 8, 1)), np.array([1e-6]))
    assert 0 < size.scale < 1e-5 * max(1.0, abs(past[0]))
    assert np.isclose(size.level, past[0])
    series = Series("woke", ("y",), np.concatenate([np.zeros(60), np.arange(1.0, 61)])[:, None])
    woke = Windows(series, 8, 2, "90,15,15", own=True)
    assert np.abs(woke.targets(np.array([60]))).max() == FARTHEST


def test_only_series_that_differ_are_counted_so(panel_columns):
    alike, differ = panel(panel_columns, (2.0, 3.0, 2.5)), panel(panel_columns, (2.0, 3.0, 400.0))
    assert sizes_differ(alike, np.ones(alike.rows, bool)) == ""
    assert "The series differ in size" in sizes_differ(differ, np.ones(differ.rows, bool))
    columns = panel_columns((2.0, 2.0, 2.0))
    apart = columns | {"sold": columns["sold"] + 900 * (columns["shop"] == "s2")}
    apart = read_series(apart, target="sold", time="hour", id="shop")
    assert "The series lie at different levels" in sizes_differ(apart, np.ones(apart.rows, bool))
    alone = panel(panel_columns, (1.0,))
    assert sizes_differ(alone, np.ones(alone.rows, bool)) == ""


ASKED = {"target": "sold", "time": "hour", "id": "shop", "horizon": 6, "folds": 1}


def test_a_job_decides_by_its_data_and_says_so(panel_columns):
    prepared = Job(panel_columns(LEVELS), **ASKED).prepare()
    assert prepared.windows.own is not None and prepared.identity["levels"] == "own"
    assert any("Each window is counted from its own mean" in note for note in prepared.windows.notes)
    alike = Job(panel_columns((1.0, 1.1)), **ASKED).prepare()
    assert alike.windows.own is None and alike.identity["levels"] == "shared" and not alike.windows.notes


def test_one_unit_for_all_is_warned_of_where_series_differ(panel_columns):
    prepared = Job(panel_columns(LEVELS), **ASKED, levels="shared").prepare()
    assert prepared.windows.own is None
    assert any("--levels own counts each window in its own size" in note for note in prepared.windows.notes)


def test_windows_are_a_season_long_at_least_and_the_lstm_reads_what_was_asked(panel_columns):
    prepared = Job(panel_columns(LEVELS), **ASKED, lookback=5).prepare()
    assert prepared.windows.lookback == 24 and str(prepared.parts["lookback"]) == "5"
    searched = Job(panel_columns(LEVELS), **ASKED, lookback=[5, 7]).prepare()
    assert searched.windows.lookback == 24 and str(searched.parts["lookback"]) == "5,7"


def test_windows_too_short_to_tell_a_size_are_refused(panel_columns):
    with pytest.raises(UserError, match="lookback 3: to count each window in its own size takes 4 rows"):
        Job(panel_columns(LEVELS), **ASKED, lookback=3, season=1).prepare()


def test_values_as_they_are_and_windows_in_their_own_size_do_not_go_together(panel_columns):
    with pytest.raises(UserError, match="scaling: none reads values as they are"):
        Job(panel_columns(LEVELS), **ASKED, space={"scaling": ["none", "last"]}).prepare()
    with pytest.raises(UserError, match="there is no levels 'each'"):
        Job(panel_columns(LEVELS), **ASKED, levels="each").prepare()


def test_folds_and_longer_windows_have_sizes_of_as_many_rows(windows):
    (older,) = older_folds(windows, 2)
    assert older.own is not None and older.own.counted.rows == 24
    longer = next(iter(longer_windows(windows)))
    rows = longer.parts["test"]
    assert longer.lookback == 48 and longer.own is not None and longer.own.counted.rows == 24
    np.testing.assert_array_equal(longer.targets(rows), windows.targets(rows))
    np.testing.assert_allclose(longer.inputs(rows)[:, 24:], windows.inputs(rows))


def test_what_was_filled_in_tells_no_size(panel_columns):
    columns = panel_columns((1.0, 1.2), 120)
    columns["sold"][[30, 31, 150, 151]] = np.nan
    series = read_series(columns, target="sold", time="hour", id="shop", missing="ffill")
    values = np.where(series.filled == 0, series.values, 1e6)
    poisoned = replace(series, values=values)
    learned = np.ones(series.rows, bool)
    assert sizes_differ(poisoned, learned) == sizes_differ(series, learned) == ""
    one, other = (Windows(made, **CUT, own=True).own.floor for made in (series, poisoned))
    assert one == other
