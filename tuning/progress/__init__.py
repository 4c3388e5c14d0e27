"""What a user sees while a search runs. One file is one display; `base.py` says what it must do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from .base import Progress


def display(quiet: bool, as_json: bool) -> Progress:
    """Return what a command shows on standard output: live on a terminal, else a line a trial."""
    from .base import Progress
    from .json_lines import JsonProgress

    if as_json:
        return JsonProgress(sys.stdout)
    if quiet:
        return Progress()
    return _shown_on(sys.stdout)


def shown_from_python(progress: bool | Progress) -> Progress:
    """Return what a call from Python shows; a program's own standard output is left to it.

    Args:
        progress: True for one output of a notebook, or what a command shows, on standard error; False for
            nothing; else the display to use.
    """
    from .base import Progress
    from .notebook import NotebookProgress, in_notebook

    if isinstance(progress, Progress):
        return progress
    if not progress:
        return Progress()
    return NotebookProgress() if in_notebook() else _shown_on(sys.stderr)


def _shown_on(stream: TextIO) -> Progress:
    from .lines import LineProgress

    if not stream.isatty():
        return LineProgress(stream)
    from rich.console import Console

    from .live import LiveProgress

    return LiveProgress(Console(file=stream))
