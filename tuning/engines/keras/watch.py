"""Watch: reports each epoch of a Keras training, keeps the best weights, and ends it when it should end."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from ....search_spaces.trial import Epoch
from ..base import Judge, Report, Task

OURS = ("loss", "val_loss", "learning_rate")
"""What an `Epoch` has a place of its own for; everything else that is logged is a metric."""


class Watch(keras.callbacks.Callback):
    """The last callback of a trial's training.

    Args:
        task: that is trained.
        report: is told each epoch and answers whether the trial goes on.

    Attributes:
        judge: what is known of the trial so far.
        best_weights: all weights after the best epoch.
        fault: what `report` raised: no fault of the trial.
    """

    def __init__(self, task: Task, report: Report) -> None:
        super().__init__()
        self.task, self.report_epoch = task, report
        self.judge = Judge(task)
        self.best_weights: list[np.ndarray] = []
        self.fault: BaseException | None = None
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        secs = time.perf_counter() - self._started
        done = self._epoch(epoch + 1, dict(logs or {}), secs)
        try:
            decision = self.report_epoch(done)
        except BaseException as error:
            self.fault = error
            raise
        if self.judge.sees(done):
            self.best_weights = copies(self.model.weights)
        self.judge.obeys(decision)
        if self.judge.status is not None:
            self.model.stop_training = True  # else it is left to the user's own callbacks

    def _epoch(self, number: int, logs: dict[str, Any], secs: float) -> Epoch:
        missing = [name for name in ("loss", "val_loss") if name not in logs]
        if missing:
            raise ValueError(
                f"no {' and no '.join(missing)} was logged in epoch {number}: fit must hand on "
                "validation_data and callbacks to model.fit, or log both itself"
            )
        rate = getattr(self.model.optimizer, "learning_rate", np.nan)
        return Epoch(
            self.task.number,
            number,
            float(logs["loss"]),
            float(logs["val_loss"]),
            float(np.asarray(rate)),
            secs,
            {name: float(value) for name, value in logs.items() if name not in OURS and np.ndim(value) == 0},
        )


def copies(variables: Sequence[keras.Variable]) -> list[np.ndarray]:
    """Return the values of variables as arrays of their own."""
    # `.value.numpy()` may share memory with the variable, which the next step would change.
    return [variable.value.numpy().copy() for variable in variables]
