"""Plan: which trainings a study wants next, as a function of those that are done.

First every contender tries its learning rates on a few seeds; the best of them, on validation, is trained
with more seeds, in looks (`paired`): whoever is decided gets no more. What is wanted depends on results
alone, never on their order or on time, so a study that was interrupted, or runs on more cores, is the same
study.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from . import rates
from .paired import Paired, Shown, looks, shown
from .question import Question

RATE_SEEDS = 3
ABSOLUTE = 0.01
"""Share of the target's variance that does not matter whatever the ratio: near zero, .003 and .002 are both
perfect."""


@dataclass(frozen=True)
class Wanted:
    """A training: of which contender, at which place of `rates.GRID`, with which seed, from 0."""

    contender: int
    rate: int
    seed: int


@dataclass(frozen=True)
class Losses:
    """What a training gave; None where it diverged."""

    val_loss: float | None
    test_loss: float | None


Done = Mapping[Wanted, Losses]


class Plan:
    """What a study wants and what it shows.

    Args:
        question: what is compared.
        seeds: asked for, see `paired.looks`.
        rates: learning rates that each contender begins with.
        delta: relative loss that does not matter.
        spread: of the target, see `RecordedStudy`; what a training that diverged is taken to have lost.
    """

    def __init__(self, question: Question, *, seeds: int, rates: int, delta: float, spread: float) -> None:
        self.question, self.rates, self.delta, self.spread = question, rates, delta, spread
        self.looks = looks(seeds)

    def wanted(self, done: Done) -> list[Wanted]:
        """Return all trainings that are wanted by now, those that are done included, always in one order."""
        contenders = range(len(self.question.contenders))
        asked = dict.fromkeys(one for contender in contenders for one in self._tuning(contender, done))
        first, *later = self.looks
        asked |= dict.fromkeys(one for contender in contenders for one in self._seeds(contender, done, first))
        before = first
        for seeds in later:
            if any(one not in done for one in asked):
                break
            # By what was known then: who was decided later was still open at this look.
            if open_ := self.undecided(done, before):
                asked |= dict.fromkeys(one for n in (0, *open_) for one in self._seeds(n, done, seeds))
            before = seeds
        return list(asked)

    def tried(self, contender: int, done: Done) -> dict[int, float]:
        """Return the validation loss of each place of the grid that is done, infinity where it diverged."""
        found = {}
        for place in range(len(rates.GRID)):
            given = [done.get(Wanted(contender, place, seed)) for seed in range(RATE_SEEDS)]
            losses = [one.val_loss for one in given if one is not None]
            if len(losses) == RATE_SEEDS:
                found[place] = rates.geometric(losses)
        return found

    def rate(self, contender: int, done: Done) -> int | None:
        """Return the place of a contender's learning rate; None while it is not known."""
        tried = self.tried(contender, done)
        if len(tried) < self.rates or rates.next_rate(tried) is not None:
            return None
        return rates.best_rate(tried)

    def losses(self, contender: int, done: Done) -> list[float | None]:
        """Return the test losses of a contender at its rate, by seed, as far as they are known in a row."""
        place = self.rate(contender, done)
        found: list[float | None] = []
        while place is not None and (one := done.get(Wanted(contender, place, len(found)))) is not None:
            found.append(one.test_loss)
        return found

    def pairs(self, done: Done, most: int | None = None) -> list[Paired]:
        """Return the paired log ratios of all contenders but the first, of `most` seeds at most."""
        logs = [self._logs(contender, done)[:most] for contender in range(len(self.question.contenders))]
        base = logs[0]
        return [Paired(own[: len(base)] - base[: len(own)]) for own in logs[1:]]

    def margin(self, done: Done) -> float:
        """Return the relative loss that does not matter: delta, or a hundredth of the spread if that is more.

        By the first look, so that it does not move while the study goes on.
        """
        base = self._logs(0, done)[: self.looks[0]]
        if not len(base):
            return self.delta
        return max(self.delta, ABSOLUTE * self.spread / math.exp(float(base.mean())))

    def shown(self, done: Done, most: int | None = None) -> list[Shown]:
        """Return what is shown of each contender but the first, by `most` seeds at most."""
        chains = max(len(self.question.chains), 1) if self.question.numeric else 1
        sides = 1 if self.question.numeric else 2
        margin = math.log1p(self.margin(done))
        return shown(self.pairs(done, most), margin, self.looks, chains=chains, sides=sides)

    def undecided(self, done: Done, most: int | None = None) -> list[int]:
        """Return the contenders that more seeds than `most` may decide."""
        pairs, margin = self.pairs(done, most), math.log1p(self.margin(done))
        return [
            n
            for n, (one, pair) in enumerate(zip(self.shown(done, most), pairs, strict=True), start=1)
            if not self.settled(one, pair, margin)
        ]

    def settled(self, one: Shown, pair: Paired, margin: float) -> bool:
        """Return whether what is shown of a contender has a word."""
        if self.question.numeric:
            return one.enough or (one.worse and pair.mean > margin)
        return one.within or one.worse or one.better

    def _tuning(self, contender: int, done: Done) -> list[Wanted]:
        places = rates.first(self.question.contenders[contender].profile, self.rates)
        while True:
            asked = [Wanted(contender, place, seed) for place in places for seed in range(RATE_SEEDS)]
            if any(one not in done for one in asked):
                return asked
            tried = {place: loss for place, loss in self.tried(contender, done).items() if place in places}
            more = rates.next_rate(tried)
            if more is None:
                return asked
            places = [*places, more]

    def _seeds(self, contender: int, done: Done, count: int) -> list[Wanted]:
        place = self.rate(contender, done)
        return [] if place is None else [Wanted(contender, place, seed) for seed in range(count)]

    def _logs(self, contender: int, done: Done) -> np.ndarray:
        losses = self.losses(contender, done)
        lost: Sequence[float] = [self.spread if loss is None else loss for loss in losses]
        return np.log(np.maximum(np.array(lost, float), rates.LEAST_LOSS))
