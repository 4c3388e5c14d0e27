"""The benchmark of seconds to a good loss: what counts as reached, worked out by hand."""

import math
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

from sooner import bar, best, reached, table

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


def searched(theirs, own):
    return {"hyperband": theirs, "halving": theirs, "small": own}


def test_the_figure_is_the_median_of_the_ratios_of_each_seed():
    theirs = [[(60.0, 0.2)], [(80.0, 0.2)], [(100.0, 0.2)]]
    own = [[(2.0, 0.1)], [(10.0, 0.1)], [(4.0, 0.1)]]
    (_, figure, goal, more), _ = table("small", searched(theirs, own), 0.3, 20)
    assert (figure, goal) == ("25.0 times (medians: 80 s against 4.0 s)", ">= 20 times")
    assert more.startswith("8.0, 25.0, 30.0 times")


def test_what_is_reached_in_fewer_than_half_of_the_seeds_is_not_reached():
    own = [[(2.0, 0.1)], [(2.0, 0.21)], [(5.0, 0.4), (181.0, 0.1)]]
    (_, figure, _, more), _ = table("small", searched([[(60.0, 0.2)]] * 3, own), math.inf, 20)
    assert figure == "not reached in 180 s" and more.startswith("0.0, 0.0, 30.0 times")


@pytest.mark.parametrize("search", ["hyperband", "halving"])
def test_the_others_search_until_their_seconds_are_over(search):
    import sooner_sides

    curve = getattr(sooner_sides, search)("small", 0, 4.0)
    secs, losses = zip(*curve, strict=True)
    assert list(secs) == sorted(secs) and secs[-1] >= 4.0 > max(secs[:-1], default=0.0)
    assert all(0 < loss < 2 for loss in losses)


def test_our_search_ends_when_it_has_found_enough_and_counts_no_untrained_network():
    import sooner_sides

    ridge = sooner_sides.ridge_loss("small")
    curve = sooner_sides.ours("small", 0, 60.0, bar(0.01, ridge), {"linear": "ridge"})
    assert curve[-1][1] < ridge and curve[-1][0] < 60
    assert ridge not in [loss for _, loss in curve]
