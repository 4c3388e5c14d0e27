"""Conduct one study: plan -> trainer -> plan ... -> measures -> `RecordedStudy`."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from ..algorithms.base import trial_seed
from ..runs.log import timed
from .grid import GRID
from .plan import wanted as wanted_by
from .question import Contender, Question
from .seen import Losses, Seen, Terms, Wanted

if TYPE_CHECKING:
    from .trainer import Trainer


class Shows(Protocol):
    """What is told of a study while it goes on."""

    def counted(self, done: int, wanted: int) -> None:
        """Called after each training: how many are done, of how many that are wanted so far."""


@dataclass(frozen=True)
class Conducted:
    """A study as far as it came.

    Args:
        seen: what it showed.
        measures: by contender, see `callbacks.studied.Arm`.
        stopped: why it is not complete; empty when it is.
    """

    seen: Seen
    measures: Mapping[int, Mapping[str, Any]]
    stopped: str = ""


class Study:
    """One study in the making.

    Args:
        terms: how it is done.
        values: hyperparameters that all its networks share.
        trainers: by the feature that is left out; empty for none.
        seed: of everything random.
    """

    def __init__(
        self, terms: Terms, values: Mapping[str, Any], trainers: Callable[[str], Trainer], seed: int
    ) -> None:
        self.terms, self.values, self.trainers, self.seed = terms, values, trainers, seed
        self.question: Question = terms.question

    def conduct(self, shows: Shows, until: float = math.inf) -> Conducted:
        """Train until the plan wants nothing more, or the time is up.

        Args:
            shows: is told how far it is.
            until: of `time.monotonic`.
        """
        with timed(f"study: {self.question.title}"):
            return self._conduct(shows, until)

    def _conduct(self, shows: Shows, until: float) -> Conducted:
        while True:
            done = self.done()
            wanted = wanted_by(self.terms, done)
            shows.counted(sum(one in done for one in wanted), len(wanted))
            missing = any(one not in done for one in wanted)
            # Also what is done goes to the engine, which chooses by what came before (`Trainer.train`).
            self._train(wanted, shows, until)
            if not missing:
                return self._conducted(done)
            if time.monotonic() >= until:
                return self._conducted(self.done(), "the time was up")

    def done(self) -> dict[Wanted, Losses]:
        """Return what is known of everything that the plan may want, from this study or another."""
        done: dict[Wanted, Losses] = {}
        while True:
            found = {
                one: Losses(known.val_loss, known.test_loss)
                for one in wanted_by(self.terms, done)
                if one not in done and (known := self._trainer(one).known(*self._training(one)))
            }
            if not found:
                return done
            done |= found

    def _train(self, wanted: list[Wanted], shows: Shows, until: float) -> None:
        for without in dict.fromkeys(self._contender(one).without for one in wanted):
            own = [one for one in wanted if self._contender(one).without == without]
            before = sum(self._trainer(one).known(*self._training(one)) is not None for one in wanted)
            counter = count(before + 1)

            def told(counter: Iterator[int] = counter) -> None:
                shows.counted(next(counter), len(wanted))

            trained = [(*self._training(one), one.seed == 0) for one in own]
            self.trainers(without).train(trained, told, until)

    def _conducted(self, done: Mapping[Wanted, Losses], stopped: str = "") -> Conducted:
        seen = Seen(self.terms, done)
        return Conducted(seen, self._measured(seen), stopped)

    def _measured(self, seen: Seen) -> dict[int, dict[str, Any]]:
        """Measure the first seed's network of each contender that has a layer in question."""
        found = {}
        for number, contender in enumerate(self.question.contenders):
            seeds = seen.reached(number)
            place = seen.place(number, seeds) if seeds else None
            if contender.layer is None or place is None:
                continue
            one = Wanted(number, place, 0)
            trainer, (values, seed) = self._trainer(one), self._training(one)
            weights = trainer.weights(values, seed)
            if weights is not None and (measures := trainer.measures.of(values, weights, contender.layer)):
                found[number] = measures
        return found

    def _training(self, one: Wanted) -> tuple[dict[str, Any], int]:
        values = {**self.values, **self._contender(one).profile.values, "learning_rate": GRID[one.rate]}
        return values, trial_seed(self.seed, one.seed)

    def _contender(self, one: Wanted) -> Contender:
        return self.question.contenders[one.contender]

    def _trainer(self, one: Wanted) -> Trainer:
        return self.trainers(self._contender(one).without)
