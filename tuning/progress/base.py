"""Progress: what a user sees while a search runs. This file is what a new display must do."""

from __future__ import annotations

from ...search_spaces.trial import Outcome, Trial
from ..runs.folder import RunFolder
from ..watchers.base import Watcher


class Progress(Watcher):
    """Shows nothing; every display derives from it and overrides what it shows.

    Attributes:
        best: the best trial so far.
    """

    best: Trial | None = None
    _run: RunFolder | None = None

    def start(self, run: RunFolder, trials: int) -> None:
        """Called before the first trial; `trials` is how many there will be in all."""
        self._run, self.best = run, run.best

    def note(self, text: str) -> None:
        """Called with a sentence that the user should read."""

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        """Called when a trial ended; a display that overrides this calls it first."""
        # The store, which was told first, knows which one is the best: so the answer will name the same.
        if self._run is not None:
            self.best = self._run.best

    def interrupted(self) -> None:
        """Called when the user pressed Ctrl-C."""
