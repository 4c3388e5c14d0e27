"""What a store remembers of its best trials is what it would find anew, whatever is written in between."""

import gc
import random
import sqlite3
from dataclasses import replace

import pytest

from narrows.search_spaces.trial import Status, Trial
from narrows.tuning.runs import ranking
from narrows.tuning.runs.store import Store


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "run.sqlite")
    yield made
    made.close()


def a_trial(luck, number):
    """Losses are around 0, and often equal; some trials pause, some fail."""
    scaling = luck.choice(["last", "standard", "none"])
    status = luck.choice([*Status, Status.COMPLETED, Status.COMPLETED])
    loss = round(luck.uniform(-0.2, 1.0), 1)
    return Trial(number, {"scaling": scaling}, 5, status=status, best_val_loss=loss, best_epoch=1)


@pytest.mark.parametrize("seed", range(8))
def test_the_best_are_those_that_would_be_found_anew_after_each_change(store, seed):
    luck = random.Random(seed)
    for _ in range(150):
        number = luck.randrange(60)
        what = luck.random()
        if what < 0.8 or store.trial(number) is None:
            store.end(a_trial(luck, number), {})
        elif what < 0.85:
            store.set_again(number, [luck.uniform(-0.2, 1.0) for _ in range(2)])
        elif what < 0.9:
            store.set_repeated(number, [luck.uniform(-0.2, 1.0)])
        else:
            with pytest.raises(ZeroDivisionError), store.transaction():
                store.end(a_trial(luck, number), {})
                store.best(3)
                raise ZeroDivisionError
        for count in luck.sample([1, 3, 8, 99], 2):
            assert store.best(count) == ranking.first(count, store._trials)


def test_another_process_is_told_of_trials_that_came_since_it_asked(store, tmp_path):
    luck = random.Random(0)
    reader = Store(tmp_path / "run.sqlite", read_only=True)
    for number in range(10):
        store.end(replace(a_trial(luck, number), status=Status.COMPLETED), {})
        assert reader.best(3) == store.best(3) != []
    reader.close()


def test_a_trial_behind_the_best_has_them_not_read_anew(store, monkeypatch):
    read = []
    found = ranking.first
    monkeypatch.setattr(ranking, "first", lambda count, of: read.append(count) or found(count, of))
    for number in range(200):
        loss = 1.0 + number % 50
        store.end(Trial(number, {}, 5, status=Status.COMPLETED, best_val_loss=loss, best_epoch=1), {})
        for count in (20, 20, 1):
            store.best(count)
    assert len(read) < 100 and set(read) == {20}


def test_a_store_that_is_dropped_is_closed_at_once(tmp_path):
    store = Store(tmp_path / "run.sqlite")
    store.best()
    database = store._db
    gc.disable()
    try:
        del store
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            database.execute("SELECT 1")
    finally:
        gc.enable()
