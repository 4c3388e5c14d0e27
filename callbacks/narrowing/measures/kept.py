"""Kept: how much of a layer's state can still be read from the next layer.

Held-out R^2 of the present state of the layer before the boundary, weighted by the variance of its
units, from the layer after it: from its present state, and from its last states. The present state
alone overstates the loss: a layer of one unit may send, one after the other, what it cannot hold at once.

At a widening the layer after can hold all, and what is asked is whether the additional units say
anything that is not said before them: `repeated` reads the wider layer's state from the narrower one's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..estimate import Estimate
from ._base import BoundaryMeasure

if TYPE_CHECKING:
    from ..evidence import Evidence


@dataclass(frozen=True)
class Kept(BoundaryMeasure):
    """What of the state before a boundary is found after it.

    Args:
        instant: from the present state after the boundary.
        trajectory: from the last states after it.
        repeated: at a widening, R^2 of the wider layer's present state from the last states of the
            narrower one: 1 is a linear copy, 0 all new; None at other boundaries.
    """

    instant: Estimate
    trajectory: Estimate
    repeated: Estimate | None = None

    @classmethod
    def of(cls, evidence: Evidence, before: int) -> Kept:
        """Measure a boundary."""
        after = before + 1
        widens = evidence.units(after) > evidence.units(before)
        return cls(
            evidence.of_state(after, "instant", told=before).estimate,
            evidence.of_state(after, "trajectory", told=before).estimate,
            evidence.of_state(before, "trajectory", told=after).estimate if widens else None,
        )
