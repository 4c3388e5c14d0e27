"""A trial on its way through a program: loaded at its true width, trained an epoch at a time, taken out.

The arrays of a trial live in the program's padded shapes while it trains. Its state, when it is taken
out, is what the `keras` engine would have: weights, then iteration, learning rate, and the two
moments of each weight in turn.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from ....search_spaces.linear import stack_weights
from ....search_spaces.network import initial_weights
from ....search_spaces.scaling import Scaling, scaling_of
from ...series.epoch_rows import training_rows, validation_rows
from ...series.windows import Windows
from ..base import Task
from . import adam
from .embed import crop, embed, unpacked, wide_linear
from .program import MOST_STEPS, Program, Settings, State
from .shape import Shape

if TYPE_CHECKING:
    from ....search_spaces.profile import Profile
    from ....search_spaces.stacked_lstm import StackedLSTM

CALL_SECS = 0.5
"""How long one call of a program should last, so that progress and Ctrl-C are prompt."""


class Training:
    """One trial in a program.

    Args:
        task: what to train.
        profile: its widths.
        program: at least as wide.
        space: of the trial; says loss, clipping and the statistics behind the scaling `none`.
        windows: the data.
        data: (rows, inputs), the series, resident.

    Attributes:
        averaged: whether the validation loss of the last epoch is that of the averaged weights.
    """

    def __init__(
        self,
        task: Task,
        profile: Profile,
        program: Program,
        space: StackedLSTM,
        windows: Windows,
        data: tf.Tensor,
    ) -> None:
        self.task, self.profile, self.program = task, profile, program
        self.windows, self.data = windows, data
        self.dtype = np.dtype(program.shape.dtype)
        self.linear = space.linear_of(task.values)
        self.settings = settings_of(task, space, program.shape, windows)
        self.even_start, self.averages = space.even_start, space.averages
        self.averaged = False
        self._step_secs = math.inf

    @cached_property
    def state(self) -> State:
        """Weights and moments now; of a state that is weights alone, as at the start of a training.

        Made when first asked for, by a worker: drawing weights takes a while.
        """
        weights = stack_weights(self.task.state or self._initial(), self.profile.num_layers)
        optimizer = (self.task.state or [])[len(weights) + len(self._frozen) :]
        wide = self._wide(weights)
        if not len(optimizer):
            none = tf.zeros_like(wide)
            return State(wide, wide, adam.Moments(none, none, tf.zeros((), self.dtype)))
        end = 2 + 2 * len(weights)
        done = tf.constant(int(optimizer[0]), self.dtype)
        moments = adam.Moments(self._wide(optimizer[2:end:2]), self._wide(optimizer[3:end:2]), done)
        return State(wide, self._wide(optimizer[-len(weights) :]) if self.averages else wide, moments)

    def initial(self) -> list[np.ndarray]:
        """All weights before the first epoch, as `weights` has them."""
        return [*self._initial(), *self._frozen]

    @property
    def _frozen(self) -> list[np.ndarray]:
        return self.linear.weights if self.linear else []

    def _initial(self) -> list[np.ndarray]:
        reading = self.program.shape.reading
        return initial_weights(
            self.profile,
            reading.width,
            reading.outputs,
            self.task.seed,
            even_start=self.even_start,
            linear=self.linear is not None,
        )

    def epoch(self, number: int, stopping: Event) -> tuple[float, float, float] | None:
        """Train one epoch; return training loss, validation loss and seconds.

        The validation loss is that of the weights or of their average, whichever is better: see `averaged`.

        Args:
            number: of the epoch, from 1.
            stopping: once set, the epoch is given up and None is returned.
        """
        started = time.perf_counter()
        loss = self._over(training_rows(self.windows, self.task.seed, number), stopping, learn=True)
        val_loss = self._over(validation_rows(self.windows), stopping, learn=False)
        if self.averages:
            trained, self.state = self.state, self.state._replace(weights=self.state.average)
            of_average = self._over(validation_rows(self.windows), stopping, learn=False)
            self.state = trained
            if of_average is not None and val_loss is not None:
                # What diverged has to end, also where an average of it is still finite.
                self.averaged = math.isfinite(val_loss) and of_average < val_loss
                val_loss = of_average if self.averaged else val_loss
        if loss is None or val_loss is None:
            return None
        return loss, val_loss, time.perf_counter() - started

    def _over(self, rows: np.ndarray, stopping: Event, *, learn: bool) -> float | None:
        """Go over the windows at `rows` once; return their mean loss, or None when told to stop."""
        size = self.program.shape.batch_size
        batches = [rows[start : start + size] for start in range(0, len(rows), size)]
        total = tf.zeros((), self.dtype)
        while batches:
            if stopping.is_set():
                return None
            count = min(MOST_STEPS, max(1, int(CALL_SECS / self._step_secs)))
            began = time.perf_counter()
            self.state, total = self.program.steps(
                self.state, self.settings, self.data, batches[:count], total, learn=learn
            )
            # The first call may have compiled; what it says of a step is only an upper bound.
            self._step_secs = (time.perf_counter() - began) / min(count, len(batches))
            batches = batches[count:]
        return float(total) / len(rows)

    def rate(self) -> float:
        """Return the learning rate of the next step."""
        settings = self.settings
        return float(adam.decayed(settings.rate, settings.decay, self.state.moments.steps))

    def weights(self) -> list[np.ndarray]:
        """Return the weights whose validation loss was told last, at their true widths, in Keras order."""
        flat = self.state.average if self.averaged else self.state.weights
        return [*self._narrow(flat), *self._frozen]

    def full_state(self) -> list[np.ndarray]:
        """Return all that training goes on from, as the `keras` engine gives it."""
        moments = self.state.moments
        pairs = zip(self._narrow(moments.first), self._narrow(moments.second), strict=True)
        rate = np.asarray(self.settings.rate, np.float32)
        steps = np.asarray(moments.steps, np.int64)
        weights, average = (self._narrow(flat) for flat in (self.state.weights, self.state.average))
        optimizer: list[np.ndarray] = [steps, rate, *(moment for pair in pairs for moment in pair)]
        return [*weights, *self._frozen, *optimizer, *(average if self.averages else [])]

    def _wide(self, arrays: Sequence[np.ndarray]) -> tf.Tensor:
        padded = embed(arrays, self.profile.units, self.program.shape.units)
        return tf.constant(np.concatenate([array.ravel() for array in padded]), self.dtype)

    def _narrow(self, flat: tf.Tensor) -> list[np.ndarray]:
        shape = self.program.shape
        wide = unpacked(flat.numpy(), shape.units, shape.reading.width, shape.reading.outputs)
        return crop(wide, self.profile.units, shape.units)


def settings_of(task: Task, space: StackedLSTM, shape: Shape, windows: Windows) -> Settings:
    """Return what a program of a shape must know of a trial beside its weights."""
    values, dtype = task.values, shape.dtype
    inputs, targets = shape.inputs, shape.targets
    linear = space.linear_of(values)
    scaling = scaling_of(values["scaling"], inputs, targets, space.mean, space.std, linear=linear is not None)
    # Trials without a linear forecast share the programs of those with one: theirs is zero.
    features = inputs - targets if shape.linear_features else 0
    weights = wide_linear(space.linear, shape.linear, features) if space.linear else []
    return Settings(
        rate=tf.constant(values["learning_rate"], dtype),
        decay=tf.constant(space.decay_steps, dtype),
        clipnorm=tf.constant(space.clipnorm, dtype),
        dropout=tf.constant(values["dropout"], dtype),
        seed=tf.constant(task.seed % 2**30, tf.int32),
        scaling=Scaling(*(tf.constant(value, dtype) for value in scaling)),
        linear=tuple(tf.constant(weight if linear else 0 * weight, dtype) for weight in weights),
        floor=() if windows.own is None else (tf.constant(windows.own.floor),),
    )
