"""What a user sees while a search runs. One file is one display; `base.py` says what it must do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Progress


def display(quiet: bool, as_json: bool) -> Progress:
    """Return what a command shows on standard output: live on a terminal, else a line a trial."""
    from .base import Progress
    from .json_lines import JsonProgress
    from .lines import LineProgress

    if as_json:
        return JsonProgress(sys.stdout)
    if quiet:
        return Progress()
    if sys.stdout.isatty():
        from rich.console import Console

        from .live import LiveProgress

        return LiveProgress(Console())
    return LineProgress(sys.stdout)
