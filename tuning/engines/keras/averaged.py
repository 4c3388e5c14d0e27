"""The average of a Keras model's weights over the steps of a training; see `search_spaces.averaging`."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from ....search_spaces.averaging import decay


class Averaged(keras.callbacks.Callback):
    """Follows the trainable weights of a model.

    Args:
        model: built.
        steps: done before.
        average: to go on from, as `weights`; None is the weights as they are.
    """

    def __init__(
        self, model: keras.Model, steps: int = 0, average: Sequence[np.ndarray] | None = None
    ) -> None:
        super().__init__()
        self._variables, self._steps = model.trainable_variables, steps
        self.weights = self._now() if average is None else list(average)

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        kept = np.float32(decay(self._steps))
        self._steps += 1
        for place, weight in enumerate(self._now()):
            self.weights[place] = kept * self.weights[place] + (1 - kept) * weight

    def swap(self) -> None:
        """Put the average into the model, and the weights of the model here; twice is nothing."""
        now = self._now()
        for variable, weight in zip(self._variables, self.weights, strict=True):
            variable.assign(weight)
        self.weights = now

    def _now(self) -> list[np.ndarray]:
        return [variable.value.numpy().copy() for variable in self._variables]
