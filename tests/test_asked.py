"""What the record says a search was asked: when two searches forecast the same on the same windows."""

from types import SimpleNamespace

import numpy as np
import pytest

from narrows.callbacks.asked import LONGEST, MOST
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows
from narrows.tuning.watchers._asked import asked

VALUES = np.random.default_rng(0).normal(size=(200, 2))
IDENTITY = {
    "data": "x", "targets": ["sold"], "features": [], "lookback": 48, "horizon": 3, "split": "0.7,0.15,0.15",
    "space": {"units_1": "4..64:log", "lookback": "12,24"}, "callbacks": None, "loss": "mse", "folds": 1,
    "seed": 0, "epochs": 30, "rung": 4,
}  # fmt: skip
BUDGET = {"trials": 12, "minutes": 1.5, "keep": 20}


def asked_of(values=VALUES[:, :1], features=(), lookback=48, split="0.7,0.15,0.15", horizon=3, **identity):
    data = Series(name="shop", targets=("sold",), values=values, features=features)
    run = SimpleNamespace(job={"identity": IDENTITY | {"split": split} | identity, "budget": BUDGET})
    return asked(SimpleNamespace(run=run, windows=Windows(data, lookback, horizon, split)))


def test_what_was_asked_is_told_in_the_users_words():
    found = asked_of()
    assert (found.data, found.rows, found.targets, found.features) == ("shop", 200, ("sold",), ())
    assert (found.lookback, found.horizon, found.split, found.folds) == ("12,24", 3, "0.7,0.15,0.15", 1)
    kept = {"units_1": "4..64:log", "callbacks": "none", "seed": "0", "epochs": "30", "rung": "4"}
    assert found.settings == kept
    assert found.sizes == {"train": 140, "validation": 30, "test": 30}
    assert (found.trials, found.minutes, found.rungs) == (12, 1.5, (4, 12))
    assert asked_of(rung=0).rungs == ()
    assert asked_of(space={}).lookback == "48"


def test_rows_of_no_part_are_counted_in_none():
    assert asked_of(split="100,30,20").sizes == {"train": 100, "validation": 30, "test": 20}


def test_another_lookback_feature_or_space_is_the_same_task():
    one = asked_of()
    others = [asked_of(lookback=12), asked_of(VALUES, ("price",)), asked_of(space={"units_1": "8"})]
    assert {(other.series, other.parts) for other in others} == {(one.series, one.parts)}


def test_other_parts_have_another_fingerprint_whatever_they_are_called():
    one = asked_of()
    assert asked_of(split="140,30,30").parts == one.parts
    assert asked_of(split="0.6,0.2,0.2").parts != one.parts
    assert asked_of(lookback=150, split="160,20,20").parts != asked_of(split="150,30,20").parts


@pytest.mark.parametrize("changed", [VALUES[:, :1] + 1, VALUES[:-1, :1], VALUES[:, 1:]])
def test_other_numbers_to_forecast_have_another_fingerprint(changed):
    assert asked_of(changed).series != asked_of().series


def test_it_stays_small_whatever_the_data_are_called():
    names = tuple(f"{number} {'x' * 300}" for number in range(300))
    values = np.random.default_rng(0).normal(size=(200, 301))
    found = asked_of(values, names, space=dict.fromkeys(names, "y" * 300))
    assert len(found.features) == len(found.settings) == MOST
    assert max(map(len, [*found.features, *found.settings, *found.settings.values()])) <= LONGEST
