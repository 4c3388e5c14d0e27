"""A search in TensorBoard: for each trial one run directory with one event file.

    tensorboard/t0007 64-8-32/events.out.tfevents...

A trial's file holds its curves, its row of the HParams dashboard and how it ended. There is no run
beside the trials: TensorBoard shows no curve at all once it has more than 500 runs to choose from.
TensorBoard keeps the first hyperparameters and the first end that a directory told it, so a trial
that is run again starts from a new directory. Files are open only while their trial trains.
"""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..search_spaces.profile import Profile
from . import hparams
from .events import EventFile, Value, scalar, text

if TYPE_CHECKING:
    import keras_tuner

METRICS = {
    "best/val_loss": "smallest validation loss of all epochs",
    "parameters": "trainable parameters of the model",
    "best/epoch": "epoch of the smallest validation loss, from 1",
}
SUCCEEDED = {"completed": True, "stopped": True, "failed": False}
MOST_LAYERS = 20
"""How many layers a directory's name tells, so that no space makes it too long for a file system."""


class SearchRecord:
    """The record of one start of a search; the only writer below its folder.

    Args:
        folder: TensorBoard's log directory; made when the first trial writes.
        hyperparameters: all that the search may choose, conditional ones included; their order is
            the order of the columns.
    """

    def __init__(self, folder: Path, hyperparameters: keras_tuner.HyperParameters) -> None:
        self.folder = folder
        self._columns = hparams.columns(hyperparameters)
        self._experiment = hparams.experiment(self._columns, METRICS)
        # Listed once: to look for each trial would cost the more, the more trials there are.
        self._earlier = _runs_by_trial(folder)

    def trial(self, number: int, values: Mapping[str, Any], profile: Profile | None = None) -> TrialRecord:
        """Start the record of a trial and remove what an earlier start of the search left of it.

        Args:
            number: of the trial, from 0.
            values: its active hyperparameters; those that the space does not declare are not kept.
            profile: its widths, for the name of the directory; None when they are not known yet.
        """
        name = f"t{number:04d}"
        for earlier in self._earlier.pop(name, []):
            shutil.rmtree(earlier)
        start = hparams.session_start(self._columns, values, name, time.time())
        folder = self.folder / (f"{name} {_short(profile)}" if profile else name)
        return TrialRecord(folder, (self._experiment, start))


class TrialRecord:
    """The record of one trial, from `SearchRecord.trial`. Its file is made by the first write.

    Args:
        folder: the run directory.
        first: what the file begins with.
    """

    def __init__(self, folder: Path, first: tuple[Value, ...]) -> None:
        self.folder = folder
        self._first = first

    def epoch(self, epoch: int, loss: float, val_loss: float, learning_rate: float, secs: float) -> None:
        """Write one epoch; it survives the process.

        Args:
            epoch: from 1.
            loss: on train.
            val_loss: on validation.
            learning_rate: used in the epoch.
            secs: wall-clock seconds of the epoch.
        """
        self._events.write(
            (
                scalar("loss/train", loss),
                scalar("loss/validation", val_loss),
                scalar("learning_rate", learning_rate),
                scalar("seconds_per_epoch", secs),
            ),
            step=epoch,
        )

    def end(
        self, status: str, *, best_val_loss: float, best_epoch: int, parameters: int, reason: str = ""
    ) -> None:
        """Write how the trial ended, once, and close its file.

        Args:
            status: `completed`, `stopped` (both are a success to TensorBoard) or `failed`.
            best_val_loss: smallest validation loss; NaN without a finished epoch.
            best_epoch: its epoch, from 1; 0 without a finished epoch, and then no metric is written.
            parameters: trainable parameters.
            reason: why it failed or ended early, shown as text.
        """
        values = [hparams.session_end(SUCCEEDED[status], time.time())]
        if best_epoch and math.isfinite(best_val_loss):
            metrics = (best_val_loss, parameters, best_epoch)
            values += [scalar(tag, metric) for tag, metric in zip(METRICS, metrics, strict=True)]
        if reason:
            values.append(text("reason", f"{status}: {reason}"))
        self._events.write(values, step=best_epoch)
        self.close()

    def close(self) -> None:
        """Close the file of a trial that is left in the middle; it keeps no end."""
        if "_events" in self.__dict__:
            self._events.close()

    @cached_property
    def _events(self) -> EventFile:
        events = EventFile(self.folder)
        events.write(self._first)
        return events


def _short(profile: Profile) -> str:
    units = profile.units
    shown = "-".join(map(str, units[:MOST_LAYERS]))
    return shown if len(units) <= MOST_LAYERS else f"{shown} and {len(units) - MOST_LAYERS} more"


def _runs_by_trial(folder: Path) -> dict[str, list[Path]]:
    """Return the run directories below `folder` by trial, `t0007`, whatever profiles they name."""
    found: dict[str, list[Path]] = {}
    for run in folder.iterdir() if folder.is_dir() else ():
        found.setdefault(run.name.split(" ")[0], []).append(run)
    return found
