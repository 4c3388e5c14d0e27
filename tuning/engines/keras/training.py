"""Training one trial in this process with plain Keras.

Each trial is one ordinary `model.fit`. Its batches come from a `tf.data` pipeline that is given the
order of the windows once an epoch and gathers the windows from the resident series.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

import keras
import numpy as np
import tensorflow as tf

from ....search_spaces.space import Space, build_model
from ....search_spaces.trial import Epoch, Outcome, Status
from ...series.epoch_rows import training_rows, training_steps, validation_rows
from ...series.windows import Windows, ahead, past
from ..base import Judge, Report, Task, reason_of

EVALUATION_BATCH = 512


class Training:
    """Trains trials of one space on one set of windows, one at a time.

    Args:
        space: what builds a model from values.
        windows: the data.
    """

    def __init__(self, space: Space, windows: Windows) -> None:
        self.space, self.windows = space, windows

    def train(self, task: Task, report: Report) -> Outcome:
        """Train `task`, calling `report` after each epoch; return how it ended."""
        try:
            return self._fit(task, report)
        except (tf.errors.OpError, MemoryError, ValueError, TypeError, RuntimeError) as error:
            # A model that cannot be built or run is a fault of this trial's values alone.
            return Outcome(task.number, Status.FAILED, reason_of(error))
        finally:
            keras.backend.clear_session()
            gc.collect()

    def predict(
        self, values: Mapping[str, object], weights: Sequence[np.ndarray], rows: np.ndarray
    ) -> np.ndarray:
        """Return scaled forecasts, float32 (windows, horizon, targets); see `Engine.predict`.

        They are made on the CPU, and so the same wherever a run is opened: a GPU multiplies in fewer digits.
        """
        with tf.device("/CPU:0"):
            model = self.build(values)
            set_trainable(model, weights)
            batches = [
                np.asarray(model(self.windows.inputs(rows[start : start + EVALUATION_BATCH]), training=False))
                for start in range(0, len(rows), EVALUATION_BATCH)
            ]
        return np.concatenate(batches)

    def build(self, values: Mapping[str, object], seed: int = 0) -> keras.Model:
        """Return the compiled model of `values`, its initial weights drawn from `seed`."""
        return build_model(self.space, values, seed, self.windows.input_shape)

    def _fit(self, task: Task, report: Report) -> Outcome:
        model = self.build(task.values, task.seed)
        if task.state is not None:
            set_state(model, task.state)
        watch = _Watch(task, report)
        batch_size = int(task.values.get("batch_size", 32))
        model.fit(
            self.batches(task, batch_size),
            steps_per_epoch=training_steps(self.windows, batch_size),
            validation_data=self._validation(),
            initial_epoch=task.first_epoch,
            epochs=task.epochs,
            callbacks=[watch],
            shuffle=False,
            verbose=0,
        )
        judge = watch.judge
        assert judge.status is not None, "a trial ends with its last epoch"
        return Outcome(
            number=task.number,
            status=judge.status,
            reason=judge.reason,
            weights=watch.best_weights,
            best_epoch=judge.best_epoch,
            best_val_loss=judge.best_val_loss,
            parameters=model.count_params(),
            state=state_of(model) if judge.keeps_state else None,
            units=recurrent_units(model),
        )

    def batches(self, task: Task, batch_size: int) -> tf.data.Dataset:
        """Return the batches of all epochs one after the other, in the order of `training_rows`."""

        def orders() -> Iterator[np.ndarray]:
            for epoch in range(task.first_epoch + 1, task.epochs + 1):
                yield training_rows(self.windows, task.seed, epoch)

        whole = tf.data.Dataset.from_generator(orders, output_signature=tf.TensorSpec([None], tf.int64))
        batches = whole.flat_map(lambda order: tf.data.Dataset.from_tensor_slices(order).batch(batch_size))
        return batches.map(self._gather, num_parallel_calls=2).prefetch(2)

    def _validation(self) -> tf.data.Dataset:
        rows = tf.data.Dataset.from_tensor_slices(validation_rows(self.windows))
        return rows.batch(EVALUATION_BATCH).map(self._gather).prefetch(2)

    @cached_property
    def _gather(self) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
        """What turns first-target rows into a batch of scaled inputs and targets."""
        data = tf.constant(self.windows.data)
        lookback, (horizon, targets) = self.windows.lookback, self.windows.output_shape

        def gather(rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            x = tf.gather(data, past(rows, lookback))
            y = tf.gather(data[:, :targets], ahead(rows, horizon))
            return x, y

        return gather


class _Watch(keras.callbacks.Callback):
    """Reports each epoch, keeps the best weights, and ends the trial when it should end."""

    def __init__(self, task: Task, report: Report) -> None:
        super().__init__()
        self.task, self.report_epoch = task, report
        self.judge = Judge(task)
        self.best_weights: list[np.ndarray] = []
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        secs = time.perf_counter() - self._started
        loss, val_loss = float(logs["loss"]), float(logs["val_loss"])  # type: ignore[index]
        rate = float(np.asarray(self.model.optimizer.learning_rate))
        done = Epoch(self.task.number, epoch + 1, loss, val_loss, rate, secs)
        if self.judge.sees(done, self.report_epoch(done)):
            self.best_weights = _copies(self.model.trainable_weights)
        self.model.stop_training = self.judge.status is not None


def set_trainable(model: keras.Model, weights: Sequence[np.ndarray]) -> None:
    """Put `weights` (in Keras order) into the trainable weights of `model`."""
    for variable, weight in zip(model.trainable_weights, weights, strict=True):
        variable.assign(weight)


def state_of(model: keras.Model) -> list[np.ndarray]:
    """Return trainable weights, then optimizer variables: all that training goes on from."""
    return _copies([*model.trainable_weights, *model.optimizer.variables])


def set_state(model: keras.Model, state: Sequence[np.ndarray]) -> None:
    """Put a `state_of` back; the optimizer is built first, or its part would be dropped silently."""
    model.optimizer.build(model.trainable_weights)
    variables = [*model.trainable_weights, *model.optimizer.variables]
    for variable, value in zip(variables, state, strict=True):
        variable.assign(value)


def recurrent_units(model: keras.Model) -> tuple[int, ...]:
    """Return the units of the recurrent layers of a built model, from input to output."""
    return tuple(layer.units for layer in model.layers if isinstance(layer, keras.layers.RNN))


def _copies(variables: Sequence[keras.Variable]) -> list[np.ndarray]:
    # `.value.numpy()` may share memory with the variable, which the next step would change.
    return [variable.value.numpy().copy() for variable in variables]
