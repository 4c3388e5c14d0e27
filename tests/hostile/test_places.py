"""Where a run may lie: its folder was moved, has an odd name, or is being written by two."""

from __future__ import annotations

import errno
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.run import Run
from narrows.tuning.runs.lock import sole_writer

NAMES = (
    "with space",
    "quote's",
    'double"quote',
    "umlaut ä 日本",
    "semi;colon",
    "dollar $HOME",
    "new\nline",
    "a&b",
    "*",
)
HOLDS = """
import sys, time
from pathlib import Path
from narrows.tuning.runs.lock import sole_writer
with sole_writer(Path(sys.argv[1]), Path(sys.argv[2])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("name", NAMES)
def test_a_command_that_is_shown_names_a_moved_run_as_a_shell_takes_it(name, folder, commands) -> None:
    moved = folder.rename(folder.with_name(name))
    told = Run(moved).answer["sentences"][0]
    assert shlex.split(told) == ["next:", "narrows", "export", str(moved), "model"]
    code, out, _ = commands["tune"](moved)
    assert code == 0
    shown = out[out.index("narrows board ") :]
    assert shlex.split(shown)[:3] == ["narrows", "board", str(moved)]


def test_a_run_is_opened_by_a_relative_path_and_goes_on_from_a_copy(folder, commands, monkeypatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert commands["trials"](Path("run"))[0] == 0
    copy = Path("run").rename("elsewhere")
    assert commands["tune"](copy)[0] == 0 and commands["trials"](copy)[0] == 0


@pytest.fixture
def holder(tmp_path):
    """A process that holds the lock of a run."""
    lock, named = tmp_path / "run.lock", tmp_path / "run.holder"
    process = subprocess.Popen([sys.executable, "-c", HOLDS, lock, named], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process, lock, named
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_writer_is_refused_by_name_and_pid_and_goes_on_once_the_first_was_killed(holder) -> None:
    process, lock, named = holder
    why = f"is being written by pid {process.pid} on "
    with pytest.raises(UserError, match=why), sole_writer(lock, named):
        pass
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with sole_writer(lock, named):
        assert named.read_text().startswith(f"pid {os.getpid()} on ")


@pytest.mark.parametrize(
    "content",
    [None, b"", b"\xff\0", b"pid 1 on elsewhere", f"pid {os.getppid()} on here".encode(), b"x" * 10**6],
)
def test_what_a_dead_writer_left_never_blocks_and_never_lets_two_write(content, holder) -> None:
    process, lock, named = holder
    named.unlink()
    if content is not None:
        named.write_bytes(content)
    with pytest.raises(UserError, match="is being written by") as told, sole_writer(lock, named):
        pass
    assert len(str(told.value)) < 1000
    process.kill()
    process.wait()
    with sole_writer(lock, named):
        assert named.read_text().startswith(f"pid {os.getpid()} on ")


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK])
def test_a_file_system_without_locks_is_told(number, folder, commands, monkeypatch) -> None:
    def refused(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(pytest.importorskip("fcntl"), "flock", refused)
    code, _, err = commands["tune"](folder)
    assert code == 2 and ("has no locks" in err or "No locks available" in err)
