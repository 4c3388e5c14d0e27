"""Two searches in one folder, and folders that were moved or are another user's: said in one message."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from tensorboard.data import provider

from narrows.callbacks.board.reading import NotThere, Searches
from narrows.callbacks.recorded import RecordedSearch
from narrows.tuning import Run

from .conftest import is_one_message, job

MAIN = "from narrows.tuning.cli import main; main()"
WAIT_SECS = 60
# Without these even root may not write what is read-only.
CAPABILITIES = "-dac_override,-dac_read_search"


def narrows(*arguments):
    return [sys.executable, "-c", MAIN, *map(str, arguments)]


def test_a_second_search_is_refused_by_host_and_pid_and_a_third_goes_on_after_kill_9(folder, commands):
    search = ["tune", job().source, "--trials", 50, "--out", folder]
    with subprocess.Popen(narrows(*search), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
        try:
            until = time.monotonic() + WAIT_SECS
            while not (folder / "run.holder").read_text().startswith(f"pid {first.pid} "):
                assert time.monotonic() < until and first.poll() is None
                time.sleep(0.05)
            second = subprocess.run(narrows(*search), capture_output=True, text=True, check=False)
            told = commands["tune"](folder)
        finally:
            os.kill(first.pid, signal.SIGKILL)
    holder = f"pid {first.pid} on {socket.gethostname()}"
    message = f"narrows: {folder} is being written by {holder}; wait for it, stop it, or give another --out\n"
    assert (second.returncode, second.stderr.splitlines()[-1:]) == (2, [message.rstrip()])
    assert (told[0], told[2].splitlines()[-1:]) == (2, [message.rstrip()])
    code, out, _ = commands["tune"](folder)
    assert code == 0 and "narrows board" in out
    assert [trial.number for trial in Run(folder).trials][:2] == [0, 1]


def test_a_copy_needs_no_data_file_but_for_tune_which_names_it(command, commands, folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    gone = tmp_path / "sales.csv"
    for name in ("trials", "json", "report"):
        assert commands[name](copy)[0] == 0
    told = command("tune", gone, "--trials", 2, "--out", copy)
    assert is_one_message(told) and f"no such file: {gone}" in told[2]


class Provider:
    """A data provider of one search, whose folder may be gone when it is read."""

    def __init__(self):
        head = RecordedSearch("sales", "mse", ()).head_json().encode()
        self.events = {"search": [provider.TensorDatum(0, 1.0, np.array([head, b"1"], object))]}
        self.step, self.there, self.readable = 0, True, True

    def list_tensors(self, *_, **__):
        about = {"plugin_content": b"", "description": "", "display_name": ""}
        series = provider.TensorTimeSeries(max_step=self.step, max_wall_time=1.0, **about)
        return {"search": {"search": series}} if self.there else {}

    def read_tensors(self, *_, **__):
        return {"search": self.events} if self.readable else {}


def test_a_run_that_is_moved_while_the_tab_reads_it_is_said_to_be_gone_until_it_is_back():
    data = Provider()
    searches = Searches(data)
    assert searches.read(None, "", "search").search.title == "sales"
    data.there = False
    with pytest.raises(NotThere, match="There is no search in the run “search”"):
        searches.read(None, "", "search")
    assert searches.listed(None, "") == []
    data.there, data.step, data.readable = True, 1, False
    with pytest.raises(NotThere, match="has just been removed or is written anew"):
        searches.read(None, "", "search")
    data.readable = True
    assert searches.read(None, "", "search").search.title == "sales"


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="there is no setpriv here")
def test_a_run_that_one_may_not_write_is_read(folder):
    inside = [folder, *folder.rglob("*")]
    for path in inside:
        path.chmod(0o555 if path.is_dir() else 0o444)
    powerless = ["setpriv", f"--bounding-set={CAPABILITIES}", f"--inh-caps={CAPABILITIES}"]
    told = {}
    for arguments in (["trials", folder, "--json"], ["tune", job().source, "--trials", 2, "--out", folder]):
        command = (powerless if os.geteuid() == 0 else []) + narrows(*arguments)
        told[arguments[0]] = subprocess.run(command, capture_output=True, text=True, check=False)
    assert sorted(path for path in folder.rglob("*")) == sorted(inside[1:])
    for path in inside:
        path.chmod(0o755)
    assert (told["trials"].returncode, told["trials"].stderr) == (0, "")
    assert '"number": 0' in told["trials"].stdout
    assert told["tune"].returncode == 2
    why = f"narrows: {folder} cannot be written: Permission denied; give another --out"
    assert told["tune"].stderr.splitlines()[-1] == why
