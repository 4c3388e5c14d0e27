"""A folder of a trial is there while something is in it, and no longer."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from narrows.search_spaces.trial import Outcome, Status, Trial
from narrows.search_spaces.whole_file import write_whole
from narrows.tuning.runs.paths import RunPaths
from narrows.tuning.runs.start import held
from narrows.tuning.watchers.drop_weights import DropWeights
from narrows.tuning.watchers.weights import KeepWeights

from .test_digests import begin_again


def test_a_long_search_leaves_no_folder_of_a_trial_whose_weights_were_let_go(folder):
    with held(folder) as run:
        keep, drop = KeepWeights(run, 2), DropWeights(run, 2)
        for number in range(2, 30):
            loss = 1 / number
            known = {"status": Status.COMPLETED, "best_val_loss": loss, "best_epoch": 1}
            trial = Trial(number, {"scaling": "last"}, 3, units=(8,), **known)
            outcome = Outcome(number, Status.COMPLETED, "", [np.zeros(3)], 1, loss)
            run.store.end(trial, {})
            for watcher in (keep, drop):
                watcher.ended(trial, outcome)
        drop.finished()
        run.states.keep(set())
    # Trial 0 was trained again with other seeds, and stays.
    assert sorted(path.name for path in (folder / "trials").iterdir()) == ["0000", "0028", "0029"]


def test_a_folder_that_a_kill_left_empty_goes_with_the_next_start(folder):
    (folder / "trials" / "0007").mkdir()
    (folder / "trials" / "mine").mkdir()
    begin_again(folder)
    assert sorted(path.name for path in (folder / "trials").iterdir()) == ["0000", "0001", "mine"]


def test_a_half_written_file_of_an_older_fold_is_known_as_ours(folder):
    left = folder / "trials" / "0000" / ".weights.1.fold-2.npz.99"
    left.write_bytes(b"half")
    begin_again(folder)
    assert not left.exists()


def test_a_folder_may_be_removed_while_another_thread_writes_into_it(folder):
    with held(folder) as run:
        first, second = run.paths.state(5, 1), run.paths.weights(5)
        stop, faults = threading.Event(), []

        def write():
            try:
                for number in range(300):
                    write_whole(second, b"%d" % number)
                    assert second.read_bytes() == b"%d" % number
                    second.unlink()
            except BaseException as fault:
                faults.append(fault)
            stop.set()

        writer = threading.Thread(target=write)
        writer.start()
        while not stop.is_set():
            run.files.remove(first)
        writer.join()
    assert not faults


def test_a_folder_in_whose_place_is_a_file_is_still_an_error(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises((FileExistsError, NotADirectoryError)):
        write_whole(tmp_path / "file" / "new", b"content")


def test_folders_that_are_not_of_trials_are_no_trials(folder):
    (folder / "trials" / "mine").mkdir()
    (folder / "trials" / "mine" / "weights.npz").write_text("mine")
    assert RunPaths(folder).with_weights() == {0, 1}
