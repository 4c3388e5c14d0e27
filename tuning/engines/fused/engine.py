"""The `fused` engine: a thread for each core, each training its trial an epoch at a time.

The caller's thread plans, loads, reports and ends; a worker only runs programs, during which Python's
lock is free. Programs are shared by the workers. A trial's numbers do not depend on the others: trials
share nothing but compiled code.

It trains on the CPU, also where a GPU is visible: a program is made of very many small steps one after the
other, which a GPU does no faster, and its numbers are the same on every machine, to rounding.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import keras
import numpy as np
import tensorflow as tf

from ....search_spaces.machine import cores
from ....search_spaces.trial import GO_ON, Decision, Epoch, Outcome, Proposal, Status
from ...series.epoch_rows import training_steps
from .._waiting import MOST_A_PLACE, Waiting
from ..base import Ask, End, Engine, Judge, Report, Start, Task, reason_of
from .kept_programs import kept_programs
from .planner import Planner, own_shape, wanted
from .program import DEVICE, Program, Shape, resident
from .shared import program
from .training import Training

if TYPE_CHECKING:
    from ....search_spaces.profile import Profile
    from ....search_spaces.space import Space
    from ....search_spaces.stacked_lstm import StackedLSTM
    from ...series.windows import Windows

LOOK_SECS = 0.2
"""How often a waiting search looks whether the user pressed Ctrl-C."""


@dataclass
class Running:
    """A trial in training, and what is known of it so far."""

    task: Task
    training: Training
    parameters: int
    judge: Judge
    epoch: int = 0


Done = queue.SimpleQueue[tuple[Running, Any] | int | None]
"""What the workers did; else the number of a trial to ask about, or None, which only wakes who listens."""


class FusedEngine(Engine):
    """Trains stacked LSTMs in compiled programs, as many at once as there are cores."""

    most_a_place = MOST_A_PLACE

    def __init__(self, space: Space, windows: Windows, callbacks: Any = None, cache: bool = False) -> None:
        super().__init__(space, windows, callbacks, cache)
        if self.refuses(space, callbacks):
            raise TypeError(self.refuses(space, callbacks))
        self.places = cores()
        self.dtype = "float32"
        self._lstm = cast("StackedLSTM", space)
        self._planner = Planner()
        self._programs: dict[Shape, Program] = {}
        self._start = Start(space, windows)
        self._done: Done = queue.SimpleQueue()
        # Before anything is computed.
        self._kept = kept_programs() if cache else None
        self._data = resident(windows.data)
        if tf.config.get_visible_devices("GPU"):
            self.remark = (
                "a GPU is visible and not used: the fused engine trains on the CPU, since its programs are "
                "made of many small steps; the keras engine would train on the GPU"
            )

    @classmethod
    def refuses(cls, space: Space, callbacks: Any = None) -> str:
        """Return why this engine cannot train `space` so; see `Engine.refuses`."""
        if not space.is_stack:
            return "the fused engine trains StackedLSTM spaces only"
        if callbacks:
            return "the fused engine knows no Keras callbacks"
        others = {keras.config.floatx(), keras.config.dtype_policy().name} - {"float32"}
        if others:
            return f"the fused engine computes in float32, and Keras is set to {' and '.join(sorted(others))}"
        return ""

    @property
    def origins(self) -> Counter[str]:
        """How many functions of its programs were `compiled`, and how many `loaded`, until now."""
        return sum((program.origins for program in self._programs.values()), Counter())

    def recall(self, begun: Sequence[Proposal]) -> None:
        """Plan the programs of trials that an earlier process began; see `Engine.recall`."""
        for one in begun:
            self._plan(one)

    def planned(self, task: Task) -> Task:
        """Return `task` with the shape of its program; see `Engine.planned`."""
        return replace(task, plan=self._plan(task))

    def wake(self, number: int | None = None) -> None:
        """Have `train` ask again; see `Engine.wake`."""
        self._done.put(number)

    def follow(self, newest: Engine) -> None:
        """Train trials in the programs that they have on the newest fold; see `Engine.follow`."""
        assert isinstance(newest, FusedEngine)
        self._planner = newest._planner

    def train(self, ask: Ask, report: Report, end: End) -> None:
        """Train what `ask` gives, one trial a core; see `Engine.train`."""
        jobs: queue.SimpleQueue[Running | None] = queue.SimpleQueue()
        done = self._done = queue.SimpleQueue()
        stopping = threading.Event()
        workers = [
            threading.Thread(target=_work, args=(jobs, done, stopping), daemon=True)
            for _ in range(self.places)
        ]
        for worker in workers:
            worker.start()
        under_way, waiting = 0, Waiting[Running]()
        try:
            while True:
                # While trials wait, others are begun, so that no core is idle.
                most = min(self.places + len(waiting), self.most_a_place * self.places)
                while under_way < most and (one := self._begin(ask, report, end)):
                    jobs.put(one)
                    under_way += 1
                if not under_way:
                    return
                heard = _next(done)
                if isinstance(heard, int):
                    waiting.wake(heard)
                elif heard is not None:
                    one, result = heard
                    waiting.add(one.task.number, one, self._take(one, result, report))
                for one, decision in waiting.decided():
                    one.judge.obeys(decision)
                    if one.judge.status is None:
                        jobs.put(one)
                    else:
                        under_way -= 1
                        self._end(one, end)
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
        task = Task(0, values, epochs=0, state=weights)
        with tf.device(DEVICE):
            # Not in a program that others happen to have left: the numbers are of this trial alone.
            training = self._load(task, own_shape(self._wanted(task)))
            return training.program.predict(training.state, training.settings, self._data, rows)

    def _begin(self, ask: Ask, report: Report, end: End) -> Running | None:
        """Ask for a trial; return it ready to be trained, None when there is nothing for now."""
        while (task := ask()) is not None:
            try:
                training = self._load(task, self._plan(task))
            except (tf.errors.OpError, MemoryError, ValueError) as error:
                end(Outcome(task.number, Status.FAILED, reason_of(error)))
                continue
            parameters = self._lstm.parameters(task.values) or 0
            one = Running(task, training, parameters, Judge(task), epoch=task.first_epoch)
            if start := self._start.epoch(task):
                one.judge.sees(start, training.initial)
                one.judge.obeys(report(start))
            if one.judge.status is None:
                return one
            end(_outcome(one))
        return None

    def _plan(self, one: Proposal) -> Shape:
        shape, epochs = self._wanted(one), one.epochs - one.first_epoch
        if isinstance(one, Task) and one.plan is not None:
            return self._planner.decided(one.number, shape, one.plan)
        steps = epochs * training_steps(self.windows, shape.batch_size)
        return self._planner.shape_for(one.number, shape, steps)

    def _wanted(self, one: Proposal) -> Shape:
        return wanted(one.values, self._lstm, self.windows, self.dtype)

    def _load(self, task: Task, shape: Shape) -> Training:
        if shape not in self._programs:
            self._programs[shape] = program(shape, int(self._data.shape[0]), self._kept)
        profile = cast("Profile", self._lstm.profile(task.values))
        with tf.device(DEVICE):
            return Training(task, profile, self._programs[shape], self._lstm, self.windows, self._data)

    def _take(self, one: Running, result: Any, report: Report) -> Decision:
        """Report what an epoch gave; return whether the trial goes on."""
        judge = one.judge
        if isinstance(result, BaseException):
            if not isinstance(result, tf.errors.OpError | MemoryError):
                raise result
            judge.fails(reason_of(result))
            return GO_ON
        one.epoch += 1
        rate = one.training.rate() if self._lstm.decay_steps else float(one.task.values["learning_rate"])
        epoch = Epoch(one.task.number, one.epoch, result[0], result[1], rate, result[2])
        judge.sees(epoch, one.training.weights)
        return report(judge.told(epoch, one.training.full_state))

    def _end(self, one: Running, end: End) -> None:
        end(_outcome(one))


def _outcome(one: Running) -> Outcome:
    """Return how a training ended that its judge let go on no further."""
    judge = one.judge
    assert judge.status is not None
    return Outcome(
        number=one.task.number,
        status=judge.status,
        reason=judge.reason,
        weights=judge.best_weights,
        best_epoch=judge.best_epoch,
        best_val_loss=judge.best_val_loss,
        parameters=one.parameters,
        state=one.training.full_state() if judge.keeps_state else None,
        units=one.training.profile.units,
    )


def _work(
    jobs: queue.SimpleQueue[Running | None],
    done: Done,
    stopping: threading.Event,
) -> None:
    """Train epochs until told to end; whatever goes wrong is handed to the caller's thread."""
    while (one := jobs.get()) is not None:
        try:
            with tf.device(DEVICE):
                result: Any = one.training.epoch(one.epoch + 1, stopping)
        except BaseException as error:
            result = error
        if result is not None:
            done.put((one, result))


def _next(done: Done) -> tuple[Running, Any] | int | None:
    # A wait without an end would not hear Ctrl-C: polars has system calls go on after it.
    try:
        return done.get(timeout=LOOK_SECS)
    except queue.Empty:
        return None
