"""The benchmark of large searches: real searches on many places in virtual time, in its short form."""

import sys
from itertools import count
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

from places import knows
from places_bare import Bare, busy, interval, space
from places_engine import MadeUp, Places, true_loss
from places_search import Clock, search

from narrows.search_spaces.trial import GO_ON
from narrows.tuning.engines.base import Task
from narrows.tuning.schedule import lag_for

SIZES = (4, 16)


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """Searches by TPE with early ending, 12 trials a place, with store and watchers."""
    folder = tmp_path_factory.mktemp("places")
    return {places: search(folder / str(places), "tpe", places, 12 * places, True) for places in SIZES}


def on_one_place(lag, trials):
    one = Bare("tpe", lag, trials, halving=True, seed=0)
    Places(space(), None, places=1).train(one.ask, one.report, one.end)
    return [one.ended[number] for number in range(trials)]


@pytest.mark.parametrize("places", SIZES)
def test_a_search_on_many_places_is_that_on_one_with_the_same_lag(searched, places):
    alone = on_one_place(lag_for(places), 12 * places)
    assert searched[places].values == [dict(one.values) for one in alone]
    assert searched[places].ends == [(one.status, one.best_epoch, one.best_val_loss) for one in alone]
    assert len({status for status, *_ in searched[places].ends}) == 2, "some ended early"


@pytest.mark.parametrize("places", SIZES)
def test_random_search_leaves_no_place_idle(places):
    one = Bare("random", lag_for(places), 12 * places, halving=False, seed=0)
    engine = Places(space(), None, places=places)
    engine.train(one.ask, one.report, one.end)
    assert engine.busy() >= 0.95 and len(one.ended) == 12 * places


def test_places_of_tpe_that_are_idle_wait_for_results(searched):
    assert searched[4].busy >= 0.9
    for done in searched.values():
        idle = done.idle["asking"] + done.idle["waiting"]
        assert (idle > 0) == (done.busy < 1) and done.idle["asking"] >= done.idle["waiting"]


def test_a_longer_lag_and_more_trials_under_way_keep_places_busy():
    as_it_is, longer, both = (busy(16, *given)["busy"] for given in [(4, 192, 2), (16, 192, 2), (16, 192, 4)])
    assert as_it_is < 0.7 and longer > 0.98 and both >= longer


def test_what_takes_the_driver_is_told_by_parts_and_over_the_length_of_a_search(searched):
    for done in searched.values():
        assert {"schedule and algorithm", "rules", "states", "store", "search"} < done.cpu.keys()
        assert sum(part.startswith("watcher ") for part in done.cpu) >= 5
        assert len(done.quarters) == 4 and min(done.quarters) > 0
        assert sum(done.quarters) / 4 == pytest.approx(sum(done.cpu.values()), rel=0.1)


def test_a_part_is_not_charged_for_another_one_that_it_calls(monkeypatch):
    seconds = count()
    monkeypatch.setattr("time.thread_time", lambda: next(seconds))
    clock = Clock()
    inner = clock.timed("inner", lambda: None)
    clock.timed("outer", lambda: (inner(), inner()))()
    assert dict(clock.secs) == {"": 0, "outer": 3, "inner": 2} and clock.all() == 5


def test_busy_places_are_counted_until_the_last_trial_was_begun(monkeypatch):
    """Two places; trials of 3, 1 and 2 s, one epoch each: the last one begins at 1 s, then none is there."""
    monkeypatch.setattr(MadeUp, "__init__", lambda self, task: vars(self).update(made[task.number]))
    made = [{"epoch_secs": secs, "losses": [1.0]} for secs in (3.0, 1.0, 2.0)]
    values = {"num_layers": 1, "units_1": 8, "bottleneck": 0, "learning_rate": 0.01, "scaling": "last"}
    waiting = [Task(number, values, epochs=1) for number in range(3)]
    engine = Places(space(), None, places=2)
    engine.train(lambda: waiting.pop(0) if waiting else None, lambda _: GO_ON, lambda _: None)
    assert engine.begun == {0: 0.0, 1: 0.0, 2: 1.0} and engine.ended == {1: 1.0, 0: 3.0, 2: 3.0}
    assert engine.busy() == 1.0


def test_made_up_trials_are_a_function_of_their_values_and_seed():
    values = {"num_layers": 2, "units_1": 32, "units_2": 16, "bottleneck": 0, "learning_rate": 10**-2.2}
    assert true_loss(values) == pytest.approx(0.1)
    assert true_loss(values | {"learning_rate": 0.03}) > true_loss(values)
    once, again, other = (MadeUp(Task(0, values, epochs=30, seed=seed)) for seed in (1, 1, 2))
    assert vars(once) == vars(again) != vars(other) and len(once.losses) == 30


def test_what_is_found_is_told_in_percent_above_the_least_loss():
    row = knows("TPE on 4 places", 16, [[0.11, 0.105, 0.1], [0.13, 0.105, 0.1]])
    first = "20.0 ± 127.1 % after 100, 5.0 ± 0.0 % after 300, 0.0 ± 0.0 % after 1,000 trials"
    assert row == ("TPE on 4 places", "5.0 ± 0.0 % after 300 trials", "", f"{first}; told 16 trials late")


def test_an_interval_is_that_of_student():
    assert interval([1.0, 2.0, 3.0]) == pytest.approx((2.0, 4.3027 / 3**0.5), rel=1e-4)
