"""What a program is made for; trials of one shape share it."""

from __future__ import annotations

from dataclasses import dataclass

from ....search_spaces.reading import Reading
from ...series.own_scale import Counted


@dataclass(frozen=True)
class Shape:
    """Everything a compiled program depends on.

    Args:
        units: padded units of each LSTM layer.
        batch_size: windows a step.
        lookback: rows of a window.
        horizon: rows of a forecast.
        inputs: columns of the series.
        targets: the first of them.
        segment: rows a step, see `search_spaces.reading`.
        apart: whether each target is a window of its own, see there.
        loss: `mse`, `mae` or `huber`.
        dropout: whether any trial of it drops.
        linear: rows that a linear forecast may read which stacks may add to; 0 is none.
        linear_features: whether it may read features, too.
        own: what is counted in the own size of a window; None where the series comes scaled.
        dtype: `float32`, or `float64` to compare with.
    """

    units: tuple[int, ...]
    batch_size: int
    lookback: int
    horizon: int
    inputs: int
    targets: int
    loss: str
    segment: int = 1
    apart: bool = False
    dropout: bool = False
    linear: int = 0
    linear_features: bool = False
    own: Counted | None = None
    dtype: str = "float32"

    @property
    def reading(self) -> Reading:
        """How a window is read."""
        return Reading(self.lookback, self.inputs, self.horizon, self.targets, self.segment, self.apart)
