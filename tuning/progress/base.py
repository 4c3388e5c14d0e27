"""Progress: what a user sees while a search runs. This file is what a new display must do."""

from __future__ import annotations

from ..engines.base import Epoch
from ..runs.run import Run
from ..runs.store import TrialRow


class Progress:
    """Shows nothing; every display derives from it and overrides what it shows."""

    def start(self, run: Run, trials: int) -> None:
        """Called before the first trial; `trials` is how many there will be in all."""

    def note(self, text: str) -> None:
        """Called with a sentence that the user should read."""

    def trial_began(self, row: TrialRow) -> None:
        """Called when a trial starts."""

    def epoch(self, epoch: Epoch) -> None:
        """Called after each epoch of a trial."""

    def trial_ended(self, row: TrialRow, best: TrialRow | None) -> None:
        """Called when a trial ended; `best` is the best trial so far."""

    def interrupted(self) -> None:
        """Called when the user pressed Ctrl-C."""

    def finish(self) -> None:
        """Called last, however the search ended."""
