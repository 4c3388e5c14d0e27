"""Correlation of the units of a layer with each other, for the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ._base import LayerMeasure

if TYPE_CHECKING:
    from ..evidence import Evidence


@dataclass(frozen=True)
class Correlation(LayerMeasure):
    """Pearson correlation of each pair of units.

    Args:
        pairs: (0, 1), (0, 2) .. (1, 2) .., the part above the diagonal row by row, as the condensed
            matrices of `scipy.spatial.distance` have it; 0 where a unit never moves.
    """

    full: ClassVar[bool] = True
    pairs: tuple[float, ...]

    @property
    def matrix(self) -> np.ndarray:
        """float64 (units, units), 1 on the diagonal."""
        units = round((1 + (1 + 8 * len(self.pairs)) ** 0.5) / 2)
        matrix = np.zeros((units, units))
        matrix[np.triu_indices(units, 1)] = self.pairs
        return matrix + matrix.T + np.eye(units)

    def fits(self, units: int) -> bool:
        return len(self.pairs) == units * (units - 1) // 2

    @classmethod
    def of(cls, evidence: Evidence, layer: int) -> Correlation:
        """Measure the present state of a layer on all rows."""
        states = evidence.present(layer).astype(float)
        states -= states.mean(axis=0)
        length = np.sqrt(np.square(states).sum(axis=0))
        states /= np.where(length > 1e-6 * np.sqrt(len(states)), length, np.inf)
        matrix = states.T @ states
        return cls(tuple(np.round(matrix[np.triu_indices(len(matrix), 1)], 2).tolist()))
