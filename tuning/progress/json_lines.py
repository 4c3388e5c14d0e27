"""One JSON object a line: `trial` events while the search runs; the command adds the `answer`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, TextIO

from ..runs.run import Run
from ..runs.store import TrialRow
from .base import Progress


class JsonProgress(Progress):
    """Writes events to `stream` for a program to read."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def start(self, run: Run, trials: int) -> None:
        """Write where the run is and how many trials there will be."""
        self.event("start", {"run": str(run.folder), "trials": trials})

    def trial_ended(self, row: TrialRow, best: TrialRow | None) -> None:
        """Write the whole row of the trial and the number of the best so far."""
        self.event("trial", asdict(row) | {"best": None if best is None else best.number})

    def note(self, text: str) -> None:
        """Write the sentence."""
        self.event("note", {"text": text})

    def event(self, kind: str, content: dict[str, Any]) -> None:
        """Write one event."""
        self.stream.write(json.dumps({"event": kind} | content, allow_nan=False) + "\n")
        self.stream.flush()
