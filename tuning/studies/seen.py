"""Seen: what the trainings of a study show so far, of its rates and of its contenders.

At each look a contender is taken at the rate that is best on validation for all seeds of that look. The error
of that choice is then as small as that of the comparison itself; with the rate chosen once, by three seeds, a
quarter of simulated studies of equal widths called one of them worse.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from . import rates
from .grid import GRID
from .paired import Paired, Shown, shown
from .question import Question

RATE_SEEDS = 3
ABSOLUTE = 0.01
"""Share of the target's variance that does not matter whatever the ratio: near zero, .003 and .002 are both
perfect."""


@dataclass(frozen=True)
class Wanted:
    """A training: of which contender, at which place of `grid.GRID`, with which seed, from 0."""

    contender: int
    rate: int
    seed: int


@dataclass(frozen=True)
class Losses:
    """What a training gave; None where it diverged."""

    val_loss: float | None
    test_loss: float | None


Done = Mapping[Wanted, Losses]


@dataclass(frozen=True)
class Terms:
    """How a study is done.

    Args:
        question: what is compared.
        looks: after how many seeds, see `paired.looks`.
        rates: learning rates that each contender begins with.
        delta: relative loss that does not matter.
        spread: of the target, see `RecordedStudy`; what a training that diverged is taken to have lost.
    """

    question: Question
    looks: tuple[int, ...]
    rates: int
    delta: float
    spread: float


class Seen:
    """What is known when `done` is.

    Args:
        terms: of the study.
        done: trainings; not to be changed after.
    """

    def __init__(self, terms: Terms, done: Done) -> None:
        self.terms, self.done = terms, done
        self._kept: dict[tuple[int, int], list[int] | None] = {}
        self._places: dict[tuple[int, int], int | None] = {}
        self._logs: dict[tuple[int, int], np.ndarray] = {}

    def tried(self, contender: int) -> dict[int, float]:
        """Return the validation loss of each place of the grid that is done, infinity where it diverged."""
        found = {}
        for place in range(len(GRID)):
            given = self._of_seeds(contender, place, RATE_SEEDS)
            if given is not None:
                found[place] = rates.geometric([one.val_loss for one in given])
        return found

    def kept_rates(self, contender: int, seed: int) -> list[int] | None:
        """Return the places that a seed of a contender is trained at, rising; None while they are not known.

        Those that were not plainly worse than the best one, on validation, for the seeds of earlier looks.
        """
        stage = sum(look <= seed for look in self.terms.looks)
        key = contender, stage
        if key not in self._kept:
            self._kept[key] = self._kept_at(contender, stage)
        return self._kept[key]

    def reached(self, contender: int) -> int:
        """Return the seeds of the last look that a contender has come to; before the first, of its rates."""
        found = 0
        for seeds in (RATE_SEEDS, *self.terms.looks):
            if self.place(contender, seeds) is None:
                break
            found = seeds
        return found

    def place(self, contender: int, seeds: int) -> int | None:
        """Return the place of the rate that is best on validation for so many seeds; None while not known."""
        key = contender, seeds
        if key not in self._places:
            kept = self.kept_rates(contender, seeds - 1) or []
            found = [self._of_seeds(contender, place, seeds) for place in kept]
            means = [rates.geometric([one.val_loss for one in row]) for row in found if row is not None]
            whole = kept and len(means) == len(kept)
            self._places[key] = kept[means.index(min(means))] if whole else None
        return self._places[key]

    def losses(self, contender: int, seeds: int | None = None) -> list[float | None]:
        """Return the test losses of a contender at its best rate, by seed; none while they are not known.

        Args:
            contender: its number.
            seeds: a look; None is the last one it has come to.
        """
        seeds = self.reached(contender) if seeds is None else seeds
        place = self.place(contender, seeds) if seeds else None
        found = None if place is None else self._of_seeds(contender, place, seeds)
        return [one.test_loss for one in found or ()]

    def pairs(self, seeds: int) -> list[Paired]:
        """Return the paired log ratios of all contenders but the first at a look; empty before it."""
        base, *others = (self._log(n, seeds) for n in range(len(self.terms.question.contenders)))
        return [Paired(own - base if len(own) == len(base) else own[:0]) for own in others]

    def last_pairs(self, most: int | None = None) -> list[Paired]:
        """Return the paired log ratios of each contender but the first at the last look it has come to.

        Args:
            most: seeds of the last look that counts; None is all.
        """
        others = range(1, len(self.terms.question.contenders))
        reached = [min(self.reached(n), most or self.reached(n)) for n in others]
        return [
            self.pairs(seeds)[n - 1] if seeds else Paired(np.empty(0))
            for n, seeds in zip(others, reached, strict=True)
        ]

    def margin(self) -> float:
        """Return the relative loss that does not matter: delta, or a hundredth of the spread if that is more.

        By the first look, so that it does not move while the study goes on.
        """
        base = self._log(0, self.terms.looks[0])
        if not len(base):
            return self.terms.delta
        return max(self.terms.delta, ABSOLUTE * self.terms.spread / math.exp(float(base.mean())))

    def shown(self, most: int | None = None) -> list[Shown]:
        """Return what is shown of each contender but the first, by looks of `most` seeds at most."""
        question = self.terms.question
        chains, sides = (max(len(question.chains), 1), 1) if question.numeric else (1, 2)
        looks = [self.pairs(seeds) for seeds in self.terms.looks if most is None or seeds <= most]
        return shown(looks, math.log1p(self.margin()), chains=chains, sides=sides)

    def undecided(self, seeds: int) -> list[int]:
        """Return the contenders that are open after the look of so many seeds."""
        margin, numeric = math.log1p(self.margin()), self.terms.question.numeric

        def settled(one: Shown, pair: Paired) -> bool:
            if numeric:
                return one.enough or (one.worse and pair.mean > margin)
            return one.within or one.worse or one.better

        found = zip(self.shown(seeds), self.last_pairs(seeds), strict=True)
        return [n for n, (one, pair) in enumerate(found, start=1) if not settled(one, pair)]

    def _kept_at(self, contender: int, stage: int) -> list[int] | None:
        if stage:
            kept = self.kept_rates(contender, self.terms.looks[stage - 1] - 1)
            seeds = self.terms.looks[stage - 1]
        else:
            tried, seeds = self.tried(contender), RATE_SEEDS
            whole = len(tried) >= self.terms.rates and rates.next_rate(tried) is None
            kept = list(tried) if whole else None
        if kept is None:
            return None
        found = [self._of_seeds(contender, place, seeds) for place in kept]
        if any(one is None for one in found):
            return None
        return rates.plausible(kept, [[one.val_loss for one in row] for row in found if row is not None])

    def _of_seeds(self, contender: int, place: int, seeds: int) -> list[Losses] | None:
        """The first trainings at a place; None unless all are done."""
        found = [self.done.get(Wanted(contender, place, seed)) for seed in range(seeds)]
        there = [one for one in found if one is not None]
        return there if len(there) == seeds else None

    def _log(self, contender: int, seeds: int) -> np.ndarray:
        key = contender, seeds
        if key not in self._logs:
            lost = [self.terms.spread if loss is None else loss for loss in self.losses(contender, seeds)]
            self._logs[key] = np.log(np.maximum(np.array(lost, float), rates.LEAST_LOSS))
        return self._logs[key]
