"""The benchmark of seconds to a good loss: what counts as reached, worked out by hand."""

import math
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

from sooner import _rows, bar, best, reached

CURVE = [(1.0, 0.5), (2.0, math.nan), (3.0, 0.2), (4.0, 0.2), (9.0, 0.3), (181.0, 0.1)]


def test_the_best_loss_is_the_first_of_its_kind_and_in_time():
    assert best(CURVE) == (3.0, 0.2)
    with pytest.raises(ValueError):
        best([(181.0, 0.1)])


def test_a_loss_is_reached_by_itself_or_a_lower_one_in_time():
    assert reached(CURVE, 0.4) == reached(CURVE, 0.2) == 3.0
    assert reached(CURVE, 0.1) == math.inf


def test_the_loss_of_the_ridge_itself_is_no_loss_of_a_network():
    at_ridge = [(1.0, 0.3), (2.0, 0.25)]
    assert reached(at_ridge, bar(0.4, ridge=0.3)) == 2.0
    assert reached(at_ridge, bar(0.4, ridge=math.inf)) == 1.0
    assert bar(0.2, ridge=0.3) == 0.2


def test_the_figure_is_the_median_of_the_ratios_of_each_seed():
    peers = {"hyperband": [[(60.0, 0.2)], [(80.0, 0.2)], [(100.0, 0.2)]]}
    own = [[(2.0, 0.1)], [(10.0, 0.1)], [(4.0, 0.1)]]
    ((_, figure, goal, more),) = _rows("small", peers, own, 0.3, 20)
    assert (figure, goal) == ("25.0 times (medians: 80 s against 4.0 s)", ">= 20 times")
    assert more.startswith("8.0, 25.0, 30.0 times")


def test_what_is_reached_in_fewer_than_half_of_the_seeds_is_not_reached():
    peers = {"hyperband": [[(60.0, 0.2)]] * 3}
    own = [[(2.0, 0.1)], [(2.0, 0.21)], [(181.0, 0.1)]]
    own[2].insert(0, (5.0, 0.4))
    ((_, figure, _, more),) = _rows("small", peers, own, math.inf, 20)
    assert figure == "not reached in 180 s" and more.startswith("0.0, 0.0, 30.0 times")
