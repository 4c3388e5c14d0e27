"""Start TensorBoard on the trials of one run or of several, in a process of its own.

A process of its own (`board_server`), because TensorBoard imports TensorFlow, writes to the terminal,
never gives up its data server, and would take the interpreter from a search that runs beside it.
It ends when `stop` is called and when this process ends, however that happens.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
import webbrowser
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

from ..search_spaces.errors import UserError
from .runs.finding import find_runs
from .runs.folder import RunFolder
from .runs.paths import RunPaths

TAB = "narrowing"
PINNED = "loss/validation"
STOP_SECS = 10
LOOK_SECS = 0.2


class Board:
    """A running TensorBoard, from `start`.

    Args:
        process: serves until its standard input ends.
        url: where it answers.

    Attributes:
        url: such as `http://localhost:6006/`.
        port: the port taken; above the one asked for when that was in use.
        link: a page to begin with, the Narrowing tab. In Time Series the validation loss of all trials is
            pinned, and curves are not smoothed.
    """

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = process
        self.url = url
        self.port = urlsplit(url).port
        pinned = json.dumps([{"plugin": "scalars", "tag": PINNED}], separators=(",", ":"))
        self.link = f"{url}?{urlencode({'pinnedCards': pinned, 'smoothing': 0})}#{TAB}"

    def wait(self) -> None:
        """Return when TensorBoard has ended.

        Looks every `LOOK_SECS` instead of blocking: polars, where it is loaded, has system calls go on
        after Ctrl-C, so that a blocked wait would never hear it.
        """
        while self._process.poll() is None:
            time.sleep(LOOK_SECS)

    def stop(self) -> None:
        """End TensorBoard and free its port; a second call does nothing."""
        _end(self._process)


def browse(folder: str | Path, **options: Any) -> Board:
    """Start TensorBoard on a run, or on all runs below a folder.

    Args:
        folder: of the run or of the runs.
        options: of `start`.

    Raises:
        UserError: when there is no run, or no port can be had.
    """
    folder = Path(folder)
    logs = folder
    if RunPaths(folder).job.exists() or not find_runs(folder):
        with closing(RunFolder(folder)) as run:
            logs = run.paths.tensorboard
    return start(logs, title=folder.resolve().name, **options)


def start(
    folder: Path,
    host: str = "localhost",
    port: int = 6006,
    open_browser: bool = False,
    allow_host: Sequence[str] = (),
    title: str | None = None,
) -> Board:
    """Start TensorBoard; it answers when this returns and looks for new epochs every 5 seconds.

    Args:
        folder: TensorBoard's log directory of one run, or a folder of runs; a search may be writing to it.
        host: name or address to listen at; only this machine can reach `localhost`.
        port: the first port tried; the next free one is taken. 0 is any free port.
        open_browser: also show `Board.link` in the browser.
        allow_host: names that it answers to beside `host` and localhost, see `board_hosts`.
        title: of the page; None is the name of the run that has this log directory.

    Raises:
        UserError: when no port can be had at this host.
    """
    if not 0 <= port <= 65535:
        raise UserError(f"port {port} does not exist: give a number from 1 to 65535, or 0 for any free port")
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        options = {"logdir": folder, "host": host, "port": port}
        options["title"] = folder.resolve().parent.name if title is None else title
        process = _launch(options, errors, allow_host)
        answer: dict[str, str] = {}
        try:
            answer = json.loads(_pipe(process.stdout).readline() or "{}")
        finally:
            if "url" not in answer:
                _end(process)
        if "error" in answer:
            raise UserError(f"TensorBoard cannot listen at {host}, port {port}: {answer['error']}")
        if "url" not in answer:
            errors.seek(0)
            raise RuntimeError(f"TensorBoard did not start:\n{errors.read()}")
    board = Board(process, answer["url"])
    if open_browser:
        webbrowser.open(board.link)
    return board


def _launch(
    options: Mapping[str, object], errors: IO[str], allow_host: Sequence[str]
) -> subprocess.Popen[str]:
    # -P: without it, files of the working folder could shadow modules that TensorBoard imports.
    command = [sys.executable, "-P", "-m", f"{__package__}.board_server"]
    arguments = [f"--{name}={value}" for name, value in options.items()]
    arguments += [f"--allow-host={name}" for name in allow_host]
    return subprocess.Popen(
        command + arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
    )


def _end(process: subprocess.Popen[str]) -> None:
    """Close the standard input of `process` and wait for its end."""
    with contextlib.suppress(BrokenPipeError):
        _pipe(process.stdin).close()
    try:
        process.wait(STOP_SECS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _pipe(process.stdout).close()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise ValueError("the process was started without this pipe")
    return pipe
