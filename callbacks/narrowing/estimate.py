"""Estimate: one held-out R^2 with what it takes to judge it."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A held-out R^2: 1 is all, 0 what a constant guess reaches, below 0 worse than that.

    Args:
        value: as computed, never clipped; NaN where there was nothing to explain or too few rows.
        low, high: ends of the 95 % interval (bootstrap over stretches of time).
        null: what the same estimate passes in one case of 20 with states and targets of different times; a
            value below it is not told from chance. NaN where nothing was learned that could be chance.
    """

    value: float
    low: float
    high: float
    null: float

    @property
    def shown(self) -> float:
        """The value clipped to 0 .. 1, for pictures and tables; NaN stays."""
        return self.value if math.isnan(self.value) else min(max(self.value, 0.0), 1.0)


UNKNOWN = Estimate(math.nan, math.nan, math.nan, math.nan)
