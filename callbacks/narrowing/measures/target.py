"""Target probe: how well the target can be read from a layer (linear probe, Alain & Bengio 2016).

A later layer may tell more than an earlier one: what can be read linearly may rise from layer to layer,
information cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..estimate import Estimate
from ._base import LayerMeasure

if TYPE_CHECKING:
    from ..evidence import Evidence


@dataclass(frozen=True)
class TargetProbe(LayerMeasure):
    """Held-out R^2 of the target, all outputs together, weighted by their variance.

    Args:
        instant: from the present state.
        trajectory: from the last states.
    """

    instant: Estimate
    trajectory: Estimate

    @classmethod
    def of(cls, evidence: Evidence, layer: int) -> TargetProbe:
        """Probe a layer."""
        return cls(
            evidence.of_target(layer, "instant").estimate,
            evidence.of_target(layer, "trajectory").estimate,
        )
