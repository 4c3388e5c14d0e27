"""A live display for a terminal: a bar, the trials in training, the best so far, pace and time left."""

from __future__ import annotations

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ...search_spaces.trial import Outcome, Trial
from ..runs.folder import RunFolder
from .in_place import InPlace
from .lines import trial_line


class LiveProgress(InPlace):
    """Draws on `console`; finished trials scroll by above the display."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def start(self, run: RunFolder, trials: int) -> None:
        """Begin to draw."""
        super().start(run, trials)
        self.live = Live(self._drawing(), console=self.console, refresh_per_second=4, transient=True)
        self.live.start()

    def note(self, text: str) -> None:
        """Print the sentence."""
        self.console.print(Text(text))

    def redraw(self) -> None:
        """Give the display what it shows from its next refresh on."""
        self.live.update(self._drawing())

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        """Print how the trial ended; mark a new best."""
        super().ended(trial, outcome)
        is_best = self.best is not None and self.best.number == trial.number
        style = "yellow" if trial.score is None else "bold green" if is_best else ""
        self.live.console.print(Text(trial_line(trial), style=style))

    def interrupted(self) -> None:
        """Say how to go on."""
        self.live.console.print("interrupted; the same command goes on where it stopped")

    def finished(self) -> None:
        """Take the display away."""
        self.live.stop()

    def _drawing(self) -> Group:
        head = Table.grid(padding=(0, 2))
        head.add_row(
            ProgressBar(total=self.pace.trials, completed=self.pace.done, width=30), self.counted, self.speed
        )
        training = [Text(line, style="dim") for line in self.in_training]
        best = [Text(self.best_line, style="bold")] if self.best_line else []
        return Group(head, *training, *best)
