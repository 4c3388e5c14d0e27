"""How often a verdict is right: counts against truth, intervals, and a plain rule whose thresholds are swept.

The plain rule needs three numbers of a boundary, all measured on one trained stack:

    gap     R^2 of what tells the target best, the window or a layer before the boundary, less that of the
            network's forecasts
    fill    effective rank of the layer after the boundary as a share of its units
    own     R^2 of the network's forecasts

It says that a layer is too narrow where the gap is large, the layer full, and the network has learned
something. Its thresholds are chosen on the stacks of even number and judged on the others.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]
"""One boundary, from `verdict_judging`."""

GAPS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1)
FILLS = (0.75, 0.8, 0.85, 0.9, 0.95)
OWNS = (-math.inf, 0.02, 0.05, 0.1)


@dataclass(frozen=True)
class Counts:
    """Boundaries by what was said and what is true.

    Args:
        right: said, and a wider layer helps.
        false: said, and it does not.
        missed: not said, and it does.
        rest: not said, and it does not.
    """

    right: int
    false: int
    missed: int
    rest: int

    @classmethod
    def of(cls, said: Iterable[bool], helps: Iterable[bool]) -> Counts:
        """Count pairs."""
        pairs = list(zip(said, helps, strict=True))
        kinds = ((True, True), (True, False), (False, True), (False, False))
        return cls(*(pairs.count(kind) for kind in kinds))

    @property
    def precision(self) -> float:
        """Share that is right of what was said; NaN where nothing was."""
        return self.right / (self.right + self.false) if self.right + self.false else math.nan

    @property
    def recall(self) -> float:
        """Share that was found of where a wider layer helps; NaN where it nowhere does."""
        return self.right / (self.right + self.missed) if self.right + self.missed else math.nan

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where nothing is right."""
        return 2 * self.right / max(1, 2 * self.right + self.false + self.missed)

    def __str__(self) -> str:
        right = _share(self.right, self.right + self.false)
        found = _share(self.right, self.right + self.missed)
        return f"right in {right} of where said, {found} of such boundaries found"


def _share(part: int, whole: int) -> str:
    if not whole:
        return "none"
    low, high = wilson(part, whole)
    return f"{part / whole:.2f} ({low:.2f} to {high:.2f})"


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, by Wilson 1927; `whole` is above 0.

    (p + z^2/2n +- z sqrt(p(1 - p)/n + z^2/4n^2)) / (1 + z^2/n)
    """
    z, p = 1.959964, part / whole
    middle = p + z * z / (2 * whole)
    half = z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    low, high = ((middle + sign * half) / (1 + z * z / whole) for sign in (-1, 1))
    return max(0.0, low), min(1.0, high)


@dataclass(frozen=True)
class Rule:
    """The plain rule.

    Args:
        gap: from which on it counts.
        fill: from which on a layer is full.
        own: below which a network has learned nothing.
    """

    gap: float
    fill: float
    own: float

    def narrow(self, record: Record) -> bool:
        """Whether the layer after a boundary is called too narrow."""
        full = record["fill"][record["before"]] >= self.fill
        return bool(full and record["own"] >= self.own and gap_of(record) >= self.gap)


def gap_of(record: Record) -> float:
    """Return the gap at a boundary; what can be read of layers before it is read of their trajectories."""
    told = [record["window"], *record["trajectory"][: record["before"]]]
    return float(max(told) - record["own"])


def swept(records: Sequence[Record]) -> tuple[Rule, Counts, Counts]:
    """Return the rule of the best F1 on stacks of even number, and its counts there and on the others."""
    halves = [[one for one in records if one["stack"] % 2 == half] for half in (0, 1)]
    rules = [Rule(*thresholds) for thresholds in itertools.product(GAPS, FILLS, OWNS)]
    best = max(rules, key=lambda rule: counted(rule, halves[0]).f1)
    return best, *(counted(best, half) for half in halves)  # type: ignore[return-value]


def counted(rule: Rule, records: Sequence[Record]) -> Counts:
    """Return the counts of a rule."""
    return Counts.of(map(rule.narrow, records), (one["helps"] for one in records))
