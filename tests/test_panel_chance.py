"""Intervals of panels hold the truth whatever series share, and are narrow where they share little."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from narrows.tuning.answers.against import BEATS, CANNOT_TELL, EQUAL, compared
from narrows.tuning.answers.against_words import told
from narrows.tuning.answers.chance import Interval, needed, ratio_interval, surely_above
from narrows.tuning.answers.panel_chance import chance_of_total, ratio_ends
from narrows.tuning.series.overlap import moments_needed, panel_moments_needed
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

from panel_intervals import HORIZON, covered, made_up


@pytest.mark.parametrize("moments", [24, 48, 138])
@pytest.mark.parametrize("alike", [0, 0.3, 0.9])
def test_intervals_hold_the_truth_of_few_series_and_many(moments, alike):
    for series in (5, 50):
        held, _ = covered(series, moments, alike, adds_up=series == 50, repeats=300)
        assert held >= 0.93 - 2 * math.sqrt(0.93 * 0.07 / 300)


def test_four_hundred_series_that_share_nothing_tell_from_a_third_of_the_moments_and_more_than_five():
    few, fewer = covered(400, 48, 0, False, 40)[1], covered(5, 48, 0, False, 40)[1]
    assert covered(400, 48, 0, False, 1, blocks=True)[1] == math.inf
    assert few < 0.12 < fewer / 5
    assert covered(400, 48, 0.9, False, 40)[1] > 10 * few, "what they share does not average out"


def test_the_chance_of_a_total_is_that_of_sums_of_neighbours_in_closed_form():
    """White noise summed over a horizon: the variance of the total is that of its long run, about."""
    rng, horizon, moments = np.random.default_rng(0), 6, 600
    found = []
    for _ in range(400):
        noise = np.convolve(rng.normal(size=moments + horizon - 1), np.ones(horizon), "valid")
        found.append(chance_of_total(noise, horizon))
    student = 2.086  # 20 degrees of freedom
    assert np.mean(np.square(found)) / student**2 == pytest.approx(moments * horizon**2, rel=0.05)
    assert chance_of_total(np.ones(24), 6) == pytest.approx(0, abs=1e-12), "what stays is no chance"


def test_the_ends_do_not_depend_on_which_is_first_nor_on_a_unit():
    sums = made_up(np.random.default_rng(2), 50, 48, 0.1, False)
    low, high = ratio_ends(sums, HORIZON)
    assert [1 / end for end in ratio_ends(sums[:, ::-1], HORIZON)] == pytest.approx([high, low])
    assert ratio_ends(sums * [1e-150, 2e-150], HORIZON) == pytest.approx((low / 2, high / 2))


def test_too_few_moments_have_no_interval_however_many_series_there_are():
    rng = np.random.default_rng(0)
    for moments, there in ((23, False), (24, True)):
        losses = rng.uniform(1, 1.01, (50 * moments, 2))
        found = ratio_interval(losses, np.tile(np.arange(moments), 50), 12, root=True)
        assert (found.low is not None) == there
    assert needed(np.array([0, 0, 1]), 12) == panel_moments_needed(12) == 24
    assert needed(np.array([0, 1]), 12) == moments_needed(12)


def test_errors_of_zero_have_a_ratio_and_those_of_one_window_tell_nothing():
    moments, some = np.tile(np.arange(60), 2), np.linspace(1, 2, 120)
    for ours, theirs, ratio in ((0 * some, 0 * some, 1), (0 * some, some, 0), (some, 0 * some, math.inf)):
        found = ratio_interval(np.stack([ours, theirs], axis=1), moments, 1, root=True)
        assert found == Interval(ratio, ratio, ratio)
    once = np.where(np.arange(120) == 7, 1000.0, 0.0)  # the errors of one window are all there are
    for ours, theirs in ((some, once), (once, some), (once, once[::-1])):
        assert ratio_interval(np.stack([ours, theirs], axis=1), moments, 1, root=False).low is None


def panel(series, rows):
    rng = np.random.default_rng(0)
    values = 100 + rng.normal(size=(series * rows, 1)) * 5
    starts, ids = rows * np.arange(series), tuple(f"s{one}" for one in range(series))
    times = np.tile(np.arange(rows), series)
    return Windows(Series("s", ("v",), values, starts=starts, ids=ids, times=times), 4, 10, "0.6,0.2,0.2")


def test_a_panel_is_told_by_its_series_what_one_series_of_as_many_moments_cannot_tell():
    words = {}
    for series in (1, 40):
        data = panel(series, 250)
        rows = data.parts["test"]
        actual, rng = data.raw_targets(rows), np.random.default_rng(1)
        ours, floor = (actual + size * rng.normal(size=actual.shape) for size in (1, 1.3))
        found = compared({"LSTM": ours, "floor": floor}, data, rows, "RMSE")
        words[series] = found.found["v"]["floor"].word
        if series == 1:
            assert "different times, too few to tell" in told(found, {}, 4)[0]
    assert words == {1: CANNOT_TELL, 40: BEATS}


def test_errors_that_rise_and_fall_together_are_told_so_where_the_moments_would_do():
    data = panel(40, 250)
    rows = data.parts["test"]
    actual, when = data.raw_targets(rows), data.moments[rows]
    one, other = (np.where(when == when.min() + place, 90.0, 0.01)[:, None, None] for place in (0, 20))
    found = compared({"LSTM": actual + one, "floor": actual + other}, data, rows, "RMSE")
    assert found.found["v"]["floor"].word == CANNOT_TELL
    assert (
        "times, too few where the errors of the series rise and fall together to tell"
        in told(found, {}, 4)[0]
    )
    equal = compared({"LSTM": actual + 1, "floor": actual + 1}, data, rows, "RMSE")
    assert equal.found["v"]["floor"].word == EQUAL


def test_what_chance_does_to_a_panel_is_called_sure_in_one_case_of_forty():
    for series, alike in ((20, 0), (20, 0.9)):
        rng, sure, better = np.random.default_rng(0), 0, 0
        for _ in range(600):
            sums = made_up(rng, series, 40, alike, False, horizon=6)
            when = np.tile(np.arange(40), 2)
            differences = np.concatenate([sums[:, 0] - sums[:, 1], np.zeros(40)])
            sure += surely_above(differences, when, 6)
            better += surely_above(differences + 0.3 * sums.mean(), when, 6)
        assert 4 <= sure <= 27, "15 of 600 are meant"
        assert better > 60
