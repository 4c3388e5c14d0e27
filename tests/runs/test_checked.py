"""`narrows check` on every file of a run, damaged in every way: it is told in one sentence, mended where it
can be made again, and a second check is content or says the same; every command works or is one message.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from narrows.search_spaces.trial import Status, Trial
from narrows.tuning import Run
from narrows.tuning.checking import check, whole
from narrows.tuning.runs.digests import KeptFiles
from narrows.tuning.runs.lock import sole_writer
from narrows.tuning.runs.paths import RunPaths
from narrows.tuning.runs.start import held
from narrows.tuning.runs.store import Store

from .conftest import is_one_message

KEPT = [
    "trials/0000/weights.npz", "trials/0001/weights.npz", "trials/0000/weights.1.npz",
    "trials/0000/weights.1.fold-1.npz", "trials/0001/state.1.npz", f"studies/{'0' * 24}.npz",
]  # fmt: skip
BASIS = ["run.sqlite", "job.json", "series.npz"]


def flip(path):
    content = bytearray(path.read_bytes())
    # Of the store what says which kind of page the first one is: elsewhere it may be a place that is free.
    content[100 if path.name == "run.sqlite" else len(content) // 2] ^= 8
    path.write_bytes(content)


def cut(path):
    path.write_bytes(path.read_bytes()[:-7])


def empty(path):
    path.write_bytes(b"")


def remove(path):
    path.unlink()


def make_folder(path):
    path.unlink()
    path.mkdir()


def link(path):
    path.rename(path.parent / "elsewhere")
    path.symlink_to("elsewhere")


def swap(path):
    run = next(above for above in path.parents if (above / "job.json").exists())
    other = next(run / name for name in KEPT[1::-1] if run / name != path)
    content = path.read_bytes()
    path.write_bytes(other.read_bytes())
    other.write_bytes(content)


def replace(path):
    path.write_bytes((path.parent / KEPT[1]).read_bytes())


DAMAGES = [flip, cut, empty, remove, make_folder, link, swap]


def content(folder):
    """Every file and folder below one, but for what every start writes."""
    own = ("run.holder", "run.lock", "run.sqlite-wal", "run.sqlite-shm")
    return {
        path.relative_to(folder): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if path.name not in own
    }


def checked(folder, command, *more):
    """Call the command twice; return the first answer, having compared the second one with it."""
    first = command("check", folder, *more)
    again = command("check", folder, *more)
    assert first[2] == again[2] == "" and first[0] in (0, 1)
    assert again[0] == first[0] and "repaired:" not in again[1].replace("is repaired", "")
    if first[0]:
        assert again[1] == first[1], "what remains is said again"
    else:
        assert again[1].endswith("all is well\n")
    return first


def test_an_undamaged_run_is_well_and_left_as_it_is(folder, command):
    before = content(folder)
    assert command("check", folder) == (0, f"{folder}: all is well\n", "")
    assert content(folder) == before


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", KEPT)
def test_a_damaged_file_is_set_aside_and_the_run_goes_on_without_it(folder, commands, command, name, damage):
    path = folder / name
    damage(path)
    damaged = path.read_bytes() if path.is_file() else None
    code, out, _ = checked(folder, command)
    assert name in out and "Traceback" not in out
    if damage is link:
        assert code == 1 and "is a link to" in out and path.is_symlink()
        return
    assert code == 0 and out.startswith("repaired: ") and not path.exists()
    aside = folder / "damaged" / name
    if damaged is not None:
        assert aside.read_bytes() == damaged, "nothing is deleted"
    assert aside.exists() == (damage is not remove)
    if name == "trials/0000/weights.npz" and damage is not swap:
        assert "the best trial, t0000 8, has no weights any more" in out and "--trial 1" in out
    for asked in commands if damage is flip else ("trials", "export"):
        told = commands[asked](folder)
        assert told[0] == 0 or is_one_message(told), told
    assert commands["tune"](folder)[0] == 0, "and the search goes on"


@pytest.mark.parametrize("damage", [*DAMAGES[:-1], replace])
@pytest.mark.parametrize("name", BASIS)
def test_what_the_run_rests_on_is_told_with_what_to_do_and_left_alone(
    folder, commands, command, name, damage
):
    damage(folder / name)
    before = content(folder)
    code, out, _ = checked(folder, command)
    assert code == 1 and name in out and "not repaired; see above what to do" in out
    assert content(folder) == before
    for asked in ("trials", "export", "forecast", "tune"):
        told = commands[asked](folder)
        assert told[0] == 0 or is_one_message(told), told


def test_wherever_the_store_is_damaged_it_is_told_or_mended_and_nobody_is_surprised(made, folder, command):
    whole = (made / "run.sqlite").read_bytes()
    for place in range(40, len(whole), len(whole) // 40):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        shutil.rmtree(folder)
        shutil.copytree(made, folder)
        (folder / "run.sqlite").write_bytes(damaged)
        code, out, err = command("check", folder)
        assert (code, err) in ((0, ""), (1, "")), out
        again = command("check", folder)
        assert again[0] == code and "repaired: " not in again[1], again
        assert code or command("trials", folder)[0] == 0


@pytest.fixture
def with_log(folder, tmp_path):
    """A copy of the run as a kill leaves it: what was written last lies in the log alone."""
    with held(folder) as run:
        run.store.begin(Trial(2, {"units_1": 4}, 3, units=(4,)), {})
        run.store.set_meta("device", "CPU")
        copy = shutil.copytree(folder, tmp_path / "killed" / "run", ignore=shutil.ignore_patterns("*-shm"))
    assert (copy / "run.sqlite-wal").stat().st_size > 100
    return copy


@pytest.mark.parametrize("damage", [None, flip, cut, empty, remove, make_folder, link])
def test_a_damaged_log_is_told_and_what_is_whole_of_it_kept(with_log, command, damage):
    log = with_log / "run.sqlite-wal"
    if damage is not None:
        damage(log)
    code, out, _ = checked(with_log, command)
    told = {flip: "not whole", cut: "not whole", make_folder: "", link: "is a link to"}.get(
        damage, "all is well"
    )
    assert told in out and code == (damage in (make_folder, link))
    if damage in (None, cut):
        assert len(Run(with_log).trials) == 3


@pytest.mark.parametrize(
    ("change", "told", "code"),
    [
        ("UPDATE narrowings SET narrowing = '{}'", "what was measured of trial 1 is damaged", 0),
        ("DELETE FROM narrowings", "what was measured of trial 1 is damaged", 0),
        ("UPDATE trainings SET training = '{}'", f"training {'0' * 24}", 0),
        ("INSERT INTO studies VALUES ('layer 1', 1, '{}')", "the study layer 1 is damaged", 0),
        ("UPDATE meta SET value = '{}' WHERE key = 'answer'", "the answer is damaged", 0),
        ("UPDATE files SET digest = 'x' WHERE name LIKE '%0001/weights%'", "the digest of trials/0001", 0),
        ("UPDATE files SET digest = 'x' WHERE name = 'job.json'", "the digest of job.json is damaged", 1),
        ("UPDATE trials SET best_val_loss = 9 WHERE number = 1", "trial 1 is damaged", 1),
        ("DELETE FROM trials WHERE number = 1", "trial 1 is damaged", 1),
        ("UPDATE epochs SET val_loss = 9 WHERE number = 1", "an epoch of trial 1 is damaged", 1),
        ("INSERT INTO meta VALUES ('lag', '3')", "the lag is damaged", 1),
        ("CREATE TABLE more (one)", "(tables)", 1),
    ],
)
def test_damaged_rows_that_can_be_made_again_are_let_go_and_others_told(folder, command, change, told, code):
    with held(folder) as run:
        run.store.set_narrowing(1, '{"unmeasured": "made up"}')
    with closing(sqlite3.connect(folder / "run.sqlite")) as db, db:
        db.execute(change)
    found = checked(folder, command)
    assert found[0] == code and told in found[1], found
    if not code:
        assert len(Run(folder).trials) == 2


def test_trials_that_are_missing_are_told(folder, command):
    with held(folder) as run:
        run.store.begin(Trial(4, {}, 3), {})
    code, out, _ = checked(folder, command)
    assert code == 1 and "trials are missing: 2, 3" in out


def test_a_dry_run_tells_the_same_and_changes_nothing(folder, command):
    flip(folder / KEPT[0])
    (folder / "trials" / "0077").mkdir()
    (folder / ".job.json.12").write_text("half")
    before = content(folder)
    code, out, _ = checked(folder, command, "--dry-run")
    assert code == 1 and out.count("repairable: ") == 3 and "it would be moved to damaged/" in out
    assert "3 faults are not repaired yet: nothing was changed" in out
    assert content(folder) == before
    assert command("check", folder)[0] == 0
    assert not (folder / "trials" / "0077").exists() and not (folder / ".job.json.12").exists()


def test_a_run_that_is_being_written_is_looked_at_and_left_alone(folder, command):
    flip(folder / KEPT[0])
    before = content(folder)
    paths = RunPaths(folder)
    with sole_writer(paths.lock, paths.holder):
        code, out, _ = command("check", folder)
    assert (
        code == 0
        and f"the run is being written by pid {os.getpid()} on " in out
        and "nothing was changed" in out
    )
    assert content(folder) == before


def test_in_a_folder_that_cannot_be_written_all_is_told_and_why_nothing_is_mended(
    folder, command, monkeypatch
):
    def refused(*_):
        raise OSError(30, "Read-only file system")

    flip(folder / KEPT[0])
    before = content(folder)
    monkeypatch.setattr(whole, "sole_writer", refused)
    code, out, _ = checked(folder, command)
    assert code == 1 and "(Read-only file system), so nothing is repaired" in out
    assert f"repairable: {KEPT[0]}" in out
    assert content(folder) == before


def test_files_of_somebody_else_are_named_and_left_alone(folder, command):
    names = [
        "notes.txt",
        "trials/mine/weights.npz",
        "trials/0007/weights.npz",
        "studies/x.npz",
        "model/saved_model.pb",
    ]
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("mine")
    (folder / "report.html").write_text("a report")
    code, out, _ = command("check", folder)
    assert code == 0 and "5 files that the run knows nothing of are left alone: model, notes.txt" in out
    assert all((folder / name).read_text() == "mine" for name in names)
    assert command("trials", folder)[0] == 0


def test_what_a_trial_in_training_left_is_no_damage(folder, command):
    with held(folder) as run:
        run.store.begin(Trial(1, {}, 3), {})
    flip(folder / "trials/0001/weights.npz")
    assert command("check", folder)[1].endswith("all is well\n")


def test_a_name_that_leads_out_of_the_run_moves_nothing(folder, command, tmp_path):
    (tmp_path / "precious.npz").write_text("mine")
    with held(folder) as run:
        run.store.set_digest("../../precious.npz", "0")
    assert command("check", folder)[0] == 0
    assert (tmp_path / "precious.npz").read_text() == "mine"


def test_an_earlier_damaged_file_of_the_same_name_stays(folder, command):
    for number in range(2):
        with held(folder) as run:
            KeptFiles(folder, run.store).save(run.paths.weights(1), [])
        (folder / KEPT[1]).write_text(str(number))
        assert command("check", folder)[0] == 0
    aside = folder / "damaged" / "trials" / "0001"
    assert {path.name: path.read_text() for path in aside.iterdir()} == {
        "weights.npz": "0", "weights.npz.2": "1",
    }  # fmt: skip


def test_what_is_no_run_is_a_mistake_in_the_command(tmp_path, command):
    for folder in (tmp_path / "nowhere", tmp_path):
        assert is_one_message(command("check", folder))


def test_json_has_each_finding(folder, command):
    flip(folder / KEPT[0])
    code, out, _ = command("check", folder, "--json")
    told = json.loads(out)
    assert code == 0 and told["is_well"] and told["run"] == str(folder)
    assert [one["state"] for one in told["findings"]] == ["repaired", "note"]
    assert told["findings"][0]["where"] == KEPT[0]


def test_python_is_told_the_same(folder):
    flip(folder / KEPT[2])
    found = Run(folder).check(repair=False)
    assert not found.is_well and [one.where for one in found.findings] == [KEPT[2]]
    assert check(folder).is_well and check(folder).findings == ()


def test_checking_a_run_without_event_files_imports_no_tensorflow(folder):
    code = (
        "import sys\nfrom narrows.tuning.checking import check\nprint(check(sys.argv[1]).is_well)\n"
        "print(sorted({'tensorflow', 'keras', 'keras_tuner'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=False)
    assert done.stdout == "True\n[]\n", done.stderr


def test_a_trial_without_weights_says_what_to_do(folder, command, commands):
    flip(folder / KEPT[0])
    command("check", folder)
    assert "the same `narrows tune` trains it once more" in commands["export"](folder)[2]
    with closing(Store(folder / "run.sqlite", read_only=True)) as store:
        assert store.trial(0).status == Status.COMPLETED
