"""One JSON object a line: `trial` events while the search runs; the command adds the `answer`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, TextIO

from ...search_spaces.plain import to_json
from ...search_spaces.trial import Outcome, Trial
from ..runs.folder import RunFolder
from .base import Progress


class JsonProgress(Progress):
    """Writes events to `stream` for a program to read."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def start(self, run: RunFolder, trials: int) -> None:
        """Write where the run is and how many trials there will be."""
        super().start(run, trials)
        self.event("start", {"run": str(run.folder), "trials": trials})

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        """Write all that is known of the trial, and the number of the best so far."""
        super().ended(trial, outcome)
        known = {"profile": trial.profile, "best": None if self.best is None else self.best.number}
        self.event("trial", asdict(trial) | known)

    def note(self, text: str) -> None:
        """Write the sentence."""
        self.event("note", {"text": text})

    def event(self, kind: str, content: dict[str, Any]) -> None:
        """Write one event."""
        self.stream.write(to_json({"event": kind} | content) + "\n")
        self.stream.flush()
