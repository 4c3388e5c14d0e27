"""A display that is drawn again and again in one place: what the live ones have in common."""

from __future__ import annotations

from ...search_spaces.trial import Epoch, Outcome, Trial
from ..runs.folder import RunFolder
from .base import Progress
from .lines import Pace, duration


class InPlace(Progress):
    """Knows what is in training and how fast it goes; a display overrides `redraw`.

    Attributes:
        pace: how many trials have ended, of how many, how fast.
        training: the trials in training, each with its newest epoch.
    """

    pace: Pace
    training: dict[int, tuple[Trial, Epoch | None]]

    def redraw(self) -> None:
        """Called whenever there is something new to show."""

    def start(self, run: RunFolder, trials: int) -> None:
        """Count what is done."""
        super().start(run, trials)
        self.training = {}
        self.pace = Pace(sum(trial.status.ended for trial in run.trials), trials)

    def began(self, trial: Trial) -> None:
        """Show the trial among those in training."""
        self.training[trial.number] = trial, None
        self.redraw()

    def epoch(self, epoch: Epoch) -> None:
        """Show the newest losses of a trial."""
        self.training[epoch.number] = self.training[epoch.number][0], epoch
        self.redraw()

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        """Take the trial away and count it."""
        super().ended(trial, outcome)
        self.training.pop(trial.number, None)
        self.pace.done += trial.status.ended
        self.redraw()

    @property
    def counted(self) -> str:
        """`3/8 trials`."""
        return f"{self.pace.done}/{self.pace.trials} trials"

    @property
    def speed(self) -> str:
        """`24.0 trials a minute, 12 s left`; empty before the first one ended."""
        pace = self.pace
        return (
            "" if pace.left is None else f"{pace.per_minute:.1f} trials a minute, {duration(pace.left)} left"
        )

    @property
    def in_training(self) -> list[str]:
        """A line for each trial in training."""
        return [
            f"{trial.name}  starting"
            if epoch is None
            else f"{trial.name}  epoch {epoch.epoch}/{trial.epochs}  val_loss {epoch.val_loss:.5g}"
            for trial, epoch in self.training.values()
        ]

    @property
    def best_line(self) -> str:
        """The best trial so far; empty before there is one."""
        if self.best is None:
            return ""
        word = "best" if self.pace.done >= self.pace.trials else "best so far"
        return f"{word}  {self.best.name}  val_loss {self.best.score:.5g}"
