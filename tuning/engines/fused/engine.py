"""The `fused` engine: a thread for each core, each training its trial an epoch at a time.

The caller's thread plans, loads, reports and ends; a worker only runs programs, during which Python's
lock is free. Programs are shared by the workers. A trial's numbers do not depend on the others: trials
share nothing but compiled code.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

from ....search_spaces.profile import Profile
from ....search_spaces.space import Space
from ....search_spaces.stacked_lstm import StackedLSTM
from ...series.epoch_rows import training_steps
from ...series.windows import Windows
from ..base import FAILED, Ask, End, Engine, Epoch, Judge, Outcome, Report, Trial, reason_of
from .planner import Planner
from .program import Shape
from .training import Training

LOOK_SECS = 0.2
"""How often a waiting search looks whether the user pressed Ctrl-C."""


@dataclass
class Running:
    """A trial in training, and what is known of it so far."""

    trial: Trial
    place: int
    training: Training
    parameters: int
    judge: Judge
    epoch: int = 0
    best_weights: Sequence[np.ndarray] = field(default=(), repr=False)


class FusedEngine(Engine):
    """Trains stacked LSTMs in compiled programs, as many at once as there are cores."""

    def __init__(self, space: Space, windows: Windows, patience: int = 0) -> None:
        super().__init__(space, windows, patience)
        if not isinstance(space, StackedLSTM):
            raise TypeError(self.refuses(space))
        self.places = os.cpu_count() or 1
        self.dtype = "float32"
        self._lstm = space
        self._planner = Planner()
        self._data = tf.constant(windows.data)

    @classmethod
    def refuses(cls, space: Space) -> str:
        """Return why this engine cannot train `space`; see `Engine.refuses`."""
        if isinstance(space, StackedLSTM):
            return ""
        return "the fused engine trains StackedLSTM spaces only"

    def train(self, ask: Ask, report: Report, end: End) -> None:
        """Train what `ask` gives, one trial a core; see `Engine.train`."""
        jobs: queue.SimpleQueue[Running | None] = queue.SimpleQueue()
        done: queue.SimpleQueue[tuple[Running, Any]] = queue.SimpleQueue()
        stopping = threading.Event()
        workers = [
            threading.Thread(target=_work, args=(jobs, done, stopping), daemon=True)
            for _ in range(self.places)
        ]
        for worker in workers:
            worker.start()
        free, running = list(range(self.places)), 0
        try:
            while True:
                free, begun = self._fill(free, ask, end, jobs)
                running += begun
                if not running:
                    return
                one, result = _next(done)
                if self._take(one, result, report, end):
                    jobs.put(one)
                else:
                    running -= 1
                    free.append(one.place)
        finally:
            stopping.set()
            for _ in workers:
                jobs.put(None)
            for worker in workers:
                worker.join()

    def predict(
        self, values: Mapping[str, Any], weights: Sequence[np.ndarray], rows: np.ndarray
    ) -> np.ndarray:
        """Return scaled forecasts, float32 (windows, horizon, targets); see `Engine.predict`."""
        moments = [np.zeros_like(weight) for weight in weights for _ in range(2)]
        state = [*weights, np.array(0), np.array(0.0), *moments]
        training = self._load(Trial(0, values, seed=0, epochs=0, state=state))
        return training.program.predict(training.state, training.settings, self._data, rows)

    def _fill(
        self, free: list[int], ask: Ask, end: End, jobs: queue.SimpleQueue[Running | None]
    ) -> tuple[list[int], int]:
        """Ask for a trial for each free place; return the places that stay free, and how many began."""
        left: list[int] = []
        for place in free:
            while (trial := ask(place)) is not None:
                try:
                    training = self._load(trial)
                except (tf.errors.OpError, MemoryError, ValueError) as error:
                    end(Outcome(trial.number, FAILED, reason_of(error)))
                    continue
                parameters = self._lstm.parameters(trial.values)
                judge = Judge(trial, self.patience)
                jobs.put(Running(trial, place, training, parameters, judge, epoch=trial.first_epoch))
                break
            else:
                left.append(place)
        return left, len(free) - len(left)

    def _load(self, trial: Trial) -> Training:
        values, windows = trial.values, self.windows
        profile: Profile = self._lstm.profile(values)
        shape = Shape(
            units=profile.units,
            batch_size=int(values["batch_size"]),
            lookback=int(values.get("lookback", windows.lookback)),
            horizon=windows.horizon,
            inputs=windows.input_shape[1],
            targets=windows.output_shape[1],
            loss=self._lstm.loss,
            dropout=values["dropout"] > 0,
            dtype=self.dtype,
        )
        epochs = trial.epochs - trial.first_epoch
        program = self._planner.program_for(shape, epochs * training_steps(windows, shape.batch_size))
        return Training(trial, profile, program, self._lstm, windows, self._data)

    def _take(self, one: Running, result: Any, report: Report, end: End) -> bool:
        """Report what an epoch gave; return whether the trial goes on, or end it."""
        if isinstance(result, BaseException):
            if not isinstance(result, tf.errors.OpError | MemoryError):
                raise result
            one.judge.status, one.judge.reason = FAILED, reason_of(result)
        else:
            loss, val_loss, secs = result
            one.epoch += 1
            rate = float(one.trial.values["learning_rate"])
            go_on = report(Epoch(one.trial.number, one.epoch, loss, val_loss, rate, secs))
            if one.judge.sees(one.epoch, loss, val_loss, go_on):
                one.best_weights = one.training.weights()
        if not one.judge.status:
            return True
        end(
            Outcome(
                number=one.trial.number,
                status=one.judge.status,
                reason=one.judge.reason,
                weights=one.best_weights,
                best_epoch=one.judge.best_epoch,
                best_val_loss=one.judge.best_val_loss,
                parameters=one.parameters,
                state=one.training.full_state() if one.trial.keep_state else None,
                units=one.training.profile.units,
            )
        )
        return False


def _work(
    jobs: queue.SimpleQueue[Running | None],
    done: queue.SimpleQueue[tuple[Running, Any]],
    stopping: threading.Event,
) -> None:
    """Train epochs until told to end; whatever goes wrong is handed to the caller's thread."""
    while (one := jobs.get()) is not None:
        try:
            result: Any = one.training.epoch(one.epoch + 1, stopping)
        except BaseException as error:
            result = error
        if result is not None:
            done.put((one, result))


def _next(done: queue.SimpleQueue[tuple[Running, Any]]) -> tuple[Running, Any]:
    # A wait without an end would not hear Ctrl-C: polars has system calls go on after it.
    while True:
        try:
            return done.get(timeout=LOOK_SECS)
        except queue.Empty:
            continue
