"""A run on read-only media is read; one that vanishes, or has lost its store, is told by name."""

import csv
import io
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import Status, Trial
from narrows.tuning import Run, board
from narrows.tuning.runs.start import held, started

from .conftest import job

_READ = """
import sys
from narrows.tuning.cli import main
folder, probe, *arguments = sys.argv[1:]
try:
    open(f"{folder}/probe", "w")
except OSError:
    print("read-only", flush=True)
sys.argv = ["narrows", *arguments]
main()
"""


def read_only(folder, *arguments):
    """Run a command in a process for which the folder lies on read-only media."""
    script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    command = [sys.executable, "-c", _READ, str(folder), "", *map(str, arguments)]
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(folder), *command],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "read-only\n" not in done.stdout:
        pytest.skip(f"this machine lets nobody mount a folder read-only: {done.stderr[-200:]}")
    return done


@pytest.mark.skipif(shutil.which("unshare") is None, reason="there is no unshare here")
def test_a_finished_run_on_read_only_media_is_read_by_every_command_that_reads(folder, tmp_path):
    before = sorted(os.listdir(folder))
    for arguments in (["trials", folder], ["trials", folder, "--json"], ["runs", folder.parent],
                      ["report", folder, "--out", tmp_path / "report.html"]):  # fmt: skip
        done = read_only(folder, *arguments)
        assert (done.returncode, done.stderr) == (0, ""), arguments
        assert "damaged" not in done.stdout
    done = read_only(folder, "report", folder)
    assert done.returncode == 2
    assert done.stderr == f"narrows: {folder}/report.html cannot be written: Read-only file system\n"
    for arguments in (["study", folder], ["tune", job().source, "--trials", 2, "--out", folder]):
        done = read_only(folder, *arguments)
        assert done.returncode == 2
        assert done.stderr.startswith(f"narrows: {folder} cannot be written: Read-only file system")
    assert sorted(os.listdir(folder)) == before


@pytest.mark.skipif(shutil.which("unshare") is None, reason="there is no unshare here")
def test_a_run_whose_newest_rows_lie_in_the_log_is_not_read_without_them(folder, tmp_path):
    with held(folder) as run:
        run.store.begin(Trial(2, {}, 3), {})
        shutil.copytree(folder, tmp_path / "killed")
    assert os.path.getsize(tmp_path / "killed" / "run.sqlite-wal")
    os.unlink(tmp_path / "killed" / "run.sqlite-shm")
    done = read_only(tmp_path / "killed", "trials", tmp_path / "killed")
    assert done.returncode == 2
    assert "run.sqlite-wal holds what the run wrote last" in done.stderr


def test_where_no_file_of_locks_can_be_made_a_store_is_read_as_what_never_changes(folder, monkeypatch):
    connect, asked = sqlite3.connect, []

    def refused(source, **options):
        asked.append(source)
        if "immutable" not in source:
            source = "file:/nowhere/run.sqlite?mode=ro"
        return connect(source, **options)

    monkeypatch.setattr(sqlite3, "connect", refused)
    assert Run(folder).best.number == 0
    assert [source.partition("?")[2] for source in asked] == ["mode=ro", "mode=ro&immutable=1"]
    (folder / "run.sqlite-wal").write_bytes(b"something")
    with pytest.raises(UserError, match=r"run\.sqlite-wal holds what the run wrote last"):
        Run(folder)


def begin_again(folder):
    asked = job()
    prepared = asked.prepare()
    return started(folder, asked.describe(prepared), prepared.series)


@pytest.mark.parametrize("lost", ["gone", "empty"])
def test_a_run_that_has_lost_its_store_is_not_trained_again(folder, lost):
    (folder / "run.sqlite").unlink()
    if lost == "empty":
        (folder / "run.sqlite").touch()
    before = sorted(os.listdir(folder))
    why = r"run\.sqlite is (not there|empty), and job\.json beside it tells of a run"
    for enter in (Run, lambda where: begin_again(where).__enter__(), lambda where: held(where).__enter__()):
        with pytest.raises(UserError, match=why):
            enter(folder)
    assert sorted(os.listdir(folder)) == before


def test_a_store_of_another_version_is_left_as_it_is(folder):
    with closing(sqlite3.connect(folder / "run.sqlite")) as db, db:
        db.executescript("DROP TABLE files; DROP TABLE sums; UPDATE meta SET value = 6 WHERE key = 'version'")
    before = (folder / "run.sqlite").read_bytes()
    with pytest.raises(UserError, match="another version of narrows"), begin_again(folder):
        pass
    assert (folder / "run.sqlite").read_bytes() == before


def test_a_store_without_a_version_is_not_taken_for_a_new_one(folder):
    with closing(sqlite3.connect(folder / "run.sqlite")) as db, db:
        db.execute("DELETE FROM meta WHERE key = 'version'")
    with pytest.raises(UserError, match="another version of narrows"), begin_again(folder):
        pass


WRITES = {
    "begin": lambda run: run.store.begin(Trial(2, {}, 3), {}),
    "end": lambda run: run.store.end(Trial(1, {}, 3, status=Status.FAILED), {}),
    "answer": lambda run: run.store.set_meta("answer", None),
    "training": lambda run: run.store.set_training("key", "{}"),
    "study": lambda run: run.store.set_study("layer 2", "{}"),
    "again": lambda run: run.store.set_again(0, [0.5]),
    "repeated": lambda run: run.store.set_repeated(0, [0.5]),
    "measures": lambda run: run.store.set_narrowing(0, "{}"),
    "weights": lambda run: run.files.save(run.paths.weights(1), []),
}


@pytest.mark.parametrize("what", WRITES)
@pytest.mark.parametrize("vanished", ["removed", "replaced"])
def test_what_is_written_to_a_run_that_vanished_is_told_and_nothing_is_made_anew(folder, what, vanished):
    why = f"{folder} was removed or replaced while it was being written"
    with pytest.raises(UserError, match=why), held(folder) as run:
        folder.rename(folder.with_name("elsewhere"))
        if vanished == "replaced":
            shutil.copytree(folder.with_name("elsewhere"), folder)
        before = [path for path in folder.rglob("*") if path.is_file()]
        with pytest.raises(UserError, match=why):
            WRITES[what](run)
        assert [path for path in folder.rglob("*") if path.is_file()] == before


def test_a_run_that_vanished_when_all_was_written_is_told_too(folder):
    with pytest.raises(UserError, match="was removed or replaced"), begin_again(folder):
        shutil.rmtree(folder)


def test_a_folder_of_runs_is_browsed_as_a_run_is(folder, command, monkeypatch):
    shutil.copytree(folder, folder.with_name("other"))
    begun = []

    class Started:
        port, link = 6006, "http://localhost:6006/"

        def wait(self):
            """As if Ctrl-C came at once."""

    def start(logs, **options):
        begun.append((logs, options["title"]))
        return Started()

    monkeypatch.setattr(board, "start", start)
    for given in (folder.parent, folder):
        code, out, _ = command("board", given)
        assert code == 0 and f"the trials of {given} " in out
    assert begun == [(folder.parent, folder.parent.name), (folder / "tensorboard", folder.name)]
    (empty := folder.parent / "empty").mkdir()
    assert command("board", empty)[0] == 2


def test_a_csv_has_every_hyperparameter_and_no_formula(folder, command):
    with held(folder) as run:
        values = {"num_layers": 2, "units_1": 8, "units_2": 4, "bottleneck": 0, "mode": "=cmd|' /c calc'!A1"}
        run.store.begin(trial := Trial(2, values, 3, units=(8, 4), started=1.0), {})
        run.store.end(replace(trial, status=Status.FAILED, reason="@SUM(1)"), {})
    code, out, _ = command("trials", folder, "--csv")
    rows = {row["trial"]: row for row in csv.DictReader(io.StringIO(out))}
    assert code == 0
    assert [rows["2"][name] for name in ("num_layers", "units_1", "units_2", "bottleneck")] == [*"2840"]
    assert rows["2"]["mode"] == "'=cmd|' /c calc'!A1" and rows["2"]["reason"] == "'@SUM(1)"
    assert float(rows["0"]["val_loss"]) == 0.5
