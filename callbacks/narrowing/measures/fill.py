"""Fill: how many of a layer's units carry variance of their own.

With s_i the singular values of the centred states (rows, units), l_i = s_i^2 and q_i = s_i / sum s:

    effective rank       exp(-sum q_i ln q_i)                (Roy & Vetterli 2007, eq. 5)
    participation ratio  1 / (sum l_i^2 / (sum l_i)^2 - 1/N)  (Gao et al. 2017, corrected for N rows)
    k99                  smallest k with sum_{i<=k} l_i >= 0.99 sum l_i

Many codes use l_i in the effective rank; that is another, smaller number. The plain participation ratio
is too small on few rows, E[1/PR] = 1/PR + 1/N (Chun, Canatar, Chung & Lee 2026); the term for units is not
taken off, since all units are seen. Variance is not relevance: see the target probe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ._base import LayerMeasure

if TYPE_CHECKING:
    from ..evidence import Evidence

STILL = 1e-6
"""A layer with a smaller standard deviation, over all units, does not move."""


@dataclass(frozen=True)
class Fill(LayerMeasure):
    """Effective numbers of units.

    Args:
        units: of the layer.
        effective_rank: 1 to `units`; 0 for a layer that never moves, as the others.
        participation_ratio: 1 to `units`, corrected for the number of rows.
        k99: principal components that hold 99 % of the variance.
    """

    units: int
    effective_rank: float
    participation_ratio: float
    k99: int

    @property
    def share(self) -> float:
        """Effective rank as a share of the units, 0 to 1."""
        return self.effective_rank / self.units

    def fits(self, units: int) -> bool:
        most = (self.effective_rank, self.participation_ratio, self.k99)
        # Rounded to four digits.
        return self.units == units and all(0 <= one <= 1.001 * units for one in most)

    @classmethod
    def of(cls, evidence: Evidence, layer: int) -> Fill:
        """Measure the present state of a layer on all rows."""
        return fill(evidence.present(layer))


def fill(states: np.ndarray) -> Fill:
    """Return the fill of states (rows, units), float."""
    units = states.shape[1]
    centred = states - states.mean(axis=0, dtype=float)
    # Squares of the singular values. What squaring loses is below the rounding of float32 states.
    squares = np.clip(np.linalg.eigvalsh(centred.T @ centred)[::-1], 0, None)
    if squares.sum() <= len(states) * STILL**2:
        return Fill(units, 0.0, 0.0, 0)
    squares = squares[squares > 1e-14 * squares[0]]
    shares = np.sqrt(squares) / np.sqrt(squares).sum()
    inverse = np.square(squares).sum() / squares.sum() ** 2 - 1 / len(states)
    participation = min(1 / inverse, len(squares)) if inverse > 0 else len(squares)
    k99 = int((np.cumsum(squares) < (0.99 - 1e-12) * squares.sum()).sum()) + 1
    return Fill(units, float(np.exp(-(shares * np.log(shares)).sum())), float(participation), k99)
