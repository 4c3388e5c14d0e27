"""A search in TensorBoard.

    tensorboard/t0007 64-8-32/events.out.tfevents...    one trial: its curves, its row in HParams, its end
    tensorboard/search/events.out.tfevents...           all trials, for the Narrowing tab (`tab_record`)

TensorBoard shows no curve at all once it has more than 500 runs to choose from, so beyond `most` trials
the best and the newest alone keep a run (`kept_runs`). TensorBoard keeps the first hyperparameters and the
first end that a directory told it, so a trial that is run again starts from a new directory. Files of
trials are open only while these train.
"""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..search_spaces.errors import UserError
from ..search_spaces.machine import may_open
from ..search_spaces.trial import Epoch, Status, Trial
from . import hparams, metrics
from .events import EventFile, Value, scalar, text
from .kept_runs import MOST, KeptRuns
from .recorded import RecordedSearch, RecordedTrial
from .tab_record import TabRecord

if TYPE_CHECKING:
    import keras_tuner

OTHER_FILES = 512
"""That a process may hold open beside those of trials in training: libraries, weights, connections."""
MOST_LAYERS = 20
"""How many layers a directory's name tells, so that no space makes it too long for a file system."""


class SearchRecord:
    """The record of one start of a search; the only writer below its folder.

    Args:
        folder: TensorBoard's log directory.
        hyperparameters: all that the search may choose, conditional ones included; their order is
            the order of the columns.
        search: what is known when the search starts, with the trials of earlier starts.
        most: trials that keep a run of their own.
    """

    def __init__(
        self,
        folder: Path,
        hyperparameters: keras_tuner.HyperParameters,
        search: RecordedSearch,
        most: int = MOST,
    ) -> None:
        self.folder = folder
        self._columns = hparams.columns(hyperparameters)
        self._metrics = metrics.metrics(self._columns)
        self._experiment = hparams.experiment(self._columns, self._metrics)
        # Listed once: to look for each trial would cost the more, the more trials there are.
        self._runs = runs_by_trial(folder)
        self._kept = KeptRuns(most)
        self._open: dict[int, TrialRun] = {}
        self._all = TabRecord(folder, search)
        for trial in search.trials:
            self._prune(trial)

    def is_open(self, number: int) -> bool:
        """Whether a trial has begun and not ended."""
        return number in self._open

    def begin(self, trial: Trial) -> None:
        """Start the record of a trial and remove what an earlier start of the search left of it.

        Values of hyperparameters that the space does not declare are not kept. The name of the directory
        tells the units, where they are known yet.

        Raises:
            UserError: when this process may not hold the files of so many trials open.
        """
        files = len(self._open) + OTHER_FILES
        if not may_open(files) and len(self._open) >= OTHER_FILES:
            raise UserError(
                f"{len(self._open):,} trials are under way, each with a file that is open meanwhile, and "
                f"this process may not hold {files:,} files open: allow more, as ulimit -n {2 * files} does "
                "where the system lets you, or train fewer at once; the same command goes on where it stopped"
            )
        name = f"t{trial.number:04d}"
        self._remove(trial.number)
        start = hparams.session_start(self._columns, trial.values, time.time())
        folder = self.folder / (f"{name} {_short(trial.units)}" if trial.units else name)
        self._open[trial.number] = TrialRun(folder, (self._experiment, start))
        self._runs[name] = [folder]

    def epoch(self, epoch: Epoch) -> None:
        """Write one epoch of a trial; it survives the process."""
        values = {
            "loss/train": epoch.loss,
            "loss/validation": epoch.val_loss,
            "seconds_per_epoch": epoch.secs,
            **{f"metrics/{name}": value for name, value in epoch.metrics.items()},
        }
        run = self._open[epoch.number]
        run.write_rate(epoch.learning_rate, epoch.epoch)
        run.write([scalar(tag, value) for tag, value in values.items()], epoch.epoch)

    def end(self, trial: RecordedTrial) -> None:
        """Write how a trial ended, once, with its metrics unless it has no finished epoch."""
        self._end(trial)
        self._all.add(trial)
        self._prune(trial)

    def write_again(self, trial: RecordedTrial, epochs: Sequence[Epoch]) -> None:
        """Write anew the run of a trial that ended; all trials but this one stay as they are."""
        self.begin(trial)
        for epoch in epochs:
            self.epoch(epoch)
        self._end(trial)

    def _end(self, trial: RecordedTrial) -> None:
        run = self._open.pop(trial.number)
        values = [hparams.session_end(trial.status != Status.FAILED, run.now())]
        if trial.best_val_loss is not None and math.isfinite(trial.best_val_loss):
            found = metrics.measured(self._metrics, trial)
            values += [scalar(tag, value) for tag, value in found.items()]
        if trial.reason:
            values.append(text("reason", f"{trial.status}: {trial.reason}"))
        run.write(values, trial.best_epoch)
        run.close()

    def measured(self, trial: RecordedTrial) -> None:
        """Tell the Narrowing tab what was measured of a trial after it ended."""
        self._all.add(trial)

    def conclude(self, search: RecordedSearch) -> None:
        """Write how a search ended, and its answer if it has one."""
        self._all.tell(search)

    def close(self) -> None:
        """Close all files; trials left in the middle keep no end."""
        for run in self._open.values():
            run.close()
        self._all.close()

    def _prune(self, trial: RecordedTrial) -> None:
        gone = self._kept.add(replace(trial, measured=None, curve=None))  # they are large, and not asked for
        if gone is not None:
            self._remove(gone)

    def _remove(self, number: int) -> None:
        for run in self._runs.pop(f"t{number:04d}", []):
            shutil.rmtree(run, ignore_errors=True)


class TrialRun:
    """The run of one trial. Its file is made by the first write.

    Args:
        folder: the run directory.
        first: what the file begins with.
    """

    def __init__(self, folder: Path, first: tuple[Value, ...]) -> None:
        self.folder = folder
        self._first = first
        self._rate = (math.nan, 0)
        self._told = 0

    def write_rate(self, rate: float, step: int) -> None:
        """Write the learning rate where it changes, before and after; one that stays is no curve."""
        (before, then), self._rate = self._rate, (rate, step)
        if not abs(rate - before) > 0:  # nor where one is not known
            return
        if then != self._told:
            self.write([scalar("learning_rate", before)], then)
        self.write([scalar("learning_rate", rate)], step)
        self._told = step

    def write(self, values: list[Value], step: int) -> None:
        """Write what is known at one step, the epoch from 1."""
        self._events.write(values, step=step)

    def now(self) -> float:
        """Return the time, no earlier than that of the last event."""
        return self._events.now()

    def close(self) -> None:
        """Close the file, if there is one."""
        if "_events" in self.__dict__:
            self._events.close()

    @cached_property
    def _events(self) -> EventFile:
        events = EventFile(self.folder)
        events.write(self._first)
        return events


def _short(units: Sequence[int]) -> str:
    shown = "-".join(map(str, units[:MOST_LAYERS]))
    return shown if len(units) <= MOST_LAYERS else f"{shown} and {len(units) - MOST_LAYERS} more"


def runs_by_trial(folder: Path) -> dict[str, list[Path]]:
    """Return the run directories below `folder` by trial, `t0007`, whatever profiles they name."""
    found: dict[str, list[Path]] = {}
    for run in folder.iterdir() if folder.is_dir() else ():
        found.setdefault(run.name.split(" ")[0], []).append(run)
    return found
