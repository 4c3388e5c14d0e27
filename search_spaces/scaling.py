"""What the scaling of a model means, in numbers: for Keras graphs, fused programs and measures alike.

Windows z come in, and forecasts z^ go out, in training standard deviations. What the first layer reads is
x, what the readout emits is y:

    x  = z * in_scale + in_shift - keep_last * last
    z^ = y * out_scale + out_shift + add_last * last + linear

with `last` the newest value of each target in the window, and 0 for the other inputs, and `linear` the
linear forecast that the stack adds to, or 0. By name:

    standard   nothing is done: x is z, z^ is y
    last       every target less its last value goes in, and the last value is added to what comes out
               (Zeng et al. 2023, NLinear; SegRNN does the same)
    none       the model reads and emits raw values: x = z * std + mean, z^ = (y - mean) / std

Beside a linear forecast the stack emits what that misses: out_shift and add_last are 0, so that a readout of
zeros leaves the linear forecast as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Scaling(NamedTuple):
    """The numbers of a scaling, as arrays or tensors; the targets are the first inputs.

    Attributes:
        in_scale: float64 (inputs,).
        in_shift: float64 (inputs,), in the unit of x.
        out_scale: float64 (targets,), undoes the `in_scale` of the targets.
        out_shift: float64 (targets,), z.
        keep_last: 1 when the last value is taken off what is read, else 0.
        add_last: 1 when it is added to what is emitted, else 0.
    """

    in_scale: np.ndarray
    in_shift: np.ndarray
    out_scale: np.ndarray
    out_shift: np.ndarray
    keep_last: float
    add_last: float

    def read_and_emitted(
        self, inputs: np.ndarray, targets: np.ndarray, linear: np.ndarray | float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return what the first layer reads, x, and what the readout should emit, y of a perfect forecast.

        Args:
            inputs: (windows, lookback, inputs), z.
            targets: (windows, horizon, targets), z.
            linear: the linear forecast beside the stack, in the shape of the targets; 0 is none.

        Returns:
            x in the shape and type of `inputs`, and float64 y in the shape of `targets`. Both are new.
        """
        count = targets.shape[2]
        last = inputs[:, -1:, :count]
        read = inputs * self.in_scale
        read += self.in_shift
        read[:, :, :count] -= self.keep_last * last
        emitted = (targets - linear - self.add_last * last - self.out_shift) / self.out_scale
        return read.astype(inputs.dtype, copy=False), emitted


def scaling_of(
    name: str,
    inputs: int,
    targets: int,
    mean: Sequence[float] | np.ndarray | None = None,
    std: Sequence[float] | np.ndarray | None = None,
    *,
    linear: bool = False,
) -> Scaling:
    """Return the numbers of a scaling.

    Args:
        name: one of `SCALINGS`.
        inputs: columns of a window.
        targets: the first of them.
        mean: raw mean of each numeric input, the first ones; used for `none` only. Where it is missing,
            as for one-hot inputs, it counts as 0.
        std: raw standard deviation of each numeric input; where it is missing it counts as 1.
        linear: whether the stack adds to a linear forecast.
    """
    scale, shift = np.ones(inputs), np.zeros(inputs)
    if name == "none" and mean is not None and std is not None:
        scale[: len(std)], shift[: len(mean)] = std, mean
    back = 1 / scale[:targets]
    keep = float(name == "last")
    if linear:
        return Scaling(scale, shift, back, np.zeros(targets), keep, add_last=0.0)
    return Scaling(scale, shift, back, -shift[:targets] * back, keep, add_last=keep)
