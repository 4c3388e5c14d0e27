"""The store: what was told is there after any death of the process, and nothing else is."""

import gc
import math
import os
import signal
import sqlite3
import subprocess
import sys
import time

import numpy as np
import pytest

import narrows.tuning.runs.store as store_module
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import Epoch, Status, Trial
from narrows.search_spaces.whole_file import write_whole
from narrows.tuning.runs.arrays import load_arrays, save_arrays
from narrows.tuning.runs.lock import sole_writer
from narrows.tuning.runs.store import Store


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "run.sqlite")
    yield made
    made.close()


def trial(number, **known):
    return Trial(number, {"units_1": 8}, seed=number, epochs=5, **known)


def begin(store, number, **known):
    store.begin(trial(number, **known), {"asked": number})


def end(store, number, status=Status.COMPLETED, loss=None, **known):
    best = 0 if loss is None else 1
    store.end(trial(number, status=status, best_val_loss=loss, best_epoch=best, **known), {"told": number})


def test_a_trial_reads_back_as_it_was_told(store):
    begin(store, 0, units=(64, 8), parameters=99, fold=2, tag="again", parent=None)
    store.epoch(Epoch(0, 1, 0.5, 0.4, 0.01, 1.5))
    store.epoch(Epoch(0, 2, math.nan, math.inf, 0.01, 0.5))
    row = store.trial(0)
    assert (row.secs, row.status) == (2.0, Status.RUNNING)
    end(store, 0, loss=0.4, units=(64, 8), parameters=99, secs=2.0, fold=2, tag="again")
    row = store.trial(0)
    assert (row.fold, row.tag, row.parent) == (2, "again", None)
    assert (row.name, row.status, row.best_val_loss, row.best_epoch) == ("t0000 64-8", "completed", 0.4, 1)
    assert (row.secs, row.parameters, row.values, row.seed) == (2.0, 99, {"units_1": 8}, 0)
    first, second = store.epochs(0)
    assert first == Epoch(0, 1, 0.5, 0.4, 0.01, 1.5)
    assert math.isnan(second.loss) and math.isinf(second.val_loss)
    assert store.meta("algorithm") == {"told": 0}


def test_the_best_leave_out_what_failed_and_what_runs(store):
    for number, (status, loss) in enumerate([("completed", 3.0), ("failed", 1.0), ("stopped", 2.0)]):
        begin(store, number)
        end(store, number, Status(status), loss)
    begin(store, 3)
    assert [row.number for row in store.best(10)] == [2, 0]
    assert [row.number for row in store.best()] == [2] and store.count() == 2


def test_a_trial_that_goes_back_forgets_the_epochs_after_that_and_no_other_trial_does(store):
    for number in range(2):
        begin(store, number)
        for epoch in range(4):
            store.epoch(Epoch(number, epoch, 1.0, 1.0, 0.1, 1.0))
    store.go_back(0, 2)
    assert [[one.epoch for one in store.epochs(number)] for number in range(2)] == [[0, 1, 2], [0, 1, 2, 3]]
    store.go_back(0, -1)
    assert store.epochs(0) == []


def test_a_failed_trial_without_an_epoch_has_no_loss(store):
    begin(store, 0)
    end(store, 0, Status.FAILED, reason="too large")
    assert store.trial(0).best_val_loss is None
    assert store.best() == []


def test_a_folder_may_have_any_name(tmp_path):
    folder = tmp_path / "my run #1? 100% ünï"
    folder.mkdir()
    Store(folder / "run.sqlite").close()
    read = Store(folder / "run.sqlite", read_only=True)
    assert read.trials() == []
    read.close()


def test_a_file_that_is_no_store_is_refused(tmp_path):
    (tmp_path / "run.sqlite").write_bytes(b"this is not a database, whatever its name says" * 50)
    with pytest.raises(UserError, match="cannot be read as the store of a run"):
        Store(tmp_path / "run.sqlite")


def test_a_store_of_another_version_is_refused(store, tmp_path):
    store.set_meta("version", 99)
    with pytest.raises(UserError, match=r"another version of narrows \(store 99, here 11\)"):
        Store(tmp_path / "run.sqlite", read_only=True)


def test_a_row_that_did_not_change_is_made_a_trial_of_once_and_one_that_did_anew(store, monkeypatch):
    for number in range(3):
        end(store, number, loss=1.0 + number)
    made = []
    read = store_module.from_plain
    monkeypatch.setattr(
        store_module, "from_plain", lambda kind, cells: made.append(kind) or read(kind, cells)
    )
    once = store.best(2)
    count = made.count(Trial)
    assert store.best(2) == once and made.count(Trial) == count
    end(store, 2, loss=0)  # SQLite makes a float of it
    assert [one.number for one in store.best(2)] == [2, 0] and store.best()[0].best_val_loss == 0.0
    assert made.count(Trial) == count + 1


@pytest.mark.parametrize("scaling", ["last", "standard"])
def test_to_ask_for_the_best_reads_no_more_of_a_store_the_more_trials_it_has(store, scaling):
    def read(until):
        with store.transaction():
            for number in range(store.count(), until):
                known = {"status": Status.COMPLETED, "best_val_loss": 1 + number % 97}
                store.end(Trial(number, {"scaling": scaling}, 5, **known), {})
        steps = []
        store._db._db.set_progress_handler(lambda: steps.append(None), 10)
        store.best(20)
        store.trained_again()
        store._db._db.set_progress_handler(None, 10)
        return len(steps)

    few, many = read(100), read(400)
    assert many <= few + 2


_WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from narrows.search_spaces.trial import Epoch, Status, Trial
from narrows.tuning.runs.store import Store
store = Store(Path(sys.argv[1]))
for number in range(100000):
    trial = Trial(number, {"n": number}, epochs=3)
    store.begin(trial, {"asked": number})
    for epoch in (1, 2, 3):
        store.epoch(Epoch(number, epoch, 1.0, 1.0, 0.1, 0.0))
    store.end(replace(trial, status=Status.COMPLETED, best_val_loss=1.0), {"told": number})
    print(number, flush=True)
"""


_TWO_THREADS = """
import sys, threading
from pathlib import Path
from narrows.search_spaces.trial import Epoch, Trial
from narrows.tuning.runs.store import Store
store = Store(Path(sys.argv[1]))
store.begin(Trial(0, {}, epochs=3), {})
def write():
    for epoch in range(1, 1001):
        store.epoch(Epoch(0, epoch, 1.0, 1.0, 0.1, 0.0))
writer = threading.Thread(target=write)
writer.start()
while writer.is_alive():
    assert store.trial(0).number == 0 and store.meta("algorithm") == {}
print(len(store.epochs(0)))
"""


def test_a_thread_that_reads_never_waits_for_one_that_writes_for_good(tmp_path):
    # Where SQLite called Python for the sum of a row, both waited for each other within the first few rows.
    command = [sys.executable, "-c", _TWO_THREADS, str(tmp_path / "run.sqlite")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("1000\n", "")


def test_kill_nine_at_any_instant_loses_nothing_that_was_told(tmp_path):
    for attempt in range(4):
        path = tmp_path / f"{attempt}.sqlite"
        process = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "0\n"
        time.sleep(0.03 + 0.05 * attempt)
        os.kill(process.pid, signal.SIGKILL)
        told = int(process.stdout.read().split()[-1])
        process.wait()
        process.stdout.close()
        store = Store(path)
        rows = store.trials()
        done = [row for row in rows if row.status == "completed"]
        assert [row.number for row in done] == list(range(len(done)))
        assert len(done) >= told + 1 and len(rows) - len(done) <= 1
        assert all(len(store.epochs(row.number)) == 3 for row in done)
        last = {"told": len(done) - 1} if len(rows) == len(done) else {"asked": len(done)}
        assert store.meta("algorithm") == last, "the algorithm's state is of the same instant"
        store.close()


def test_arrays_read_back_in_order_and_a_broken_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "trials" / "0001" / "weights.npz"
    arrays = [np.arange(count + 1, dtype=np.float32) for count in range(12)]
    save_arrays(path, arrays)

    def break_off(file):
        file.write(b"half")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        write_whole(path, break_off)
    for written, read in zip(arrays, load_arrays(path), strict=True):
        np.testing.assert_array_equal(written, read)
    assert [file.name for file in path.parent.iterdir()] == ["weights.npz"]


def test_a_second_writer_is_refused_by_name_and_pid_and_death_frees_the_lock(tmp_path):
    lock, name = tmp_path / "run.lock", tmp_path / "run.holder"
    holder = (
        "import sys, time; from pathlib import Path; from narrows.tuning.runs.lock import sole_writer\n"
        "with sole_writer(*map(Path, sys.argv[1:])):\n    print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", holder, str(lock), str(name)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    with (
        pytest.raises(UserError, match=f"is being written by pid {process.pid} on "),
        sole_writer(lock, name),
    ):
        pass
    process.kill()
    process.wait()
    process.stdout.close()
    with sole_writer(lock, name):
        assert name.read_text().startswith(f"pid {os.getpid()} on ")
    lock.touch()
    name.unlink()
    with sole_writer(lock, name):
        assert name.exists()


def test_reading_and_locking_a_run_ask_for_nothing_that_only_unix_has(tmp_path):
    code = (
        "import sys; sys.modules['fcntl'] = None; from pathlib import Path\n"
        "from narrows.tuning import Job, Run\nfrom narrows.tuning.runs.lock import sole_writer\n"
        "import narrows.tuning.runs.start, narrows.tuning.cli; print('imported')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("imported\n", 0), done.stderr


def test_a_store_that_is_dropped_closes_its_database(tmp_path):
    kept = Store(tmp_path / "run.sqlite")._db
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        kept.execute("SELECT 1")


def test_losses_are_told_by_trial_and_those_of_a_trial_with_an_altered_epoch_are_left_out(tmp_path):
    made = Store(tmp_path / "run.sqlite")
    for number in range(3):
        for epoch in (2, 1):
            made.epoch(Epoch(number, epoch, 0.5 / epoch, math.nan if number else 0.25, 0.01, 1.5))
    assert made.losses()[0] == made.losses(0)[0] == [(1, 0.5, 0.25), (2, 0.25, 0.25)]
    assert made.losses(2) == {2: [(1, 0.5, None), (2, 0.25, None)]} and made.losses(7) == {}
    made.close()
    with sqlite3.connect(tmp_path / "run.sqlite") as db:
        db.execute("UPDATE epochs SET loss = 9 WHERE number = 1 AND epoch = 2")
    db.close()
    made = Store(tmp_path / "run.sqlite", read_only=True)
    assert set(made.losses()) == {0, 2} and made.losses(1) == {} and set(made.losses(2)) == {2}
    made.close()
