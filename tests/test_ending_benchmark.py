"""The benchmark of ways to end trials: what it replays takes the seconds that are worked out by hand."""

import math
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

from ending_curves import SETS, Curve
from ending_policies import BY_ARRIVAL, PATIENCE, RULE, BestGoOn, Hyperband, policies
from ending_replay import Policy, orders, replay


def curve(losses, secs=1.0):
    return Curve({"scaling": "last"}, losses, [secs] * len(losses), 9)


def test_two_places_train_in_turn():
    done = replay(Policy([curve([3, 2, 1], 2.0), curve([2, 1.5, 1.2]), curve([5, 4, 0.5])], 3))
    assert (done.secs, done.best) == (6.0, 0.5)
    assert done.secs_to(1.2) == 3.0 and done.secs_to(0.1) == math.inf


def test_a_curve_that_diverges_ends_there():
    assert replay(Policy([curve([3, math.nan])], 9)).secs == 2.0


def test_patience_and_the_rule_are_those_of_the_package():
    flat = [curve([1.0 + number / 10] * 9) for number in range(3)]
    ways = policies(patience=2, steps=125)
    assert replay(ways[PATIENCE](flat, 9), places=1).secs == 3 * 3
    falling = [curve([9.0 - epoch + number / 10 for epoch in range(9)]) for number in range(3)]
    assert replay(ways[RULE](falling, 9), places=1).secs == 9 + 9 + 2


def test_a_slow_trial_is_waited_for_where_the_usual_way_is_not():
    """It is at the first rung, epoch 2, after 20 seconds; the other two are there after 2 and 4."""
    falling = [9.0 - epoch for epoch in range(9)]
    curves = [
        curve(falling, 10.0),
        curve([loss + 0.25 for loss in falling]),
        curve([loss + 0.5 for loss in falling]),
    ]
    ways = policies(patience=2, steps=125)
    waits, arrives = (replay(ways[way](curves, 9)) for way in (RULE, BY_ARRIVAL))
    epochs = [[at for at, loss in done.found if loss % 1 == 0.5] for done in (waits, arrives)]
    assert epochs[0] == [3.0, 4.0], "the third of three, once the first is there"
    assert len(epochs[1]) > 2, "the second of two"
    assert waits.secs == arrives.secs == 90.0


def test_the_best_after_some_epochs_go_on_alone():
    curves = [curve([3, 1, 1]), curve([2, 2, 0.5]), curve([4, 0, 0])]
    done = replay(BestGoOn(curves, 3, 9, 1, 2), places=1)
    assert (done.secs, done.best) == (3 + 2 + 2, 0.5)


def test_hyperband_goes_on_along_the_curves_it_began():
    curves = [curve([1.0 + number - epoch / 100 for epoch in range(9)]) for number in range(30)]
    done = replay(Hyperband(curves, 9), places=1)
    assert done.secs == len(done.found) < 30 * 9
    assert len(done.found) == len(set(done.found)), "no epoch is trained twice"
    assert any(round(loss % 1, 2) == 0.92 for _, loss in done.found), "the last of nine"


def test_orders_are_always_the_same_and_never_twice_the_same_trial():
    curves = [curve([float(number)]) for number in range(8)]
    once, again = (list(orders(curves, 5, 3)) for _ in range(2))
    assert once == again and all(len({one.losses[0] for one in some}) == 5 for some in once)
    assert once[0] != once[1]


def test_curves_are_kept_by_what_they_depend_on(tmp_path, monkeypatch):
    before = {one.path(tmp_path) for one in SETS.values()}
    monkeypatch.setitem(__import__("ending_curves").DEFAULTS, "units", (1, 2))
    assert len(before | {one.path(tmp_path) for one in SETS.values()}) == 2 * len(SETS)
