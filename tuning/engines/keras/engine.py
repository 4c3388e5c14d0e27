"""The `keras` engine: plain `model.fit`, a trial on each core, each in a child process.

Python runs one thread at a time and a Keras training is mostly Python, so only processes use all
cores; and only the end of a process gives back all the memory that TensorFlow took for its trials.
Trials are trained in this process, one after the other, on a GPU, since processes that share one get
in each other's way, and when the space cannot be brought into another process.
"""

from __future__ import annotations

import os
import queue
import time
import warnings
import weakref
from collections.abc import Mapping, Sequence
from functools import partial
from multiprocessing.connection import wait
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ....search_spaces.errors import UserError
from ....search_spaces.machine import cores, memory
from ....search_spaces.space import Space
from ....search_spaces.trial import Decision, Epoch, Outcome, Status
from ...series.windows import Windows
from .._waiting import Waiting
from ..base import Ask, End, Engine, Report, Task, reason_of
from .child import CannotLoadError, packed
from .process import ChildProcess
from .training import Training

LOOK_SECS = 0.2
"""How often a waiting search looks whether the user pressed Ctrl-C."""

TRIALS_A_CHILD = 16
"""Trials after which a child is replaced. Tiny trials (two layers, two epochs), one after the other in
one process: it held 716 MB before the first and 868, 980, 1178 and 1600 MB after 5, 10, 20 and 40, in
spite of `clear_session`; the first 10 took 2.9 s each, the last 10 4.5 s. A new child costs some 5 s."""

CHILD_BYTES = 2**30
"""What a child needs, at most about, for a small model."""


class KerasEngine(Engine):
    """Trains with `keras.Model.fit`, as many trials at once as there are cores."""

    def __init__(self, space: Space, windows: Windows, callbacks: Any = None, cache: bool = False) -> None:
        super().__init__(space, windows, callbacks, cache)
        self._training = Training(space, windows, callbacks)
        self._in_children = not tf.config.get_visible_devices("GPU")
        self.places = _places() if self._in_children else 1
        if not self._in_children:
            self.device = "GPU"
            self.remark = "a GPU is visible: the keras engine trains on it, one trial after the other"
        self._setup = b""
        self._children: dict[int, ChildProcess] = {}
        self._waiting = Waiting[ChildProcess]()
        self._left: list[Task] = []
        self._woken: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        weakref.finalize(self, _end_all, self._children)

    def train(self, ask: Ask, report: Report, end: End) -> None:
        """Train what `ask` gives, one trial a core; see `Engine.train`.

        Children that are left without a trial wait for the next call, or for `close`.

        Raises:
            UserError: when Keras was told to cut every training short.
        """
        _refuse_cut_trainings()
        self._waiting, self._left = Waiting(), []
        if self._in_children and not self._setup:
            self._pack()
        try:
            while self._fill(ask, report, end):
                self._listen(report, end)
        except BaseException:
            self.close()
            raise

    def predict(
        self, values: Mapping[str, Any], weights: Sequence[np.ndarray], rows: np.ndarray
    ) -> np.ndarray:
        """Return scaled forecasts, float32 (windows, horizon, targets); see `Engine.predict`."""
        return self._training.predict(values, weights, rows)

    def wake(self, number: int | None = None) -> None:
        """Have `train` ask again; see `Engine.wake`."""
        self._woken.put(number)

    def close(self) -> None:
        """End all children; see `Engine.close`. Also done when the engine, or this process, ends."""
        _end_all(self._children)

    def _pack(self) -> None:
        if os.name != "posix":
            self._leave_children("processes to train in are started on Linux and macOS only")
            return
        try:
            self._setup = packed(self.space, self.windows, self.callbacks)
        except Exception as error:
            # Any class: pickling runs the code of whatever the user's space holds.
            self._leave_children(f"the space cannot be brought into another one ({reason_of(error)})")

    def _fill(self, ask: Ask, report: Report, end: End) -> bool:
        """Ask for a trial for each free place; return whether one is in training."""
        if not self._in_children and any(self._busy(place) for place in self._children):
            return True  # Of what is trained here one waits for the other, so lower numbers end before.
        for place in range(self.places):
            while not self._busy(place) and (task := self._next(ask)) is not None:
                if self._in_children:
                    self._child(place).take(task)
                else:
                    end(self._training.train(task, partial(_decided, report)))
        return any(self._busy(place) for place in self._children)

    def _next(self, ask: Ask) -> Task | None:
        return self._left.pop(0) if self._left else ask()

    def _busy(self, place: int) -> bool:
        return place in self._children and self._children[place].task is not None

    def _child(self, place: int) -> ChildProcess:
        """The child of a free place: the one that is there, or a new one."""
        child = self._children.get(place)
        if child is None or not child.alive or child.trained >= TRIALS_A_CHILD:
            self._drop(place)
            child = self._children[place] = ChildProcess(self._setup)
        return child

    def _drop(self, place: int) -> None:
        if place in self._children:
            self._children.pop(place).end()

    def _listen(self, report: Report, end: End) -> None:
        """Do what children say until one of them ended its trial, or until woken."""
        ended = False
        while not ended:
            busy = {place: child.connection for place, child in self._children.items() if self._busy(place)}
            began = time.monotonic()
            ready = wait(list(busy.values()), LOOK_SECS)
            # Not more: while this process was stopped, too, nothing could be heard.
            waited = min(time.monotonic() - began, LOOK_SECS)
            for place in [place for place, connection in busy.items() if connection not in ready]:
                self._children[place].unheard(waited)
            for place in [place for place, connection in busy.items() if connection in ready]:
                ended |= self._hear(place, report, end)
            while not self._woken.empty():
                ended = True
                if (number := self._woken.get()) is not None:
                    self._waiting.wake(number)
            for child, decision in self._waiting.decided():
                child.answer(decision)

    def _hear(self, place: int, report: Report, end: End) -> bool:
        """Do what the child of `place` says; return whether its trial ended."""
        child = self._children[place]
        assert child.task is not None
        try:
            said = child.hear()
        except EOFError:
            said = Outcome(child.task.number, Status.FAILED, child.why_dead())
        if said is None:
            return False
        if isinstance(said, Epoch):
            self._waiting.add(said.number, child, report(said))
            return False
        if isinstance(said, CannotLoadError):
            self._leave_children(f"the space cannot be brought into another one ({said})")
            self._left = sorted([*self._left, child.task], key=lambda task: task.number)
            child.ended()
            return True
        if isinstance(said, BaseException):
            raise said
        self._waiting.drop(child.task.number)  # a child may die while its trial waits
        child.ended()
        end(said)
        return True

    def _leave_children(self, reason: str) -> None:
        if self._in_children:
            warnings.warn(f"trials are trained one after the other in this process: {reason}", stacklevel=2)
        self._in_children, self.places = False, 1


def _decided(report: Report, epoch: Epoch) -> Decision:
    """Return what `report` answers once that is known: here, as all lower numbers have ended, at once."""
    decision = report(epoch)
    while decision.again is not None:
        time.sleep(LOOK_SECS)
        decision = decision.again()
    return decision


def _refuse_cut_trainings() -> None:
    cuts = {
        "KERAS_MAX_EPOCHS": keras.config.max_epochs(),
        "KERAS_MAX_STEPS_PER_EPOCH": keras.config.max_steps_per_epoch(),
    }
    for name, most in cuts.items():
        if most is not None:
            raise UserError(
                f"{name} is set to {most}, which cuts every training of Keras short: unset it; a search is "
                "made shorter by fewer epochs or trials"
            )


def _places() -> int:
    if os.name != "posix":
        return 1
    return max(1, min(cores(), memory() // CHILD_BYTES))


def _end_all(children: dict[int, ChildProcess]) -> None:
    while children:
        children.popitem()[1].end()
