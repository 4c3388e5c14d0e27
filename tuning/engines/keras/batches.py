"""What a Keras training is given.

Batches come from a `tf.data` pipeline that is given the order of the windows once an epoch and gathers the
windows from the resident series. A `fit` of the user's own is given arrays instead, as a KerasTuner `search`
would give them, and makes its batches itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import keras
import numpy as np
import tensorflow as tf

from ...series.epoch_rows import EVALUATION_BATCH, training_rows, training_steps, validation_rows
from ...series.own_scale import Size, scaled
from ...series.windows import Windows, ahead, past
from ..base import Task

__all__ = ["EVALUATION_BATCH", "Batches"]


class Batches:
    """The windows of a search, as trainings read them.

    Args:
        windows: the data.
    """

    def __init__(self, windows: Windows) -> None:
        self.windows = windows

    def steps(self, batch_size: int) -> int:
        """Return how many batches an epoch has."""
        return training_steps(self.windows, batch_size)

    def of(self, task: Task, batch_size: int) -> tf.data.Dataset:
        """Return the batches of all epochs one after the other, in the order of `training_rows`."""

        def orders() -> Iterator[np.ndarray]:
            for epoch in range(task.first_epoch + 1, task.epochs + 1):
                yield training_rows(self.windows, task.seed, epoch)

        whole = tf.data.Dataset.from_generator(orders, output_signature=tf.TensorSpec([None], tf.int64))
        batches = whole.flat_map(lambda order: tf.data.Dataset.from_tensor_slices(order).batch(batch_size))
        return batches.map(self._gather, num_parallel_calls=2).prefetch(2)

    def validation(self) -> tf.data.Dataset:
        """Return the batches that every epoch is validated on."""
        rows = tf.data.Dataset.from_tensor_slices(validation_rows(self.windows))
        return rows.batch(EVALUATION_BATCH).map(self._gather).prefetch(2)

    @cached_property
    def _gather(self) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
        """What turns first-target rows into a batch of scaled inputs and targets."""
        data = tf.constant(self.windows.data)
        lookback, (horizon, targets) = self.windows.lookback, self.windows.output_shape
        own = self.windows.own

        def gather(rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            x = tf.gather(data, past(rows, lookback))
            y = tf.gather(data[:, :targets], ahead(rows, horizon))
            if own is None:
                return x, y
            x, size = own.counted.applied(x, own.floor, keras.ops)
            size = Size(*(one[..., :targets] for one in size))
            return tf.cast(x, tf.float32), tf.cast(scaled(y, size, keras.ops), tf.float32)

        return gather

    @cached_property
    def arrays(self) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """Inputs and targets of the training and of the validation windows, scaled."""
        windows = self.windows
        train, validation = windows.parts["train"], validation_rows(windows)
        return (
            (windows.inputs(train), windows.targets(train)),
            (windows.inputs(validation), windows.targets(validation)),
        )
