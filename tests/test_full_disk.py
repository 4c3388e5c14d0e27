"""A disk that is full while a search or an export writes: one message, and it goes on."""

import errno
import os

import pytest
import tensorflow as tf

from narrows.search_spaces.errors import UserError
from narrows.tuning import Run, tune
from narrows.tuning.models import writing
from narrows.tuning.progress.base import Progress

SPACE = {"num_layers": 1, "units": (4, 8), "bottleneck": 0, "scaling": "last"}


def search(folder, progress):
    return tune(
        "synthetic:trend,rows=120", lookback=4, space=SPACE, trials=5, epochs=2, algorithm="random",
        out=folder, progress=progress,
    )  # fmt: skip


def full_store(run, patched):
    run.store._db.execute(f"PRAGMA max_page_count = {run.store._db.execute('PRAGMA page_count')[0][0]}")


def full_files(run, patched):
    def refused(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    patched.setattr(os, "fsync", refused)


def full_events(run, patched):
    def refused(_):
        raise tf.errors.ResourceExhaustedError(None, None, "t0002 8/events.out.tfevents.1; No space left")

    patched.setattr(tf.io.TFRecordWriter, "flush", refused)


class Fills(Progress):
    """Has the disk full when the third trial has ended."""

    def __init__(self, fill, patched):
        self.fill, self.patched = fill, patched

    def start(self, run, trials):
        self.run = run

    def ended(self, trial, outcome):
        if trial.number == 2:
            self.fill(self.run, self.patched)


@pytest.mark.parametrize("fill", [full_store, full_files, full_events])
def test_a_search_on_a_disk_that_gets_full_says_so_and_goes_on_when_there_is_room(
    tmp_path, monkeypatch, fill
):
    monkeypatch.setattr("narrows.tuning.search.KEEP_SECS", 0.0)  # states are being written, too
    folder = tmp_path / "run"
    why = f"{folder} cannot be written: No space left on device; what was finished is kept, and "
    with monkeypatch.context() as patched, pytest.raises(UserError, match=why):
        search(folder, Fills(fill, patched))
    finished = [trial for trial in Run(folder).trials if trial.status.ended]
    assert len(finished) >= 2
    run = search(folder, False)
    assert len(run.trials) == 5 and [run.trials[one.number] for one in finished] == finished
    assert run.answer["trial"] == run.best.number


def test_an_export_on_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    run = search(tmp_path / "run", False)

    def refused(*_, **__):
        raise tf.errors.ResourceExhaustedError(None, None, "variables; No space left on device")

    monkeypatch.setattr(writing, "write_savedmodel", refused)
    with pytest.raises(UserError, match="model cannot be written: No space left on device"):
        run.export(tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
