"""A trial on its way through a program: loaded at its true width, trained an epoch at a time, taken out.

The arrays of a trial live in the program's padded shapes while it trains. Its state, when it is taken
out, is what the `keras` engine would have: weights, then iteration, learning rate, and the two
moments of each weight in turn.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from threading import Event

import numpy as np
import tensorflow as tf

from ....search_spaces.network import initial_weights
from ....search_spaces.profile import Profile
from ....search_spaces.stacked_lstm import StackedLSTM
from ...series.windows import Windows
from ..base import Trial, batch_order
from . import adam
from .embed import crop, embed
from .program import Program, Settings, State
from .stack import Scaling

CALL_SECS = 0.5
"""How long one call of a program should last, so that progress and Ctrl-C are prompt."""


class Lane:
    """One trial in a program of one lane.

    Args:
        trial: what to train.
        profile: its widths.
        program: at least as wide.
        space: of the trial; says loss, clipping and the statistics behind the scaling `none`.
        windows: the data.
        data: (rows, inputs), the series, resident.
    """

    def __init__(
        self,
        trial: Trial,
        profile: Profile,
        program: Program,
        space: StackedLSTM,
        windows: Windows,
        data: tf.Tensor,
    ) -> None:
        self.trial, self.profile, self.program = trial, profile, program
        self.windows, self.data = windows, data
        self.dtype = np.dtype(program.shape.dtype)
        self.settings = settings_of(trial, space, windows, self.dtype)
        horizon, targets = windows.output_shape
        count = 3 * profile.num_layers + 2
        if trial.state is None:
            weights = initial_weights(profile, windows.input_shape[1], horizon * targets, trial.seed)
            first, second, done = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights], 0
        else:
            weights, optimizer = list(trial.state[:count]), trial.state[count:]
            done, first, second = int(optimizer[0]), list(optimizer[2::2]), list(optimizer[3::2])
        moments = adam.Moments(self._wide(first), self._wide(second), tf.constant([done], self.dtype))
        self.state = State(self._wide(weights), moments)
        self._step_secs = math.inf

    def epoch(self, number: int, stopping: Event) -> tuple[float, float, float] | None:
        """Train one epoch; return training loss, validation loss and seconds.

        Args:
            number: of the epoch, from 1.
            stopping: once set, the epoch is given up and None is returned.
        """
        started = time.perf_counter()
        rows, size = self.windows.parts["train"], self.program.shape.batch_size
        order = rows[batch_order(self.trial.seed, number, len(rows))]
        steps = math.ceil(len(rows) / size)
        padded = np.resize(order, steps * size).astype(np.int32).reshape(1, steps, size)
        last = len(rows) - (steps - 1) * size
        total, step = tf.zeros(1, self.dtype), 0
        while step < steps:
            if stopping.is_set():
                return None
            count = min(steps - step, max(1, int(CALL_SECS / self._step_secs)))
            began = time.perf_counter()
            self.state, total = self.program.train(
                self.state, self.settings, self.data, padded, last, step, count, total
            )
            # The first call may have compiled; what it says of a step is only an upper bound.
            self._step_secs = (time.perf_counter() - began) / count
            step += count
        val_loss = self.program.evaluate(
            self.state, self.settings, self.data, self.windows.parts["validation"]
        )
        return float(total[0]) / len(rows), float(val_loss[0]), time.perf_counter() - started

    def weights(self) -> list[np.ndarray]:
        """Return the trial's weights, at its true widths, in Keras order."""
        return self._narrow(self.state.weights)

    def full_state(self) -> list[np.ndarray]:
        """Return all that training goes on from, as the `keras` engine gives it."""
        moments = self.state.moments
        pairs = zip(self._narrow(moments.first), self._narrow(moments.second), strict=True)
        rate = np.asarray(self.settings.rate[0], np.float32)
        steps = np.asarray(moments.steps[0], np.int64)
        return [*self.weights(), steps, rate, *(moment for pair in pairs for moment in pair)]

    def _wide(self, arrays: Sequence[np.ndarray]) -> list[tf.Tensor]:
        padded = embed(arrays, self.profile.units, self.program.shape.units)
        return [tf.constant(array[None], self.dtype) for array in padded]

    def _narrow(self, tensors: Sequence[tf.Tensor]) -> list[np.ndarray]:
        return crop([tensor.numpy()[0] for tensor in tensors], self.profile.units, self.program.shape.units)


def settings_of(trial: Trial, space: StackedLSTM, windows: Windows, dtype: np.dtype) -> Settings:
    """Return the settings of a program's only lane."""
    values = trial.values

    def one(value: object, kind: object = dtype) -> tf.Tensor:
        return tf.constant(np.asarray(value)[None], kind)

    return Settings(
        rate=one(values["learning_rate"]),
        clipnorm=one(space.clipnorm),
        dropout=one(values["dropout"]),
        seed=one(trial.seed % 2**30, tf.int32),
        scaling=Scaling(*(one(value) for value in scaling_of(values["scaling"], space, windows))),
    )


def scaling_of(name: str, space: StackedLSTM, windows: Windows) -> tuple[np.ndarray, ...]:
    """Return in_scale, in_shift (inputs,), out_scale, out_shift (targets,) and keep_last; see `stack`."""
    inputs, targets = windows.input_shape[1], windows.output_shape[1]
    scale, shift = np.ones(inputs), np.zeros(inputs)
    if name == "none" and space.mean is not None and space.std is not None:
        scale[: len(space.std)], shift[: len(space.mean)] = space.std, space.mean
    back = 1 / scale[:targets]
    return scale, shift, back, -shift[:targets] * back, np.array(float(name == "last"))
