"""What the system refuses is one message and exit code 2.

After a full disk there is nothing half-written, and the same command goes on.
"""

import errno
import os
import resource
import sqlite3
import subprocess
import sys

import pytest

from narrows.tuning.cli.system_errors import told_of_system
from narrows.tuning.run import Run

NARROWS = [sys.executable, "-c", "from narrows.tuning.cli import main; main()"]
SMALL = ["synthetic:sines", "--layers", "1", "--units", "4..9", "--trials", "4", "--epochs", "2"]


def narrows(*arguments, most=None):
    """Run a command whose files may not grow beyond `most` bytes."""

    def bound():
        if most:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return subprocess.run(
        [*NARROWS, *arguments], capture_output=True, text=True, timeout=300, preexec_fn=bound, check=False
    )


def told_in_one_message(done):
    assert done.returncode == 2, done.stderr
    (message,) = [line for line in done.stderr.splitlines() if line.startswith("narrows: ")]
    assert "Traceback" not in done.stderr
    return message


def test_a_search_and_an_export_go_on_after_a_disk_was_full(tmp_path):
    run, model = tmp_path / "run", tmp_path / "model"
    command = ["tune", *SMALL, "--out", str(run)]
    # The store is the largest file: with the smaller bound it cannot be made, with the larger one not grow.
    assert "disk I/O error" in told_in_one_message(narrows(*command, most=20_000))
    message = told_in_one_message(narrows(*command, most=160_000))
    assert message.startswith("narrows: the disk is full (")
    assert message.endswith("): make room and give the command again; what finished is kept")
    assert narrows(*command).returncode == 0
    opened = Run(run)
    assert [trial.status for trial in opened.trials] == ["completed"] * 4 and opened.answer
    opened.close()
    assert "File too large" in told_in_one_message(narrows("export", str(run), str(model), most=40_000))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]
    assert narrows("export", str(run), str(model)).returncode == 0


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a.npz"),
        OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)),
        sqlite3.OperationalError("database or disk is full"),
        RuntimeError("it failed in a process of its own:\n[Errno 28] No space left on device"),
    ],
)
def test_whoever_meets_a_full_disk_it_is_told(error):
    assert told_of_system(error).startswith("the disk is full (")
    try:
        try:
            raise error
        finally:
            raise ValueError("while it was closed")
    except ValueError as last:
        assert told_of_system(last) == told_of_system(error)


def test_what_may_not_be_read_or_is_called_too_long_is_told():
    refused = PermissionError(errno.EACCES, "Permission denied", "runs/sales")
    assert told_of_system(refused) == "runs/sales: the system says: Permission denied"
    long = OSError(errno.ENAMETOOLONG, "File name too long", "x" * 4000)
    assert told_of_system(long) == f"{'x' * 300}: the system says: File name too long"


@pytest.mark.parametrize("error", [ValueError("no"), FileNotFoundError(errno.ENOENT, "none"), KeyError()])
def test_other_errors_stay_what_they_are(error):
    assert told_of_system(error) == ""
