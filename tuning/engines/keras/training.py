"""Training one trial in this process with plain Keras.

Each trial is one ordinary `model.fit`, or one `fit` of the user's own; what it is given stands in `batches`.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import keras
import keras_tuner
import numpy as np
import tensorflow as tf

from ....search_spaces.errors import UserError
from ....search_spaces.sketch import fit_arguments, recurrent_units, trainable_parameters
from ....search_spaces.space import Space, build_model, hyperparameters_of, set_weights
from ....search_spaces.trial import Outcome, Status
from .._states import states_of_model
from ..base import Report, Start, Task, reason_of
from .batches import EVALUATION_BATCH, Batches
from .place import place_of
from .user_callbacks import Callbacks, callbacks_of
from .watch import Watch, copies

if TYPE_CHECKING:
    from ...series.windows import Windows

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
        self._batches = Batches(windows)
        self._start = Start(space, windows)

    def train(self, task: Task, report: Report) -> Outcome:
        """Train `task`, calling `report` after each epoch; return how it ended."""
        if self.callbacks or self.space.fits_itself:
            task = replace(task, keep_secs=math.inf)
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

    @property
    def _averages(self) -> bool:
        return self.space.is_stack and self.space.averages

    def _fit(self, task: Task, watch: Watch) -> Outcome:
        hp = hyperparameters_of(task.values)
        model = self.build(hp, task.seed)
        state, average = task.state, None
        if self._averages and state is not None:
            count = len(model.trainable_variables)
            state, average = state[:-count], state[-count:]
        if state is not None:
            set_state(model, state)
        watch.state = lambda: [*state_of(model), *(watch.averaged.weights if watch.averaged else [])]
        more: list[keras.callbacks.Callback] = []
        if self._averages:
            validation = self._batches.validation()
            more = [watch.follows_average(model, average, lambda: model.evaluate(validation, verbose=0))]
        judge = watch.judge
        if start := self._start.epoch(task):
            watch.starts(start, model)
        if judge.status is None:
            callbacks = [*callbacks_of(self.callbacks, task), *more, watch]
            if self.space.fits_itself:
                self._fit_itself(hp, model, task, callbacks)
            else:
                self._fit_batches(model, task, callbacks)
            judge.over()
        units = recurrent_units(model)
        outcome = Outcome(
            number=task.number,
            status=judge.status or Status.FAILED,
            reason=judge.reason,
            weights=judge.best_weights,
            best_epoch=judge.best_epoch,
            best_val_loss=judge.best_val_loss,
            parameters=trainable_parameters(model),
            state=watch.state() if judge.keeps_state else None,
            units=units,
        )
        if self.space.is_stack or not judge.best_weights:
            return outcome
        set_weights(model, judge.best_weights)
        return replace(outcome, states=states_of_model(model, self.windows))

    def _fit_batches(self, model: keras.Model, task: Task, callbacks: list[keras.callbacks.Callback]) -> None:
        batch_size = int(task.values.get("batch_size", 32))
        model.fit(
            self._batches.of(task, batch_size),
            steps_per_epoch=self._batches.steps(batch_size),
            shuffle=False,
            **fit_arguments(self._batches.validation(), task.first_epoch, task.epochs, callbacks),
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
        (x, y), validation = self._batches.arrays
        self.space.fit(hp, model, x, y, **fit_arguments(validation, task.first_epoch, task.epochs, callbacks))
        if late := [one.name for one in hp.space if one.name not in known]:
            raise UserError(
                f"fit of the space asked for {', '.join(late)} while it trained, so that nothing else than "
                "the default was ever tried: declare it in declare_hyperparameters(self, hp) of the space"
            )


def state_of(model: keras.Model) -> list[np.ndarray]:
    """Return all weights, the optimizer's variables, then which random numbers come next, as of dropout.

    It is all that training goes on from.
    """
    return copies([*_kept(model), *_drawn(model)])


def set_state(model: keras.Model, state: Sequence[np.ndarray]) -> None:
    """Put a `state_of` back; one of the fused engine says nothing of random numbers.

    The optimizer is built first, or its part would be dropped silently.
    """
    model.optimizer.build(model.trainable_weights)
    variables = _kept(model)
    if len(state) > len(variables):
        variables += _drawn(model)
    for variable, value in zip(variables, state, strict=True):
        variable.assign(value)


def _kept(model: keras.Model) -> list[keras.Variable]:
    return [*model.weights, *model.optimizer.variables]


def _drawn(model: keras.Model) -> list[keras.Variable]:
    weights = {id(variable) for variable in model.weights}
    return [variable for variable in model.variables if id(variable) not in weights]
