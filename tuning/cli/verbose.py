"""`--verbose`: what the log of a run is told goes to standard error too, and an error has its traceback.

It holds for one command: `restored` puts the logger back as it was.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from typer import Option

LOGGER = logging.getLogger(__name__.partition(".")[0])
HELP = "Also write what the log is told to standard error, and tracebacks of errors."


def _begin(asked: bool) -> bool:
    if asked:
        from ..runs.log_file import Lines

        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(Lines())
        LOGGER.addHandler(handler)
        LOGGER.setLevel(logging.INFO)
    return asked


Verbose = Annotated[bool, Option("--verbose", "-v", help=HELP, callback=_begin)]
"""The option of a command, which begins when it is read."""


@contextmanager
def restored() -> Iterator[None]:
    """Put the logger back as it was when the body ends."""
    level, handlers = LOGGER.level, list(LOGGER.handlers)
    try:
        yield
    finally:
        LOGGER.setLevel(level)
        for handler in [one for one in LOGGER.handlers if one not in handlers]:
            LOGGER.removeHandler(handler)


def is_asked() -> bool:
    """Whether the command was given `--verbose`."""
    return LOGGER.level == logging.INFO
