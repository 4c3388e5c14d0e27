"""What a user sees while a study goes on: how many trainings are done, of how many that are wanted so far.

How many are wanted grows as it is seen what does not decide, so the time that is left is not told.
"""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

from ...callbacks.studied import RecordedStudy
from ...search_spaces.plain import to_json

LINE_SECS = 15.0
"""Between two lines of a display that is no terminal."""


class StudyProgress:
    """Shows nothing; every display derives from it and overrides what it shows."""

    def note(self, text: str) -> None:
        """Called with a sentence that the user should read."""

    def begins(self, title: str) -> None:
        """Called with the question of a study that begins."""

    def counted(self, done: int, wanted: int) -> None:
        """Called after each training."""

    def ended(self, study: RecordedStudy) -> None:
        """Called when a study ended."""

    def finished(self) -> None:
        """Called last, however it ended."""


class StudyLines(StudyProgress):
    """Writes a line now and then to `stream`."""

    def __init__(self, stream: TextIO) -> None:
        self.stream, self._last = stream, 0.0

    def note(self, text: str) -> None:
        """Write a sentence."""
        self._write(text)

    def begins(self, title: str) -> None:
        """Write the question."""
        self._write(title)
        self._last = time.monotonic()

    def counted(self, done: int, wanted: int) -> None:
        """Write how far it is, unless that was done a moment ago."""
        if time.monotonic() - self._last >= LINE_SECS:
            self._last = time.monotonic()
            self._write(f"  {done} of {wanted} trainings")

    def _write(self, line: str) -> None:
        self.stream.write(f"{line}\n")
        self.stream.flush()


class StudyBar(StudyProgress):
    """Draws a bar on a terminal, which is gone when the study has ended."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=Console(file=stream), transient=True)
        self._task: Any = None

    def note(self, text: str) -> None:
        """Write a sentence above the bar."""
        self._bar.console.print(text, style="dim", highlight=False, markup=False)

    def begins(self, title: str) -> None:
        """Begin a bar."""
        self._bar.start()
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(title, total=None)

    def counted(self, done: int, wanted: int) -> None:
        """Move it."""
        self._bar.update(self._task, completed=done, total=wanted)

    def finished(self) -> None:
        """Take it away."""
        self._bar.stop()


class StudyJson(StudyProgress):
    """Writes one JSON object a line for a program to read; the event `study` is a study that ended."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def note(self, text: str) -> None:
        """Write a sentence."""
        self._event("note", {"text": text})

    def begins(self, title: str) -> None:
        """Write the question."""
        self._event("start", {"question": title})

    def counted(self, done: int, wanted: int) -> None:
        """Write how far it is."""
        self._event("training", {"done": done, "wanted": wanted})

    def ended(self, study: RecordedStudy) -> None:
        """Write what came out."""
        self._event("study", {"study": study})

    def _event(self, kind: str, content: dict[str, Any]) -> None:
        self.stream.write(to_json({"event": kind} | content) + "\n")
        self.stream.flush()


def display(quiet: bool, as_json: bool) -> StudyProgress:
    """Return what a command shows on standard output."""
    if as_json:
        return StudyJson(sys.stdout)
    return StudyProgress() if quiet else _shown_on(sys.stdout)


def shown_from_python(progress: bool) -> StudyProgress:
    """Return what a call from Python shows on standard error."""
    return _shown_on(sys.stderr) if progress else StudyProgress()


def _shown_on(stream: TextIO) -> StudyProgress:
    return StudyBar(stream) if stream.isatty() else StudyLines(stream)
