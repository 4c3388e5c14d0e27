"""Replays of recorded learning curves: how long a search would have taken, and what it would have found.

Time is the recorded seconds; programs that would be compiled are not counted. Stopping rules, waiting,
Hyperband and the order in which results are told are those of the package: only the training is replayed.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ending_curves import Curve

from narrows.search_spaces.trial import GO_ON, Decision, Epoch, Status, Trial
from narrows.tuning.engines._waiting import MOST_A_PLACE, Waiting


@dataclass
class Ride:
    """A trial on its way along a curve.

    Args:
        trial: as it stands.
        curve: of its losses.
        epoch: the newest.
    """

    trial: Trial
    curve: Curve
    epoch: int


class Policy:
    """Trains all curves to their ends, in turn; a policy overrides what it does otherwise.

    Args:
        curves: of the search, by number.
        epochs: most of a trial.
    """

    def __init__(self, curves: Sequence[Curve], epochs: int) -> None:
        self.curves, self.epochs = curves, epochs
        self._next = iter(range(len(curves)))

    def ask(self) -> Ride | None:
        """Return what is trained next; None is nothing for now, or for ever when nothing is in training."""
        number = next(self._next, None)
        return None if number is None else self.ride(number, number)

    def ride(self, number: int, curve: int, first: int = 0, last: int | None = None) -> Ride:
        """Return a trial that begins after the epoch `first` of a curve and ends at `last`."""
        one = self.curves[curve]
        return Ride(Trial(number, one.values, epochs=last or self.epochs), one, first)

    def judge(self, trial: Trial, epoch: Epoch, training: dict[int, Trial]) -> Decision:
        """Return whether a trial goes on, as a stopping rule does."""
        return GO_ON

    def end(self, trial: Trial) -> None:
        """Take a trial that ended."""


@dataclass(frozen=True)
class Replayed:
    """What a replay gave.

    Args:
        secs: until the last trial ended.
        found: (seconds, loss) of each epoch, in the order of time.
    """

    secs: float
    found: list[tuple[float, float]]

    @property
    def best(self) -> float:
        """The best loss found."""
        return min((loss for _, loss in self.found if math.isfinite(loss)), default=math.inf)

    def secs_to(self, loss: float) -> float:
        """Seconds until a loss this small was found; infinity is never."""
        return next((at for at, one in self.found if one <= loss), math.inf)


def replay(policy: Policy, places: int = 2, under_way: int = MOST_A_PLACE) -> Replayed:
    """Return what a search would have given whose trials are trained on so many places.

    Args:
        policy: what it does.
        places: trials that are trained at once.
        under_way: trials a place that may have begun, those that wait included.
    """
    now = 0.0
    found: list[tuple[float, float]] = []
    queue: list[tuple[float, int, Ride]] = []
    ready: deque[Ride] = deque()
    training: dict[int, Trial] = {}
    waiting = Waiting[Ride]()
    while True:
        while len(queue) < places:
            if not ready and len(training) < under_way * places and (new := policy.ask()) is not None:
                training[new.trial.number] = new.trial
                ready.append(new)
            if not ready:
                break
            ride = ready.popleft()
            heapq.heappush(queue, (now + ride.curve.epoch_secs, ride.trial.number, ride))
        if not queue:
            return Replayed(now, found)
        now, number, ride = heapq.heappop(queue)
        ride.epoch += 1
        loss = ride.curve.losses[ride.epoch - 1]
        found.append((now, loss))
        epoch = Epoch(number, ride.epoch, loss, loss, 0.0, ride.curve.epoch_secs)
        ride.trial = training[number] = ride.trial.after(epoch)
        goes_on = epoch.finite and ride.epoch < min(ride.trial.epochs, len(ride.curve.losses))
        ends = Decision(Status.COMPLETED if epoch.finite else Status.FAILED)
        waiting.add(number, ride, policy.judge(ride.trial, epoch, training) if goes_on else ends)
        for each, decision in waiting.decided():
            if decision.ends is None:
                ready.append(each)
            else:
                policy.end(replace(training.pop(each.trial.number), status=decision.ends))


def orders(curves: Sequence[Curve], count: int, times: int) -> Iterator[list[Curve]]:
    """Yield `times` random searches of `count` curves, always the same ones."""
    import numpy as np

    for seed in range(times):
        chosen = np.random.default_rng(seed).permutation(len(curves))[:count]
        yield [curves[one] for one in chosen]
