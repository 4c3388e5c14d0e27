"""What a run wrote is read as it was written, or refused by the name of its file."""

import os
import re
import shutil
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import Status, Trial
from narrows.tuning import Run
from narrows.tuning.job import Job
from narrows.tuning.runs.arrays import save_arrays
from narrows.tuning.runs.start import held, started
from narrows.tuning.runs.store import Store

from .conftest import fill


def begin_again(folder, **options):
    job = Job("synthetic:trend,rows=200", trials=2, **options)
    prepared = job.prepare()
    with started(folder, job.describe(prepared), prepared.series) as run:
        return run.job


def test_what_was_not_altered_is_read(folder):
    run = Run(folder)
    assert run.series.rows == 200 and run.weights(run.best)[0].shape == (3, 4)
    assert run.states.load(1)[1].state[0].tolist() == [1.0] * 5
    begin_again(folder)
    assert Run(folder).answer["trial"] == 0


def test_weights_of_two_trials_that_were_swapped_are_refused(folder):
    run = Run(folder)
    first, second = run.paths.weights(0), run.paths.weights(1)
    kept = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(kept)
    with pytest.raises(UserError, match=f"{re.escape(str(first))} is not what this run wrote"):
        run.weights(run.best)


def test_weights_that_were_scaled_are_refused(folder):
    run = Run(folder)
    save_arrays(run.paths.seed_weights(0, 1), [np.full(3, 1.01, np.float32)])
    with pytest.raises(UserError, match=r"weights\.1\.npz is not what this run wrote"):
        run.files.load(run.paths.seed_weights(0, 1))


def test_a_file_of_another_run_is_refused(folder):
    run = Run(folder)
    shutil.copytree(run.paths.weights(0).parent, run.paths.trials / "0007")
    with pytest.raises(UserError, match="is not what this run wrote"):
        run.files.load(run.paths.weights(7))


def test_a_file_that_is_gone_is_told_by_name(folder):
    run = Run(folder)
    run.paths.weights(0).unlink()
    with pytest.raises(UserError, match=r"weights\.npz cannot be read: No such file"):
        run.weights(run.best)
    run.paths.series.unlink()
    with pytest.raises(UserError, match=r"series\.npz cannot be read: No such file"):
        assert run.series


@pytest.mark.parametrize(
    "name", ["series.npz", "trials/0001/weights.npz", "trials/0001/state.1.npz", f"studies/{'0' * 24}.npz"]
)
def test_nothing_goes_on_in_a_run_with_an_altered_file(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(UserError, match=f"{name} is not what this run wrote"):
        begin_again(folder)
    with pytest.raises(UserError, match=f"{name} is not what this run wrote"), held(folder):
        pass


def test_the_job_is_part_of_the_run(folder):
    path = folder / "job.json"
    path.write_text(path.read_text().replace('"trials": 2', '"trials": 1'))
    with pytest.raises(UserError, match=r"job\.json is not what this run wrote"):
        Run(folder)
    with pytest.raises(UserError, match=r"job\.json is not what this run wrote"):
        begin_again(folder)


def test_a_start_that_is_killed_before_the_job_is_written_leaves_a_run(folder, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("narrows.tuning.runs.job_file.write_whole", killed)
        begin_again(folder, minutes=3.0)
    assert Run(folder).job["budget"]["minutes"] is None
    assert begin_again(folder, minutes=3.0)["budget"]["minutes"] == 3.0


def test_what_a_killed_process_replaced_of_a_trial_in_training_is_no_alteration(folder):
    with held(folder) as run:
        run.store.begin(Trial(1, {}, 3), {})
        save_arrays(run.paths.weights(1), [np.zeros(2)])
    begin_again(folder)
    with closing(Store(folder / "run.sqlite")) as store:
        store.end(Trial(1, {}, 3, status=Status.COMPLETED, best_val_loss=1.0), {})
    with pytest.raises(UserError, match="is not what this run wrote"):
        begin_again(folder)


def test_what_the_run_removes_is_forgotten(folder):
    with held(folder) as run:
        run.files.remove(run.paths.weights(1))
        assert not run.files.has(run.paths.weights(1))
        with pytest.raises(
            UserError, match="the weights of trial t0001 8 are not there: they were damaged or"
        ):
            run.weights(run.trial(1))


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("trials", "UPDATE trials SET best_val_loss = 0.25 WHERE number = 1"),
        ("trials", "DELETE FROM trials WHERE number = 1"),
        ("meta", "UPDATE meta SET value = '5' WHERE key = 'answer'"),
        ("meta", "INSERT INTO meta VALUES ('lag', '3')"),
        ("files", "UPDATE files SET digest = 'x'"),
        ("trainings", "UPDATE trainings SET training = '[]'"),
    ],
)
def test_a_store_that_another_program_changed_is_refused(folder, table, change):
    with closing(sqlite3.connect(folder / "run.sqlite")) as db, db:
        db.execute(change)
    with pytest.raises(UserError, match=rf"run\.sqlite is damaged, or was changed .* \({table}\)"):
        Run(folder)
    with pytest.raises(UserError, match=rf"run\.sqlite is damaged, or was changed .* \({table}\)"):
        begin_again(folder)


def test_epochs_that_another_program_changed_are_refused_when_they_are_read(folder):
    with closing(sqlite3.connect(folder / "run.sqlite")) as db, db:
        db.execute("UPDATE epochs SET val_loss = 0.25 WHERE number = 1")
    run = Run(folder)
    assert len(run.store.epochs(0)) == 1
    with pytest.raises(UserError, match=r"changed by another program \(epochs of trial 1\)"):
        run.store.epochs(1)


class Killed(BaseException):
    """Stands for the death of the process: nothing of ours catches it."""


def test_a_run_whose_writer_was_killed_at_any_write_is_no_altered_run(tmp_path, monkeypatch):
    put, change = os.replace, Store._change
    ended = False
    for last in range(100):
        folder, count = tmp_path / str(last), iter(range(1000))

        def dies(write, *arguments, last=last, count=count):
            made = write(*arguments)
            if next(count) == last:
                raise Killed
            return made

        begin_again(folder)
        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", lambda *paths, dies=dies: dies(put, *paths))
            patched.setattr(Store, "_change", lambda *cells, dies=dies: dies(change, *cells))
            try:
                with held(folder) as run:
                    fill(run)
                ended = True
            except Killed:
                pass
        begin_again(folder)
        with held(folder) as run:
            fill(run)
        run = Run(folder)
        assert run.weights(run.best)[0].shape == (3, 4) and run.answer["trial"] == 0
        if ended:
            break
    assert ended and last > 15, "it died at each of the writes"
