"""What a search tells store and watchers: all of it, in order, with few transactions."""

import threading

import pytest

from narrows.search_spaces.trial import Epoch, Outcome, Status, Trial
from narrows.tuning.runs.store import Store
from narrows.tuning.watchers import Telling
from narrows.tuning.watchers.base import Watcher


class Hears(Watcher):
    """Notes what it hears; it waits at the first beginning of a trial until it may go on."""

    def __init__(self):
        self.heard, self.may = [], threading.Event()

    def began(self, trial):
        self.may.wait(30)
        self.heard.append(("began", trial.number))

    def epoch(self, epoch):
        if epoch.secs > 100:
            raise ValueError("too long")
        self.heard.append((epoch.number, epoch.epoch))

    def ended(self, trial, outcome):
        self.heard.append(("ended", trial.number))


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "run.sqlite")
    yield made
    made.close()


@pytest.fixture
def transactions(store):
    """Transactions so far."""
    begun = []
    store._db._db.set_trace_callback(lambda said: begun.append(said) if said.startswith("BEGIN") else None)
    yield begun
    store._db._db.set_trace_callback(None)


def an_epoch(number, epoch, secs=0.5):
    return Epoch(number, epoch, 1.0, 1 / epoch, 0.01, secs)


def test_epochs_that_follow_one_another_are_one_transaction_and_told_in_order(store, transactions):
    hears = Hears()
    telling = Telling(store, [hears])
    one, other = Trial(0, {}, 4), Trial(1, {}, 4)
    happened = [("began", 0), ("began", 1), (0, 1), (1, 1), (0, 2), (0, 3), ("ended", 0), (1, 2), (1, 3)]
    for what, number in happened:
        if what == "began":
            telling.began((one, other)[number], {})
        elif what == "ended":
            ended = Trial(0, {}, 4, status=Status.COMPLETED, best_val_loss=0.25, best_epoch=3)
            telling.ended(ended, Outcome(0, Status.COMPLETED), {})
        else:
            telling.epoch(an_epoch(what, number))
    hears.may.set()
    telling.wait()
    assert hears.heard == happened
    assert len(transactions) == 2 + 1 + 1 + 1, "two beginnings, four epochs, an end, two epochs"
    assert (
        [epoch.epoch for epoch in store.epochs(0)] == [epoch.epoch for epoch in store.epochs(1)] == [1, 2, 3]
    )
    assert store.trial(1).secs == 1.5
    telling.close()


def test_an_epoch_that_nothing_follows_is_kept_at_once(store):
    hears = Hears()
    hears.may.set()
    telling = Telling(store, [hears])
    telling.began(Trial(0, {}, 4), {})
    for epoch in (1, 2):
        telling.epoch(an_epoch(0, epoch))
        telling.wait()
        assert [one.epoch for one in store.epochs(0)] == list(range(1, epoch + 1))
    telling.close()


def test_a_fault_among_epochs_is_raised_and_nothing_is_told_after_it(store):
    hears = Hears()
    telling = Telling(store, [hears])
    telling.began(Trial(0, {}, 4), {})
    for epoch in (1, 2, 3):
        telling.epoch(an_epoch(0, epoch, secs=1000 if epoch == 2 else 0.5))
    telling.began(Trial(1, {}, 4), {})
    hears.may.set()
    with pytest.raises(ValueError, match="too long"):
        telling.wait()
    telling.close()
    assert hears.heard == [("began", 0), (0, 1)] and store.trial(1) is None
    assert [one.epoch for one in store.epochs(0)] == [1, 2, 3], "the store is told first"


def test_of_epochs_that_cannot_all_be_kept_none_is(store):
    store.begin(Trial(0, {}, 4), {})
    with pytest.raises(TypeError):
        store.epoch(an_epoch(0, 1), Epoch(0, 2, 1.0, 1.0, 0.01, 0.5, {"what": object()}))
    assert store.epochs(0) == [] and store.trial(0).secs == 0
