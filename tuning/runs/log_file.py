"""How the log of a run is written: its lines, and a file that is bounded and may fail.

The file has at most `MOST_BYTES`; then it becomes `log.1.txt`, in the place of an earlier one, and a new one
begins with what stands at the top of this start. Nothing here may cost a search: what cannot be written, on a
disk that is full or a file that is not ours, is not, and nobody is told.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from traceback import format_exception
from typing import Any

from .paths import RunPaths

LOGGER = logging.getLogger(__name__.partition(".")[0])
"""What all loggers here are below, `narrows`."""
MOST_BYTES = 2 * 2**20
"""Two files of it hold more than 5,400 trials, of which each takes some 400 bytes."""
MOST_ERRORS = 10
"""One after the other, of which the last is told with all before it."""
# Neither through a link that somebody put in the place of the log, nor into a pipe that nobody reads.
_CAREFUL = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)

_CONTROL = re.compile(r"\x1b(?!\[[\d;]*m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""All but tab, new line and colours; also what turns the direction of writing."""


def harmless(text: str) -> str:
    """Return a text without what would command a terminal: names may hold any character."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


class Lines(logging.Formatter):
    """`2026-01-31T12:00:00.000Z narrows.tuning.search: message`; the user's home folder reads `~`."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(name)s: %(message)s")
        self._homes = tuple(_homes())

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        text = super().format(record)
        for home in self._homes:
            text = text.replace(home, "~")
        return harmless(text)

    def formatException(self, ei: Any) -> str:
        """Return an error below those before it, also below what `from None` keeps from the user."""
        told: list[str] = []
        error = ei[1]
        while error is not None and len(told) < MOST_ERRORS:
            told.insert(0, "".join(format_exception(error, chain=False)).rstrip())
            error = error.__cause__ or error.__context__
        return "\nand then\n".join(told)


class LogFile(RotatingFileHandler):
    """Writes what it can to the log of a run.

    Args:
        paths: of the run.
        head: lines that each further file begins with.
    """

    def __init__(self, paths: RunPaths, head: Sequence[str]) -> None:
        super().__init__(paths.log, maxBytes=MOST_BYTES, backupCount=1, encoding="utf-8", delay=True)
        self.namer = lambda _: str(paths.older_log)
        self.setFormatter(Lines())
        self._head = head

    def _open(self) -> Any:
        return open(self.baseFilename, "a", encoding="utf-8", errors="replace", opener=_opened)

    def doRollover(self) -> None:
        """Begin a new file."""
        super().doRollover()
        for line in self._head:
            about = {"name": __name__, "levelno": logging.INFO, "msg": line}
            logging.FileHandler.emit(self, logging.makeLogRecord(about))

    def handleError(self, record: logging.LogRecord) -> None:
        """Go on without the line."""

    def close(self) -> None:
        """Close the file, whatever could not be written."""
        with suppress(OSError):
            super().close()


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | _CAREFUL, 0o666)


def _homes() -> Iterator[str]:
    """The home folder, as it is said and as it is; not one that is the root of the file system."""
    with suppress(OSError, RuntimeError):  # a user without a home
        for home in dict.fromkeys((Path.home(), Path.home().resolve())):
            if home != Path(home.anchor):
                yield str(home)
