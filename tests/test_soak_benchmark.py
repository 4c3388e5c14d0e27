"""The benchmark of long searches: what it calls flat, worked out by hand."""

import math
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

from sampled import Sample, Sampled
from soak import _pace, _row, slope, tenths


def seen(values, after=0.0):
    """100 trials, a second each, and a sample after each of them."""
    samples = [Sample(trials, {"threads": value}) for trials, value in enumerate(values)]
    return Sampled(0.0, [float(end) for end in range(1, 101)], samples, [Sample(100, {"threads": after})])


def test_the_slope_is_that_of_a_line_and_a_few_far_points_do_not_move_it():
    x = list(range(50))
    y = [3 + 0.5 * one for one in x]
    assert slope(x, y) == pytest.approx(0.5)
    y[7], y[30] = 1e6, -1e6
    assert slope(x, y) == pytest.approx(0.5, abs=0.01)


def test_samples_between_which_no_trial_ended_have_no_slope():
    assert slope([4, 4, 4], [1, 2, 3]) == slope([], []) == 0.0
    assert slope([4, 4, 6], [1, 3, 4]) == 1.0  # 3 / 2 and 1 / 2


def test_the_tenths_are_those_of_the_trials():
    found = seen(range(100))
    assert tenths(found.samples, "threads", 100) == (5.0, 94.5)
    assert all(math.isnan(one) for one in tenths([], "threads", 100))


def test_what_grows_only_in_the_first_third_is_flat_and_what_grows_in_the_end_is_not():
    early, late = [min(one, 30) for one in range(100)], [max(one, 60) for one in range(100)]
    flat, growing = (_row("soak", seen(each, 9.0), "threads", 0.0) for each in (early, late))
    assert flat[1] == "+0 per 1,000 trials" and flat[3].startswith("flat; ")
    assert growing[3].startswith("not flat; ") and growing[3].endswith("at most 9 while the answer was found")


def test_seconds_a_trial_are_those_between_the_ends_of_trials():
    ends = [float(end) for end in range(1, 91)] + [90.0 + 2 * end for end in range(1, 11)]
    assert _pace("soak", Sampled(0.0, ends))[1] == "2.00 times"
