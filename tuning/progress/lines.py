"""Plain lines: one for each finished trial, for logs and pipes."""

from __future__ import annotations

import time
from typing import TextIO

from ...search_spaces.trial import Outcome, Status, Trial
from ..runs.folder import RunFolder
from .base import Progress


def duration(secs: float) -> str:
    """Return `45 s`, `3 min 20 s` or `2 h 05 min`."""
    whole = round(secs)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


class Pace:
    """Trials a minute of this start, and the time that is left at that pace."""

    def __init__(self, done: int, trials: int) -> None:
        self.before, self.done, self.trials = done, done, trials
        self.started = time.monotonic()

    @property
    def per_minute(self) -> float:
        """Trials a minute since this start began; 0 before the first ended."""
        elapsed = time.monotonic() - self.started
        return 60 * (self.done - self.before) / elapsed if elapsed > 0 else 0.0

    @property
    def left(self) -> float | None:
        """Seconds until the last trial ends; None before the first ended."""
        return None if not self.per_minute else 60 * (self.trials - self.done) / self.per_minute


def trial_line(trial: Trial) -> str:
    """Return what became of a trial, in one line."""
    if trial.score is None:
        return f"{trial.name}  {trial.status}: {trial.reason}"
    best = f"epoch {trial.best_epoch}" if trial.best_epoch else "the linear forecast alone"
    line = f"{trial.name}  val_loss {trial.score:.5g} ({best}, {duration(trial.secs)})"
    return f"{line}  ended early" if trial.status == Status.STOPPED else line


class LineProgress(Progress):
    """Writes to `stream` one line when the search starts and one for each trial that ends."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def start(self, run: RunFolder, trials: int) -> None:
        """Say how much is done and how much there is to do."""
        super().start(run, trials)
        done = sum(trial.status.ended for trial in run.trials)
        self.pace = Pace(done, trials)
        self._line(
            f"{run.folder}: {done} of {trials} trials done"
            if done
            else f"{run.folder}: {trials} trial{'s' * (trials != 1)}"
        )

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        """Say how the trial ended, the best so far, the pace and the time left."""
        super().ended(trial, outcome)
        self.pace.done += trial.status.ended
        parts = [f"{self.pace.done}/{self.pace.trials}", trial_line(trial)]
        if self.best is not None and self.best.number != trial.number:
            parts.append(f"best {self.best.name} {self.best.score:.5g}")
        if self.pace.left is not None and self.pace.done < self.pace.trials:
            parts.append(f"{self.pace.per_minute:.1f} trials a minute, {duration(self.pace.left)} left")
        self._line("  ".join(parts))

    def note(self, text: str) -> None:
        """Write the sentence."""
        self._line(text)

    def interrupted(self) -> None:
        """Say how to go on."""
        self._line("interrupted; the same command goes on where it stopped")

    def _line(self, text: str) -> None:
        self.stream.write(text + "\n")
        self.stream.flush()
