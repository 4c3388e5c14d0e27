"""Trials that are made up, and an engine that trains them on many places in virtual time.

The engine keeps the contract of `engines/base.py` as the fused engine does: it begins others while trials
wait, at most `MOST_A_PLACE` a place, and a place takes the trial that has waited longest for one. Time is
that of one queue of events; nothing is trained and nobody waits.

A trial's seconds for all its epochs are log-normal, median 60, sigma .6: about as much as the stacks of the
default space differ on one core (.67 for 1 to 3 layers of 4 to 64 units, by the milliseconds a step measured
for 8, 32 and 64). Its losses fall to one that its hyperparameters decide (`true_loss`), with noise. All of it
is a function of its values and its seed.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from narrows.search_spaces.trial import Decision, Epoch, Outcome, Status
from narrows.tuning.engines._waiting import MOST_A_PLACE, Waiting
from narrows.tuning.engines.base import Ask, End, Engine, Judge, Report, Task

MEDIAN_SECS, SIGMA = 60.0, 0.6
SEED_NOISE, EPOCH_NOISE = 0.03, 0.01
"""Standard deviations of the logarithm of a loss: what another seed changes, and another epoch."""


def true_loss(values: Mapping[str, Any]) -> float:
    """Return the loss that a stack of the default space would have without noise; the least is about 0.1."""
    layers = int(values["num_layers"])
    units = [math.log2(int(values[f"units_{layer}"])) for layer in range(1, layers + 1)]
    # Deeper stacks want a smaller learning rate, so that hyperparameters are worth learning together.
    rate = math.log10(float(values["learning_rate"])) + 2.2 + 0.2 * (layers - 2)
    worse = 1.5 * rate**2 + 0.05 * (units[0] - 5) ** 2 + 0.02 * sum((one - 4) ** 2 for one in units[1:])
    worse += {1: 0.3, 2: 0.0}.get(layers, 0.1) + {0: 0.0, 8: 0.05, 4: 0.15}.get(
        values.get("bottleneck", 0), 0.4
    )
    return 0.1 * math.exp(worse + (0.2 if values.get("scaling") == "last" else 0.0))


class MadeUp:
    """A trial that is made up.

    Args:
        task: its values, seed and epochs.
    """

    def __init__(self, task: Task) -> None:
        rng = np.random.default_rng([task.seed, task.epochs])
        self.epoch_secs = MEDIAN_SECS * math.exp(SIGMA * rng.normal()) / task.epochs
        slowness = task.epochs / 8 * math.exp(0.3 * rng.normal())
        fall = 1 + 4 * np.exp(-np.arange(1, task.epochs + 1) / slowness)
        noise = SEED_NOISE * rng.normal() + EPOCH_NOISE * rng.normal(size=task.epochs)
        self.losses = (true_loss(task.values) * fall * np.exp(noise)).tolist()


@dataclass
class Running:
    """A trial in training, and what is known of it so far."""

    made_up: MadeUp
    judge: Judge
    weights: list[np.ndarray]
    epoch: int


class Places(Engine):
    """Trains trials that are made up on so many places, in virtual seconds.

    Attributes:
        begun: when each trial was begun, by number.
        ended: the seconds of the end of each trial, by number.
        idle: stretches as (from, to, idle places, why); why is `waiting` where trials wait and no more may be
            under way, and `asking` where there was nothing to begin.
    """

    under_way_a_place = MOST_A_PLACE

    def __init__(self, *given: Any, places: int) -> None:
        super().__init__(*given)
        self.places = places
        self.begun: dict[int, float] = {}
        self.ended: dict[int, float] = {}
        self.idle: list[tuple[float, float, int, str]] = []

    def train(self, ask: Ask, report: Report, end: End) -> None:
        """Train what `ask` gives; see `Engine.train`."""
        now = 0.0
        ready: deque[Running] = deque()
        training: list[tuple[float, int, Running]] = []
        waiting = Waiting[Running]()
        under_way = 0
        while True:
            most = min(self.places + len(waiting), self.under_way_a_place * self.places)
            while under_way < most and (task := ask()) is not None:
                self.begun[task.number] = now
                ready.append(self._running(task))
                under_way += 1
            if not under_way:
                return
            while ready and len(training) < self.places:
                one = ready.popleft()
                heapq.heappush(training, (now + one.made_up.epoch_secs, one.judge.task.number, one))
            before, (now, number, one) = now, heapq.heappop(training)
            if idle := self.places - 1 - len(training):
                self.idle.append((before, now, idle, "asking" if under_way < most else "waiting"))
            waiting.add(number, one, self._take(one, report))
            for each, decision in waiting.decided():
                each.judge.obeys(decision)
                if each.judge.status is None:
                    ready.append(each)
                    continue
                under_way -= 1
                self.ended[each.judge.task.number] = now
                end(_outcome(each))

    def busy(self) -> float:
        """Return the share of the places' time in which they trained, until the last trial was begun."""
        last = max(self.begun.values())
        return 1 - sum(self.idle_secs().values()) / (self.places * last) if last else 1.0

    def idle_secs(self) -> dict[str, float]:
        """Return the seconds of all places, until the last trial was begun, in which they did not, by why."""
        last = max(self.begun.values())
        found = {"asking": 0.0, "waiting": 0.0}
        for begin, end, idle, why in self.idle:
            found[why] += max(min(end, last) - begin, 0.0) * idle
        return found

    def predict(self, values: Any, weights: Any, rows: np.ndarray) -> np.ndarray:
        """Return zeros: there is no network."""
        return np.zeros((len(rows), *self.windows.output_shape), np.float32)

    def _running(self, task: Task) -> Running:
        weights = [np.zeros(self.space.parameters(task.values) or 0, np.float32)]
        return Running(MadeUp(task), Judge(task), weights, task.first_epoch)

    def _take(self, one: Running, report: Report) -> Decision:
        """Report an epoch; return whether the trial goes on."""
        one.epoch += 1
        loss, task = one.made_up.losses[one.epoch - 1], one.judge.task
        rate = float(task.values["learning_rate"])
        epoch = Epoch(task.number, one.epoch, loss, loss, rate, one.made_up.epoch_secs)
        one.judge.sees(epoch, lambda: one.weights)
        return report(one.judge.told(epoch, lambda: one.weights))


def _outcome(one: Running) -> Outcome:
    judge = one.judge
    return Outcome(
        number=judge.task.number,
        status=judge.status or Status.COMPLETED,
        reason=judge.reason,
        weights=judge.best_weights,
        best_epoch=judge.best_epoch,
        best_val_loss=judge.best_val_loss,
        state=one.weights if judge.keeps_state else None,
    )
