"""A live display for a terminal: a bar, the trials in training, the best so far, pace and time left."""

from __future__ import annotations

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ...search_spaces.trial import Epoch, Outcome, Trial
from ..runs.folder import RunFolder
from .base import Progress
from .lines import Pace, duration, trial_line


class LiveProgress(Progress):
    """Draws on `console`; finished trials scroll by above the display."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.training: dict[int, tuple[Trial, Epoch | None]] = {}

    def start(self, run: RunFolder, trials: int) -> None:
        """Begin to draw."""
        super().start(run, trials)
        done = sum(trial.status.ended for trial in run.trials)
        self.pace = Pace(done, trials)
        self.live = Live(self._drawing(), console=self.console, refresh_per_second=4, transient=True)
        self.live.start()

    def note(self, text: str) -> None:
        """Print the sentence."""
        self.console.print(Text(text))

    def began(self, trial: Trial) -> None:
        """Show the trial among those in training."""
        self.training[trial.number] = trial, None
        self.live.update(self._drawing())

    def epoch(self, epoch: Epoch) -> None:
        """Show the newest losses of a trial."""
        self.training[epoch.number] = self.training[epoch.number][0], epoch
        self.live.update(self._drawing())

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        """Print how the trial ended; mark a new best."""
        super().ended(trial, outcome)
        self.training.pop(trial.number, None)
        self.pace.done += trial.status.ended
        is_best = self.best is not None and self.best.number == trial.number
        style = "yellow" if trial.score is None else "bold green" if is_best else ""
        self.live.console.print(Text(trial_line(trial), style=style))
        self.live.update(self._drawing())

    def interrupted(self) -> None:
        """Say how to go on."""
        self.live.console.print("interrupted; the same command goes on where it stopped")

    def finished(self) -> None:
        """Take the display away."""
        self.live.stop()

    def _drawing(self) -> Group:
        pace = self.pace
        head = Table.grid(padding=(0, 2))
        left = (
            "" if pace.left is None else f"{pace.per_minute:.1f} trials a minute, {duration(pace.left)} left"
        )
        head.add_row(
            ProgressBar(total=pace.trials, completed=pace.done, width=30),
            f"{pace.done}/{pace.trials} trials",
            left,
        )
        lines: list[Table | Text] = [head]
        for trial, epoch in self.training.values():
            at = (
                "starting"
                if epoch is None
                else f"epoch {epoch.epoch}/{trial.epochs}  val_loss {epoch.val_loss:.5g}"
            )
            lines.append(Text(f"{trial.name}  {at}", style="dim"))
        if self.best is not None:
            best = f"best so far  {self.best.name}  val_loss {self.best.score:.5g}"
            lines.append(Text(best, style="bold"))
        return Group(*lines)
