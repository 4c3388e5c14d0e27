"""States: the newest of each trial that may go on stays, and to see to that costs no look at all others."""

import numpy as np
import pytest

from narrows.search_spaces.trial import Standing
from narrows.tuning.runs.digests import KeptFiles
from narrows.tuning.runs.paths import RunPaths
from narrows.tuning.runs.states import States
from narrows.tuning.runs.store import Store


@pytest.fixture
def files(tmp_path):
    return KeptFiles(tmp_path, Store(tmp_path / "run.sqlite"))


def standing(loss=0.5):
    return Standing(1, loss, [np.ones(2)], [np.zeros(3)])


def there(tmp_path):
    return RunPaths(tmp_path).with_state()


def test_of_what_may_go_on_the_newest_state_stays_and_of_all_else_none(tmp_path, files):
    states = States(RunPaths(tmp_path), files)
    for number, epoch in [(0, 9), (1, 3), (1, 12), (2, 5)]:
        states.save(number, epoch, standing())
    states.keep({1, 2, 7})
    assert there(tmp_path) == {(1, 12), (2, 5)}
    assert [states.newest(number) for number in (0, 1, 2)] == [None, 12, 5]
    states.keep(set())
    assert not there(tmp_path) and not files._store.digests()


def test_a_state_that_a_killed_process_left_without_a_digest_is_none_and_goes(tmp_path, files):
    paths = RunPaths(tmp_path)
    States(paths, files).save(0, 3, standing())
    paths.state(0, 6).write_bytes(paths.state(0, 3).read_bytes())
    again = States(paths, files)
    assert again.newest(0) == 3
    again.keep({0})
    assert there(tmp_path) == {(0, 3)}


def test_a_state_that_is_written_over_what_was_left_stays(tmp_path, files):
    paths = RunPaths(tmp_path)
    paths.state(4, 6).parent.mkdir(parents=True)
    paths.state(4, 6).write_bytes(b"half of it")
    states = States(paths, files)
    states.save(4, 6, standing(0.25))
    states.keep({4})
    assert states.load(4)[1].best_val_loss == 0.25


def test_what_stays_is_not_asked_of_the_store(tmp_path, files, monkeypatch):
    states = States(RunPaths(tmp_path), files)
    for number in range(30):
        states.save(number, 3, standing())
    asked = []
    monkeypatch.setattr(Store, "digest", lambda self, name: asked.append(name))
    for _ in range(20):
        states.keep(set(range(30)))
    assert not asked and len(there(tmp_path)) == 30
