"""A worker: the process on a node that trains trials, with the engine that would train them here.

It runs ahead: an epoch is told to the driver with others, in a while, as long as the trial goes on whatever
is answered (`Decision.sure`); only where the driver has to decide does the trial wait, and the engine trains
another one meanwhile, if it was given one. So messages are few: some for each trial, not some for each epoch.

Everything a trial comes to is a function of what the driver gave. Where a worker is lost, another one trains
its trials again from where they were known to stand, and hears the same answers at the same epochs.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ...search_spaces.quiet import load_tensorflow
from ...search_spaces.trial import GO_ON, Decision, Epoch, Outcome, Status, Trial

if TYPE_CHECKING:
    from ..engines._setup import Setup
    from ..engines.base import Engine, Task
    from ..models.samples import Samples

BEAT_SECS = 20.0
"""A worker with nothing to say says so, at least so often."""


@dataclass(frozen=True)
class Given:
    """A trial to train.

    Args:
        task: the trial.
        setup: names what it is trained with.
        at: where that is, as `Worker` finds it.
    """

    task: Task
    setup: str
    at: Any


@dataclass(frozen=True)
class Answer:
    """What the driver answered to an epoch of a trial.

    Args:
        number: of the trial.
        epoch: that it is the answer to.
        decision: known; where it ends the trial, it does so after that epoch, or the next one to come.
    """

    number: int
    epoch: int
    decision: Decision

    def at(self, epoch: int) -> Decision | None:
        """Return what it says of an epoch; None where it says nothing of it."""
        if self.decision.ends is not None and epoch >= self.epoch:
            return self.decision
        return GO_ON if epoch <= max(self.epoch, self.decision.sure) else None


@dataclass(frozen=True)
class Fault:
    """What ended the worker's engine: an error that is no trial's.

    Args:
        error: from `portable`.
        unmade: whether the engine could not be made, as without a module of the user's.
    """

    error: bytes
    unmade: bool


Message = Given | Answer
Event = Epoch | Outcome | Fault


class Worker:
    """Trains what it is given; `hear` and `tell` may be called while it does.

    Args:
        cores: trials that it trains at once.
        find: returns the `Setup` that is at a place, see `Given`.
    """

    def __init__(self, cores: int, find: Callable[[Any], Setup]) -> None:
        self._cores, self._find = cores, find
        self._changed = threading.Condition()
        self._given: deque[Given] = deque()
        self._answers: dict[int, Answer] = {}
        self._tasks: dict[int, Task] = {}
        self._events: list[Event] = []
        self._urgent, self._oldest = True, 0.0  # the first time, to say that it has begun
        self._engines: dict[str, tuple[Engine, Samples]] = {}
        self._engine: Engine | None = None
        # What a node cannot load ends the worker before it is given a trial.
        load_tensorflow()
        importlib.import_module("..models.measuring", __package__)
        threading.Thread(target=self._work, daemon=True).start()

    def tell(self, messages: Sequence[Message]) -> None:
        """Take what the driver says."""
        numbers: list[int | None] = [one.number for one in messages if isinstance(one, Answer)]
        with self._changed:
            for one in messages:
                if isinstance(one, Given):
                    self._given.append(one)
                    self._answers.pop(one.task.number, None)  # of another trial that had this number
                elif one.number not in self._answers or self._answers[one.number].epoch <= one.epoch:
                    self._answers[one.number] = one
            self._changed.notify_all()
            if self._engine is not None:
                for number in numbers or [None]:
                    self._engine.wake(number)

    def hear(self, messages: Sequence[Message], patience: float) -> list[Event]:
        """Take what the driver says, and return what there is to tell as soon as there is something.

        Args:
            messages: as for `tell`.
            patience: seconds that an epoch may wait to be told which no trial waits for.
        """
        self.tell(messages)
        ends = time.monotonic() + BEAT_SECS
        with self._changed:
            while not self._urgent and (left := self._due(ends, patience) - time.monotonic()) > 0:
                self._changed.wait(left)
            events, self._events, self._urgent = self._events, [], False
        return events

    def _due(self, ends: float, patience: float) -> float:
        return min(ends, self._oldest + patience) if self._events else ends

    def _say(self, event: Event, *, urgent: bool) -> None:
        with self._changed:
            if not self._events:
                self._oldest = time.monotonic()
            self._events.append(event)
            self._urgent |= urgent
            self._changed.notify_all()

    def _work(self) -> None:
        from ..engines._portable import portable
        from ..models.measuring import one_thread

        unmade = False
        try:
            with one_thread():
                while True:
                    with self._changed:
                        self._changed.wait_for(lambda: self._given)
                        first = self._given[0]
                    unmade = True
                    self._engine, samples = self._engine_of(first)
                    unmade = False
                    self._engine.train(
                        partial(self._ask, first.setup), self._report, partial(self._end, samples)
                    )
        except BaseException as error:
            self._say(Fault(portable(error), unmade), urgent=True)

    def _engine_of(self, given: Given) -> tuple[Engine, Samples]:
        from ..models.samples import Samples

        if given.setup not in self._engines:
            setup = self._find(given.at)
            engine = setup.engine()
            for one in (engine, *engine.folds):
                one.places = self._cores
            self._engines[given.setup] = engine, Samples(engine.windows, setup.loss)
        return self._engines[given.setup]

    def _ask(self, setup: str) -> Task | None:
        with self._changed:
            if not self._given or self._given[0].setup != setup:
                return None
            task = self._given.popleft().task
            self._tasks[task.number] = task
            return task

    def _report(self, epoch: Epoch) -> Decision:
        ends = not epoch.finite or epoch.epoch >= self._tasks[epoch.number].epochs
        decision = GO_ON if ends else self._answer(epoch)
        self._say(epoch, urgent=decision.again is not None)
        return decision

    def _answer(self, epoch: Epoch) -> Decision:
        """Return what is known of how a trial goes on after an epoch."""
        known = self._answers.get(epoch.number)
        decision = None if known is None else known.at(epoch.epoch)
        if decision is not None:
            return decision
        return Decision(again=partial(self._answer, epoch), behind=epoch.number)

    def _end(self, samples: Samples, outcome: Outcome) -> None:
        task = self._tasks.pop(outcome.number)
        self._answers.pop(outcome.number, None)
        assert self._engine is not None
        readable = self._engine.space.is_stack or outcome.states is not None
        if task.measure and readable and outcome.status != Status.FAILED:
            outcome = replace(outcome, narrowing=_measures(task, outcome, samples))
        self._say(replace(outcome, states=None), urgent=True)


def _measures(task: Task, outcome: Outcome, samples: Samples) -> str:
    """Return what was measured of a trial, as the store keeps it."""
    from ..models.measuring import measured

    trial = Trial(task.number, task.values, task.epochs, best_epoch=outcome.best_epoch)
    trial = replace(trial, parameters=outcome.parameters)
    return measured(trial, outcome.weights, samples, states=outcome.states)
