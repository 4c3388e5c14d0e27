"""Linear: a linear forecast of a window, which the LSTM stack of a model may add to.

With z the scaled window of `rows` rows, its newest one last, T targets that are its first inputs, and the
other inputs its features:

    f(h, k) = bias(h, k) + sum_l own(l, k, h) z(l, k) + sum_l,j features(l, j, h, k) z(l, T + j)

A target is forecast from its own past and that of the features, not from other targets. In a Keras model
these are one or two frozen `EinsumDense` layers (`network.build_network`), the last of its weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Linear:
    """The numbers of a linear forecast, float64.

    Args:
        own: (rows, targets, horizon), oldest row first.
        bias: (horizon, targets).
        features: (rows, features, horizon, targets); None where features are not read.
    """

    own: np.ndarray
    bias: np.ndarray
    features: np.ndarray | None = None

    @property
    def rows(self) -> int:
        """Rows of a window that are read, the newest ones."""
        return len(self.own)

    @property
    def weights(self) -> list[np.ndarray]:
        """Its weights as they stand in a Keras model, float32."""
        found = [self.own, self.bias, *([] if self.features is None else [self.features])]
        return [weight.astype(np.float32) for weight in found]

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Return the forecasts, float64 (windows, horizon, targets), z.

        Args:
            inputs: (windows, at least `rows`, inputs), z.
        """
        targets = self.own.shape[1]
        newest = np.asarray(inputs[:, -self.rows :], float)
        # One matrix product a target: einsum would not use BLAS for them.
        own = [newest[:, :, target] @ self.own[:, target] for target in range(targets)]
        found = np.stack(own, axis=2) + self.bias
        if self.features is not None:
            others = newest[:, :, targets:].reshape(len(newest), -1)
            found += (others @ self.features.reshape(others.shape[1], -1)).reshape(found.shape)
        return found


def stack_weights(weights: Sequence[np.ndarray], layers: int) -> Sequence[np.ndarray]:
    """Return the weights of an LSTM stack and its readout, without those of a linear forecast beside it.

    Args:
        weights: of a whole model, in Keras' order.
        layers: LSTM layers.
    """
    return weights[: 3 * layers + 2]
