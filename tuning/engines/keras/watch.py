"""Watch: reports each epoch of a Keras training, keeps the best weights, and ends it when it should end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from ....search_spaces.trial import Epoch
from ..base import Judge, Report, Task
from .averaged import Averaged

OURS = ("loss", "val_loss", "learning_rate")
"""What an `Epoch` has a place of its own for; everything else that is logged is a metric."""


class Watch(keras.callbacks.Callback):
    """The last callback of a trial's training.

    Args:
        task: that is trained.
        report: is told each epoch and answers whether the trial goes on.

    Attributes:
        judge: what is known of the trial so far.
        averaged: the average of the model's weights, where it is judged beside them; else None.
        validate: returns the validation loss of the model as it is; used where there is an average.
        state: returns what training goes on from, see `Outcome.state`.
        fault: what `report` raised: no fault of the trial.
    """

    def __init__(self, task: Task, report: Report) -> None:
        super().__init__()
        self.averaged: Averaged | None = None
        self.validate: Callable[[], float] = lambda: math.nan
        self.task, self.report_epoch = task, report
        self.judge = Judge(task)
        self.state: Callable[[], list[np.ndarray]] = list
        self.fault: BaseException | None = None
        self._started = 0.0

    def follows_average(
        self, model: keras.Model, average: Sequence[np.ndarray] | None, validate: Callable[[], float]
    ) -> keras.callbacks.Callback:
        """Judge the average of the model's weights beside them; return what follows it, a callback too.

        Args:
            model: that is trained.
            average: to go on from; None begins with the weights as they are.
            validate: returns the validation loss of the model as it is.
        """
        self.averaged = Averaged(model, int(model.optimizer.iterations.numpy()), average)
        self.validate = validate
        return self.averaged

    def starts(self, start: Epoch, model: keras.Model) -> None:
        """Report where a model begins before it was trained: epoch 0, which may stay its best one."""
        self._sees(start, model)
        self._reports(start)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        found, swapped = dict(logs or {}), False
        # What diverged has to end, also where an average of it is still finite.
        if self.averaged and math.isfinite(found.get("val_loss", math.nan)):
            self.averaged.swap()
            swapped = (loss := self.validate()) < found["val_loss"]
            if swapped:
                found["val_loss"] = loss
            else:
                self.averaged.swap()
        secs = time.perf_counter() - self._started
        done = self._epoch(epoch + 1, found, secs)
        self._sees(done, self.model)
        if swapped and self.averaged:
            self.averaged.swap()
        self._reports(self.judge.told(done, self.state))
        if self.judge.status is not None:
            self.model.stop_training = True  # else it is left to the user's own callbacks

    def _sees(self, done: Epoch, model: keras.Model) -> None:
        self.judge.sees(done, lambda: copies(model.weights))

    def _reports(self, done: Epoch) -> None:
        try:
            decision = self.report_epoch(done)
        except BaseException as error:
            self.fault = error
            raise
        self.judge.obeys(decision)

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
