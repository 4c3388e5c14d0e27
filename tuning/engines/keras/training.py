"""Training one trial in this process with plain Keras.

Each trial is one ordinary `model.fit`. Its batches come from a `tf.data` pipeline that is given the
order of the windows once an epoch and gathers the windows from the resident series. A `fit` of the user's
own is given arrays instead, as a KerasTuner `search` would give them, and makes its batches itself.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import keras
import keras_tuner
import numpy as np
import tensorflow as tf

from ....search_spaces.errors import UserError
from ....search_spaces.sketch import fit_arguments, recurrent_units, trainable_parameters
from ....search_spaces.space import Space, build_model, hyperparameters_of, set_weights
from ....search_spaces.trial import Outcome, Status
from ...series.epoch_rows import EVALUATION_BATCH, training_rows, training_steps, validation_rows
from ...series.windows import Windows, ahead, past
from .._states import states_of_model
from ..base import Report, Task, reason_of
from .place import place_of
from .user_callbacks import Callbacks, callbacks_of
from .watch import Watch, copies

FAULTS = (tf.errors.OpError, MemoryError, ValueError, TypeError, RuntimeError)
"""What Keras raises for values that cannot be built or trained."""


class Training:
    """Trains trials of one space on one set of windows, one at a time.

    Args:
        space: what builds a model from values.
        windows: the data.
        callbacks: the user's own, see `user_callbacks`.
    """

    def __init__(self, space: Space, windows: Windows, callbacks: Callbacks = None) -> None:
        self.space, self.windows, self.callbacks = space, windows, callbacks

    def train(self, task: Task, report: Report) -> Outcome:
        """Train `task`, calling `report` after each epoch; return how it ended."""
        watch = Watch(task, report)
        try:
            return self._fit(task, watch)
        except (UserError, keras_tuner.errors.FatalError):
            raise
        except Exception as error:
            # A space and its callbacks are the user's code, and fail with errors of any class. What is wrong
            # with a trial is its fault alone; a space that cannot be built at all was told before the search.
            ours = self.space.is_stack and not self.callbacks
            if error is watch.fault or (ours and not isinstance(error, FAULTS)):
                raise
            place = "" if ours else place_of(error)
            return Outcome(task.number, Status.FAILED, reason_of(error) + place)
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
            set_weights(model, weights)
            batches = [
                np.asarray(model(self.windows.inputs(rows[start : start + EVALUATION_BATCH]), training=False))
                for start in range(0, len(rows), EVALUATION_BATCH)
            ]
        return np.concatenate(batches)

    def build(self, values: Mapping[str, object] | keras_tuner.HyperParameters, seed: int = 0) -> keras.Model:
        """Return the compiled model of `values`, its initial weights drawn from `seed`."""
        return build_model(self.space, values, seed, self.windows.input_shape)

    def _fit(self, task: Task, watch: Watch) -> Outcome:
        hp = hyperparameters_of(task.values)
        model = self.build(hp, task.seed)
        if task.state is not None:
            set_state(model, task.state)
        callbacks = [*callbacks_of(self.callbacks, task), watch]
        if self.space.fits_itself:
            self._fit_itself(hp, model, task, callbacks)
        else:
            self._fit_batches(model, task, callbacks)
        judge = watch.judge
        judge.over(task.first_epoch + 1)
        units = recurrent_units(model)
        outcome = Outcome(
            number=task.number,
            status=judge.status or Status.FAILED,
            reason=judge.reason,
            weights=watch.best_weights,
            best_epoch=judge.best_epoch,
            best_val_loss=judge.best_val_loss,
            parameters=trainable_parameters(model),
            state=state_of(model) if judge.keeps_state else None,
            units=units,
        )
        if self.space.is_stack or not watch.best_weights:
            return outcome
        set_weights(model, watch.best_weights)
        return replace(outcome, states=states_of_model(model, self.windows))

    def _fit_batches(self, model: keras.Model, task: Task, callbacks: list[keras.callbacks.Callback]) -> None:
        batch_size = int(task.values.get("batch_size", 32))
        model.fit(
            self.batches(task, batch_size),
            steps_per_epoch=training_steps(self.windows, batch_size),
            shuffle=False,
            **fit_arguments(self._validation(), task.first_epoch, task.epochs, callbacks),
        )

    def _fit_itself(
        self,
        hp: keras_tuner.HyperParameters,
        model: keras.Model,
        task: Task,
        callbacks: list[keras.callbacks.Callback],
    ) -> None:
        """Call the user's own `fit`.

        Raises:
            UserError: when it asks for a hyperparameter that the search could not know of.
        """
        known = {one.name for one in hp.space} | set(task.values)
        (x, y), validation = self._arrays
        self.space.fit(hp, model, x, y, **fit_arguments(validation, task.first_epoch, task.epochs, callbacks))
        if late := [one.name for one in hp.space if one.name not in known]:
            raise UserError(
                f"fit of the space asked for {', '.join(late)} while it trained, so that nothing else than "
                "the default was ever tried: declare it in declare_hyperparameters(self, hp) of the space"
            )

    @cached_property
    def _arrays(self) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """Inputs and targets of the training and of the validation windows, scaled."""
        train, validation = self.windows.parts["train"], validation_rows(self.windows)
        return tuple((self.windows.inputs(rows), self.windows.targets(rows)) for rows in (train, validation))  # type: ignore[return-value]

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


def state_of(model: keras.Model) -> list[np.ndarray]:
    """Return all weights, then the optimizer's variables: all that training goes on from."""
    return copies([*model.weights, *model.optimizer.variables])


def set_state(model: keras.Model, state: Sequence[np.ndarray]) -> None:
    """Put a `state_of` back; the optimizer is built first, or its part would be dropped silently."""
    model.optimizer.build(model.trainable_weights)
    for variable, value in zip([*model.weights, *model.optimizer.variables], state, strict=True):
        variable.assign(value)
