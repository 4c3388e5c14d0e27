"""What the losses of two networks, trained with the same seeds, show of their difference.

    d_s = ln loss(arm, seed s) - ln loss(reference, seed s)

A mean of d below ln(1 + m) says that the arm's loss is at most m larger. All statements rest on Student's t
of these few numbers: with fewer than ten the t-interval covers what it says, where a bootstrap does not.

Seeds are spent in looks: after a few, after as many as were asked for, after twice as many. A look may
end an arm, so each has its share of the 5 % that a study may be wrong (Bonferroni), and what is shown at one
look stays shown. Over arms:

- `enough` is tested from the widest arm down and ends at the first that is not shown: the order is given
  before the study, so each arm has the whole level (Maurer, Hothorn & Lehmacher 1995).
- that an arm costs something, or is better, is corrected by Holm (1979) over all arms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

ALPHA = 0.05
SHARES = (0.2, 0.3, 0.5)
"""Of `ALPHA`, for each look."""
POWER = 0.8
MOST_FURTHER = 500
"""More seeds than this are not worth telling: the difference is where the margin is."""
LEAST_SPREAD = 1e-9


@dataclass(frozen=True, eq=False)
class Paired:
    """Paired log ratios of one arm.

    Args:
        d: float64 (seeds,), in the order of seeds.
    """

    d: np.ndarray

    @property
    def seeds(self) -> int:
        """How many there are."""
        return len(self.d)

    @property
    def mean(self) -> float:
        """Their mean; NaN of none."""
        return float(self.d.mean()) if self.seeds else math.nan

    @property
    def error(self) -> float:
        """Standard error of the mean; infinite for fewer than two."""
        if self.seeds < 2:
            return math.inf
        return max(float(self.d.std(ddof=1)), LEAST_SPREAD) / math.sqrt(self.seeds)

    def bound(self, level: float) -> float:
        """Return the upper bound of the mean that is wrong with a chance of `level`."""
        if self.seeds < 2:
            return math.inf
        return self.mean + float(student.isf(level, self.seeds - 1)) * self.error

    def interval(self, level: float = ALPHA) -> tuple[float, float]:
        """Return the two-sided interval of the mean that is wrong with a chance of `level`."""
        high = self.bound(level / 2)
        return 2 * self.mean - high, high

    def p_not_below(self, bound: float) -> float:
        """Return the p-value of "the mean is `bound` or more"."""
        return self._tail((bound - self.mean) / self.error)

    def p_not_above(self, bound: float) -> float:
        """Return the p-value of "the mean is `bound` or less"."""
        return self._tail((self.mean - bound) / self.error)

    def _tail(self, statistic: float) -> float:
        return float(student.sf(statistic, self.seeds - 1)) if self.seeds > 1 else 1.0


@dataclass(frozen=True)
class Shown:
    """What is shown of one arm.

    Args:
        enough: its loss is at most the margin larger than the reference's; `within` the margin on both sides.
        within: it is neither larger nor smaller by more than the margin.
        worse: its loss is larger.
        better: its loss is smaller.
    """

    enough: bool
    within: bool
    worse: bool
    better: bool


def looks(seeds: int) -> tuple[int, int, int]:
    """Return after how many seeds an arm is looked at, when `seeds` are asked for."""
    first = max(3, math.ceil(seeds / 2))
    return first, max(seeds, first + 1), max(2 * seeds, first + 2)


def shown(
    looks: Sequence[Sequence[Paired]], margin: float, *, chains: int = 1, sides: int = 1
) -> list[Shown]:
    """Return what is shown of each arm by the looks so far.

    Args:
        looks: at each look, for all arms but the reference; one that did not come to a look is empty there.
        margin: log ratio that does not matter.
        chains: orders in which arms are tested for `enough`; they share the level.
        sides: 1 where only a larger loss is asked for, 2 where a smaller one is too.
    """
    enough = _ever(looks, lambda arm: arm.p_not_below(margin), ALPHA / chains)
    # A difference either way is as good as none only when both are excluded, each at its whole level.
    above = _ever(looks, lambda arm: arm.p_not_above(-margin), ALPHA / chains)
    worse = _holm(looks, lambda arm: arm.p_not_above(0.0), ALPHA / sides)
    better = _holm(looks, lambda arm: arm.p_not_below(0.0), ALPHA / sides)
    return [
        Shown(one, one and other, *rest)
        for one, other, *rest in zip(enough, above, worse, better, strict=True)
    ]


def further_seeds(arm: Paired, margin: float) -> int | None:
    """Return how many more seeds would show with a chance of `POWER` that an arm is enough, or costs.

    It is taken that the truth is what was seen; but a mean below 0 is taken for 0. None where more than
    `MOST_FURTHER` would be needed.
    """
    if arm.seeds < 2 or not math.isfinite(arm.mean):
        return None
    spread = max(float(arm.d.std(ddof=1)), LEAST_SPREAD)
    mean = max(arm.mean, 0.0)
    distance = margin - mean if mean < margin else mean
    for needed in range(arm.seeds + 1, arm.seeds + MOST_FURTHER + 1):
        # Approximately: the noncentral t lies around its noncentrality with a spread of 1.
        reach = distance * math.sqrt(needed) / spread
        if student.cdf(reach - student.isf(ALPHA * SHARES[-1], needed - 1), needed - 1) >= POWER:
            return needed - arm.seeds
    return None


def _ever(looks: Sequence[Sequence[Paired]], p: Callable[[Paired], float], level: float) -> list[bool]:
    """Whether each arm's p-value was below the share of the level at any look."""
    return [
        any(p(arm) <= level * share for arm, share in zip(arm_looks, SHARES, strict=False))
        for arm_looks in zip(*looks, strict=True)
    ]


def _holm(looks: Sequence[Sequence[Paired]], p: Callable[[Paired], float], level: float) -> list[bool]:
    """The same with the level shared among the arms that are not shown yet."""
    found = [False] * len(looks[0])
    for arms, share in zip(looks, SHARES, strict=False):
        values = [p(arm) for arm in arms]
        for place in np.argsort(values, kind="stable"):
            if found[place]:
                continue
            if values[place] > level * share / found.count(False):
                break
            found[place] = True
    return found
