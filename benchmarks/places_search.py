"""Searches on many places: real schedule, algorithm, rules, store and watchers around made-up trials.

What is told is the share of busy places, in virtual time, and the CPU that the process itself takes for a
trial, by its parts: of the thread that calls the engine, and of the one that tells store and watchers. What
the made-up trials take is no part of it, and nothing is measured of them: there are no trained weights.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from places_engine import Places

SOURCE = "synthetic:narma10,rows=12000"
"""Long enough for 30 epochs a trial, of which the third is the first rung and the patience."""
OTHERS = "search"


@dataclass
class Searched:
    """What a search gave.

    Args:
        busy: share of the places' time, until the last trial was begun.
        idle: seconds of all places until then in which they were not, by why.
        secs: virtual seconds of the search.
        cpu: milliseconds a trial by part.
        quarters: milliseconds a trial in each quarter of the trials.
        values: of each trial, by number.
        ends: of each trial its status, best epoch and loss, by number.
    """

    busy: float
    idle: dict[str, float]
    secs: float
    cpu: dict[str, float]
    quarters: list[float]
    values: list[dict[str, Any]]
    ends: list[tuple[str, int, float]]


class Clock:
    """CPU seconds of threads by part; a part that calls another one is not charged for it."""

    def __init__(self) -> None:
        self.secs: defaultdict[str, float] = defaultdict(float)
        self._of = threading.local()

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return `function` with its CPU charged to `part`."""

        def call(*given: Any, **more: Any) -> Any:
            with self.charging(part):
                return function(*given, **more)

        return call

    @contextmanager
    def charging(self, part: str) -> Iterator[None]:
        """Charge the CPU of the body to `part`; to "" is to none."""
        outer = getattr(self._of, "part", "")
        self._switch(part)
        try:
            yield
        finally:
            self._switch(outer)

    def all(self) -> float:
        """Return the seconds of all parts."""
        return sum(secs for part, secs in [*self.secs.items()] if part)

    def _switch(self, part: str) -> None:
        now = time.thread_time()
        self.secs[getattr(self._of, "part", "")] += now - getattr(self._of, "since", now)
        self._of.part, self._of.since = part, now


def searched(
    algorithm: str, places: int, trials: int, halving: bool, seed: int = 0, a_place: int | None = None
) -> dict[str, Any]:
    """Search in a folder that is removed; return the fields of a `Searched`, for another process."""
    with tempfile.TemporaryDirectory() as folder:
        return asdict(search(Path(folder) / "run", algorithm, places, trials, halving, seed, a_place))


def search(
    folder: Path,
    algorithm: str,
    places: int,
    trials: int,
    halving: bool,
    seed: int = 0,
    a_place: int | None = None,
) -> Searched:
    """Search so many trials on so many places.

    Args:
        folder: of the run.
        algorithm: its name.
        places: trials that are trained at once.
        trials: in all.
        halving: whether trials end early.
        seed: of the search.
        a_place: trials under way for each place; None is as the product has it.
    """
    from narrows.tuning.job import Job
    from narrows.tuning.progress.base import Progress
    from narrows.tuning.runs.start import started
    from narrows.tuning.search import Search

    clock, marks = Clock(), [0.0]

    class Marks(Progress):
        """Notes the CPU of all parts when each trial has ended."""

        def ended(self, trial: Any, outcome: Any) -> None:
            super().ended(trial, outcome)
            marks.append(clock.all())

    job = Job(SOURCE, space={}, algorithm=algorithm, trials=trials, halving=halving, confirm=False, seed=seed)
    prepared, display = job.prepare(), Marks()
    with (
        _untrained(places),
        started(folder, job.describe(prepared), prepared.series) as run,
        closing(Search(job, prepared, run, display)) as one,
    ):
        display.start(run, trials)
        _watch(one, clock)
        engine: Any = one.engine
        if a_place is not None:
            engine.under_way_a_place = a_place
        given = [clock.timed(OTHERS, call) for call in (one.ask, one.report, one.end)]
        with clock.charging(""):
            engine.train(*given)
        one.telling.wait()
        ended = run.trials
    quarters = [marks[len(marks) * quarter // 4 - (quarter > 0)] for quarter in range(5)]
    return Searched(
        busy=engine.busy(),
        idle=engine.idle_secs(),
        secs=max(engine.ended.values()),
        cpu={part: 1e3 * secs / trials for part, secs in sorted(clock.secs.items()) if part},
        quarters=[4e3 * (b - a) / trials for a, b in pairwise(quarters)],
        values=[dict(trial.values) for trial in ended],
        ends=[(str(trial.status), trial.best_epoch, trial.best_val_loss or 0.0) for trial in ended],
    )


@contextmanager
def _untrained(places: int) -> Iterator[None]:
    """Let searches have made-up trials, of which nothing is measured."""
    from narrows.tuning import engines
    from narrows.tuning.watchers.measures import Measures

    made, measures = engines.make, Measures.__dict__["of"]
    engines.make = lambda name, *rest: Places(*rest, places=places)
    Measures.of = classmethod(lambda kind, start: None)  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        engines.make = made
        Measures.of = measures  # type: ignore[method-assign]


def _watch(one: Any, clock: Clock) -> None:
    """Charge what a search does to its parts."""

    def charge(part: str, of: Any, *names: str) -> None:
        for name in names:
            setattr(of, name, clock.timed(part, getattr(of, name)))

    charge("schedule and algorithm", one.schedule, "next", "ended", "state", "goes_on")
    charge("rules", one.rules, "judge")
    charge("states", one.states, "keep", "save")
    charge("states", one, "_tidy")
    charge(OTHERS, one, "_judged")
    for watcher in one._watchers:
        charge(f"watcher {type(watcher).__name__}", watcher, "began", "epoch", "ended")
    charge("store", one.telling, "_tell_epochs")
    later = one.telling.later
    # What a thread does beside watchers and states is the store's, the end of transactions too.
    one.telling.later = lambda what: later(partial(clock.timed("store", what)))
