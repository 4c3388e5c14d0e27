"""The log of a run, `log.txt`: what a maintainer needs who cannot ask the user.

While a process writes a run, all is kept there that the logger `narrows` is told from INFO on: versions and
machine, what was asked, what was compiled and trained, warnings, and how it ended, an error with all that
were before it. It holds no value of the data and nothing of the environment.

What surfaces anyway, such as an error, is told as INFO: who listens to the logger for warnings hears of it
once, as before.
"""

from __future__ import annotations

import logging
import os
import platform
import shutil
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TextIO

from ... import __version__
from ...search_spaces.errors import UserError, ask_for_report
from ...search_spaces.machine import cores, memory, processor
from .log_file import LOGGER, LogFile
from .paths import RunPaths

USED = ("tensorflow", "keras", "keras-tuner", "numpy", "optuna")
logger = logging.getLogger(__name__)


@contextmanager
def logged(paths: RunPaths) -> Iterator[None]:
    """Keep the log of a run while the body runs; an error that is no `UserError` gets a note where it is."""
    head = [_versions(), _machine(paths.folder)]
    with _heard_by(LogFile(paths, head)), _warnings_told():
        logger.info("start of process %d", os.getpid())
        for line in head:
            logger.info("%s", line)
        try:
            with timed("writing the run"):
                yield
        except BaseException as error:
            logger.info("ended by %s", type(error).__name__, exc_info=True)
            if isinstance(error, Exception) and not isinstance(error, UserError):
                ask_for_report(error, paths.log)
            raise


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Log that something begins, and after how many seconds it ends."""
    began, how = time.monotonic(), "broke off"
    logger.info("%s: begins", what)
    try:
        yield
        how = "ends"
    finally:
        logger.info("%s: %s after %.3f s", what, how, time.monotonic() - began)


class _Above(logging.Handler):
    """Hands on to the handlers above `LOGGER`, or to that of last resort, where there is none."""

    def emit(self, record: logging.LogRecord) -> None:
        above = logging.getLogger()
        # That of last resort is for what nobody else hears, such as a handler that a user gave to `LOGGER`.
        if above.handlers or not {*LOGGER.handlers} - {self, *_files}:
            above.callHandlers(record)


_changing = threading.Lock()
_files: list[LogFile] = []
_before: dict[str, Any] = {}
_above = _Above()


@contextmanager
def _heard_by(file: LogFile) -> Iterator[None]:
    """Have a file hear of what is logged, and those who listen above no more and no less than before."""
    with _changing:
        if not _files:
            _before.update(level=LOGGER.level, propagate=LOGGER.propagate)
            _above.setLevel(LOGGER.getEffectiveLevel())
            if LOGGER.propagate:
                LOGGER.addHandler(_above)
            LOGGER.propagate = False
            LOGGER.setLevel(min(logging.INFO, LOGGER.getEffectiveLevel()))
        _files.append(file)
        LOGGER.addHandler(file)
    try:
        yield
    finally:
        with _changing:
            LOGGER.removeHandler(file)
            _files.remove(file)
            if not _files:
                LOGGER.removeHandler(_above)
                LOGGER.propagate = _before["propagate"]
                LOGGER.setLevel(_before["level"])
        file.close()


@contextmanager
def _warnings_told() -> Iterator[None]:
    """Log each warning that is shown."""
    show = warnings.showwarning

    def told(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        logger.info("warned of %s: %s (%s, line %d)", category.__name__, message, filename, lineno)
        show(message, category, filename, lineno, file, line)

    warnings.showwarning = told
    try:
        yield
    finally:
        if warnings.showwarning is told:
            warnings.showwarning = show


def _versions() -> str:
    said = [f"narrows {__version__}", f"Python {platform.python_version()}"]
    for name in USED:
        with suppress(PackageNotFoundError):
            said.append(f"{name} {version(name)}")
    return ", ".join(said)


def _machine(folder: Path) -> str:
    said = f"{platform.system()} {platform.release()}, {processor()}, {cores()} cores"
    with suppress(OSError, AttributeError, ValueError):  # where the system does not tell
        said += f", {memory() / 2**30:.1f} GiB of memory"
        said += f", {shutil.disk_usage(folder).free / 2**30:.1f} GiB of disk free"
    return said
