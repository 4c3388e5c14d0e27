"""`narrows check` on the event files of a run: the store is the truth, and they are written anew from it."""

from __future__ import annotations

import shutil

import pytest

from narrows.callbacks.event_reading import NotWhole, read_events
from narrows.callbacks.record_check import faults
from narrows.callbacks.search_record import SearchRecord
from narrows.search_spaces.trial import Status, Trial
from narrows.tuning import Run
from narrows.tuning.models.rebuilt import space_of_run
from narrows.tuning.runs.start import held

TRIAL, ALL = "t0001 8", "search"


def file_in(folder, name):
    (found,) = (folder / "tensorboard" / name).glob("events*")
    return found


@pytest.fixture(scope="module")
def recorded(made, tmp_path_factory):
    """The run with its event files; not to be changed."""
    folder = shutil.copytree(made, tmp_path_factory.mktemp("recorded") / "run")
    with held(folder) as run:
        run.store.set_meta("record", 400)
        record = SearchRecord(run.paths.tensorboard, space_of_run(run).hyperparameters(), run.recorded())
        for trial in run.recorded().trials:
            record.write_again(trial, run.store.epochs(trial.number))
        record.close()
    return folder


@pytest.fixture
def folder(recorded, tmp_path):
    return shutil.copytree(recorded, tmp_path / "run")


def flip(folder, name):
    file = file_in(folder, name)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 8
    file.write_bytes(content)


def cut(folder, name):
    file = file_in(folder, name)
    file.write_bytes(file.read_bytes()[:-3])


def cut_an_event(folder, name):
    file = file_in(folder, name)
    last = read_events(file)[-1].ByteSize() + 16
    file.write_bytes(file.read_bytes()[:-last])


def empty(folder, name):
    file_in(folder, name).write_bytes(b"")


def remove(folder, name):
    file_in(folder, name).unlink()


def remove_folder(folder, name):
    shutil.rmtree(folder / "tensorboard" / name)


def make_folder(folder, name):
    file = file_in(folder, name)
    file.unlink()
    file.mkdir()


def swap(folder, name):
    one, other = file_in(folder, name), file_in(folder, "t0000 8")
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def double(folder, name):
    file = file_in(folder, name)
    shutil.copy(file, file.with_name(f"{file.name}1"))


DAMAGES = [flip, cut, cut_an_event, empty, remove, remove_folder, make_folder, swap, double]


def wrong(folder):
    run = Run(folder)
    return faults(folder / "tensorboard", run.recorded(), run.store.epochs, 400)


def test_whole_event_files_are_well(folder, command):
    assert command("check", folder)[:2] == (0, f"{folder}: all is well\n")


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", [TRIAL, ALL])
def test_damaged_event_files_are_written_anew_from_the_store(folder, command, name, damage):
    damage(folder, name)
    code, out, _ = command("check", folder, "--dry-run")
    assert code == 1 and name in out and "it would be written anew from the store" in out
    code, out, err = command("check", folder)
    assert (code, err) == (0, "") and out.startswith("repaired: tensorboard: ") and name in out
    assert wrong(folder) == [] and command("check", folder)[1].endswith("all is well\n")
    assert sorted(path.name for path in (folder / "tensorboard").iterdir()) == [ALL, "t0000 8", TRIAL]


def test_any_altered_byte_of_an_event_file_is_seen(folder):
    file = file_in(folder, TRIAL)
    whole = file.read_bytes()
    for place in range(0, len(whole), 37):
        altered = bytearray(whole)
        altered[place] ^= 1 << place % 8
        file.write_bytes(altered)
        with pytest.raises(NotWhole):
            read_events(file)


def test_what_the_store_says_otherwise_is_written_anew(folder, command):
    ended = {"status": Status.FAILED, "reason": "made up", "best_val_loss": 1.5, "best_epoch": 1}
    with held(folder) as run:
        run.store.end(Trial(1, dict(run.trial(1).values), 3, units=(8,), parameters=99, **ended), {})
    out = command("check", folder)[1]
    assert f"{ALL} does not say what the store says; {TRIAL} does not say what the store says" in out
    assert wrong(folder) == []


@pytest.mark.parametrize("name", [TRIAL, ALL])
def test_a_file_of_somebody_else_keeps_event_files_from_being_written_anew(folder, command, name):
    remove(folder, name)
    mine = folder / "tensorboard" / name / "notes.txt"
    mine.write_text("mine")
    for _ in range(2):
        code, out, _ = command("check", folder)
        assert code == 1 and f"cannot be written anew while {mine} is there" in out
    assert mine.read_text() == "mine"
    mine.unlink()
    assert command("check", folder)[0] == 0 and wrong(folder) == []


def test_a_file_in_place_of_a_trial_s_folder_is_left_alone(folder, command):
    remove_folder(folder, TRIAL)
    (folder / "tensorboard" / TRIAL).write_text("mine")
    assert command("check", folder)[0] == 1
    assert (folder / "tensorboard" / TRIAL).read_text() == "mine"


def test_trials_beyond_those_that_keep_a_run_of_their_own_are_not_missed(folder):
    run = Run(folder)
    search = run.recorded()
    shutil.rmtree(folder / "tensorboard" / TRIAL)
    told = faults(folder / "tensorboard", search, run.store.epochs, 1)
    assert told == []
    told = faults(folder / "tensorboard", search, run.store.epochs, 400)
    assert [(one.number, one.what) for one in told] == [(1, "is not there")]


def test_without_the_data_damaged_event_files_are_told_and_stay(folder, command):
    flip(folder, TRIAL)
    (folder / "series.npz").unlink()
    before = file_in(folder, TRIAL).read_bytes()
    code, out, _ = command("check", folder)
    assert code == 1 and f"{TRIAL} has an event file that is damaged" in out
    assert "could not be written anew from the store: " in out and "series.npz cannot be read" in out
    assert file_in(folder, TRIAL).read_bytes() == before
