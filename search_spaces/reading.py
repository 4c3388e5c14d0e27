"""Reading: how a stack reads a window and emits its forecast.

With `segment` s the first LSTM layer reads s rows at a step, one after the other in one vector: a window of L
rows takes L / s steps. With channels `apart` there is one network for all targets, which is given one target
at a time beside the features and forecasts that one; a window of T targets is T windows to it:

    together   (windows, L, targets + features) -> (windows, horizon x targets)
    apart      (windows x T, L, 1 + features)   -> (windows x T, horizon), the targets of a window one after
                                                   the other

Sources: Lin et al. 2023, SegRNN (segments, and a learned code that tells channels from each other, which is
not here: all targets are forecast alike); Nie et al. 2023, PatchTST (channel independence).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Reading:
    """What a stack is given of a window, and what it emits.

    Args:
        lookback: rows that are read, the newest ones.
        inputs: columns of a window, the targets first.
        horizon: rows of a forecast.
        targets: columns of it.
        segment: rows a step, a divisor of `lookback`.
        apart: whether each target is forecast from its own past and the features.
    """

    lookback: int
    inputs: int
    horizon: int
    targets: int
    segment: int = 1
    apart: bool = False

    @classmethod
    def of(
        cls, values: Mapping[str, Any], input_shape: tuple[int, int], output_shape: tuple[int, int]
    ) -> Reading:
        """Return that of a stack with these hyperparameters.

        Args:
            values: `lookback`, `segment` and `channels`, where they are searched.
            input_shape: (lookback, inputs) of the windows.
            output_shape: (horizon, targets).
        """
        return cls(
            int(values.get("lookback", input_shape[0])),
            input_shape[1],
            *output_shape,
            segment=int(values.get("segment", 1)),
            apart=values.get("channels") == "apart" and output_shape[1] > 1,
        )

    @property
    def steps(self) -> int:
        """Steps that the LSTM layers take over a window."""
        return self.lookback // self.segment

    @property
    def rows(self) -> int:
        """Rows that a window is for the network, one after the other: one, or one a target."""
        return self.targets if self.apart else 1

    @property
    def columns(self) -> int:
        """Columns of such a row: all inputs, or one target and the features."""
        return self.inputs - self.targets + 1 if self.apart else self.inputs

    @property
    def width(self) -> int:
        """Numbers that enter the first layer at a step."""
        return self.segment * self.columns

    @property
    def outputs(self) -> int:
        """Numbers that the readout emits."""
        return self.horizon if self.apart else self.horizon * self.targets

    def read(self, inputs: np.ndarray) -> np.ndarray:
        """Return what the first layer reads, (windows x `rows`, `steps`, `width`).

        Args:
            inputs: (windows, at least `lookback`, inputs), scaled as the stack reads them.
        """
        newest = inputs[:, -self.lookback :]
        if self.apart:
            own = newest[:, :, : self.targets].transpose(0, 2, 1)[..., None]
            features = np.repeat(newest[:, None, :, self.targets :], self.targets, axis=1)
            newest = np.concatenate([own, features], axis=3)
        return newest.reshape(-1, self.steps, self.width)

    def emitted(self, targets: np.ndarray) -> np.ndarray:
        """Return what the readout should emit, (windows x `rows`, horizon, targets or 1).

        Args:
            targets: (windows, horizon, targets), as the stack emits them.
        """
        return targets.transpose(0, 2, 1).reshape(-1, self.horizon, 1) if self.apart else targets
