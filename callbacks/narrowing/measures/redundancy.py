"""Redundancy: how much of each unit the other units of its layer tell, and which units are idle.

    R^2_j = 1 - 1 / (C^-1)_jj

with C the correlation matrix of the units, shrunk by Ledoit & Wolf (2004). 1 / (1 - R^2_j) is the variance
inflation factor. Pairwise correlations miss what several units say together: units with a mean absolute
correlation of 0.3 were seen with a median R^2_j of 0.96. The number is in-sample; on few rows the
shrinkage pulls it to 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ._base import LayerMeasure

if TYPE_CHECKING:
    from ..evidence import Evidence

DEAD = 1e-3
"""A unit whose state has a smaller standard deviation is dead."""
SATURATED = 0.95
TINY = 1e-6
"""Of a variance; changes no number by as much as is told."""


@dataclass(frozen=True)
class Redundancy(LayerMeasure):
    """Redundancy of each unit, and flags.

    Args:
        of_units: for each unit its R^2 given the others, 0 to 1, to three digits; NaN for a dead unit.
        dead: numbers, from 0, of units whose state hardly ever moves (standard deviation < 0.001).
        saturated: numbers, from 0, of units with a gate that is shut (< 0.1) or open (> 0.9) in at least
            95 % of the kept steps; None where the gates are not known. A flag, not a fault: a forget gate
            that is always open is a unit that counts.
    """

    of_units: tuple[float, ...]
    dead: tuple[int, ...]
    saturated: tuple[int, ...] | None = None

    @property
    def median(self) -> float:
        """Median over the units that are not dead; NaN when all are."""
        alive = [value for value in self.of_units if value == value]
        return float(np.median(alive)) if alive else float("nan")

    def fits(self, units: int) -> bool:
        named = {*self.dead, *(self.saturated or ())}
        return len(self.of_units) == units and named <= set(range(units))

    @classmethod
    def of(cls, evidence: Evidence, layer: int) -> Redundancy:
        """Measure the present state of a layer on all rows."""
        gates = evidence.states.saturated
        saturated = None
        if gates is not None:
            saturated = tuple(np.flatnonzero((gates[layer - 1] >= SATURATED).any(axis=(0, 1))).tolist())
        of_units, dead = redundancy(evidence.present(layer))
        return cls(of_units, dead, saturated)


def redundancy(states: np.ndarray) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return R^2 of each unit given the others, and the dead units, of states (rows, units)."""
    states = np.asarray(states, float)
    deviation = states.std(axis=0)
    alive = deviation >= DEAD
    found = np.full(states.shape[1], np.nan)
    if alive.any():
        z = (states[:, alive] - states[:, alive].mean(axis=0)) / deviation[alive]
        # Copies of one unit that is only ever at two values are not shrunk at all: theirs has no inverse.
        matrix = shrunk(z) + TINY * np.eye(z.shape[1])
        found[alive] = np.clip(1 - 1 / np.diag(np.linalg.inv(matrix)), 0, 1).round(3)
    return tuple(found.tolist()), tuple(np.flatnonzero(~alive).tolist())


def shrunk(z: np.ndarray) -> np.ndarray:
    """Return the covariance of centred z (rows, columns), shrunk to its mean variance (2004, lemma 3.3).

    Equal to `sklearn.covariance.ledoit_wolf`, whose checks take longer than the numbers.
    """
    rows, columns = z.shape
    covariance = z.T @ z / rows
    mean = np.trace(covariance) / columns
    squares = np.square(covariance).sum()
    distance = squares - columns * mean**2
    error = (np.square(np.square(z).sum(axis=1)).mean() - squares) / rows
    share = min(error / distance, 1.0) if distance > 0 else 0.0
    found: np.ndarray = (1 - share) * covariance + share * mean * np.eye(columns)
    return found
