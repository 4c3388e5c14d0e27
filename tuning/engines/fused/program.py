"""A program: many training or validation steps in one compiled XLA function.

The series is resident and comes in as an argument; the windows of a batch are gathered by their row
numbers inside the program. A program is made for shapes (`Shape`); whatever differs between trials of
one shape (weights, learning rate, bound on the gradient, scaling, dropout, seed) is an argument.
Training and validation are the same function, told whether to learn: compiling is what costs.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ....search_spaces import averaging
from ....search_spaces.scaling import Scaling
from . import adam
from .batch import gathered
from .compiled import Compiled
from .kept_programs import KeptPrograms
from .network import gradient, losses, run, unpacked
from .shape import Shape
from .xla import DEVICE

__all__ = ["DEVICE", "FORECAST_BATCH", "MOST_STEPS", "Program", "Settings", "Shape", "State", "resident"]

MOST_STEPS = 128
"""Steps that one call can do; of the narrowest stack they still take some hundredths of a second."""
FORECAST_BATCH = 256


class Settings(NamedTuple):
    """Of a trial: learning rate, steps it falls to zero in (0: never), bound on the gradient, dropout
    fraction, dropout seed, scaling, the weights of its linear forecast as `Linear.weights` has them (zeros
    for a trial without, none where the shape has no linear forecast), and the least size of a window, where
    windows are counted in their own."""

    rate: tf.Tensor
    decay: tf.Tensor
    clipnorm: tf.Tensor
    dropout: tf.Tensor
    seed: tf.Tensor
    scaling: Scaling
    linear: tuple[tf.Tensor, ...]
    floor: tuple[tf.Tensor, ...] = ()


class State(NamedTuple):
    """What training changes: all weights as one vector, their average over the steps, and Adam's moments."""

    weights: tf.Tensor
    average: tf.Tensor
    moments: adam.Moments


def resident(data: np.ndarray) -> tf.Tensor:
    """Return a series, (rows, inputs), as programs are given it: with rows of zeros below.

    No window reaches them. The number of rows is a part of what a program is compiled for: rounded up, by a
    quarter at most, a series that has grown by a few rows finds its programs again.
    """
    step = 2 ** max(0, len(data).bit_length() - 3)
    with tf.device(DEVICE):
        return tf.constant(np.pad(data, ((0, -len(data) % step), (0, 0))))


class Program:
    """The compiled functions of one shape; calls from several threads are safe.

    Args:
        shape: theirs.
        kept: where compiled programs are looked for and kept; None is nowhere.
    """

    def __init__(self, shape: Shape, kept: KeptPrograms | None = None) -> None:
        self.shape = shape
        self._run = Compiled(self._steps, lambda given: (given[0], given[-1]), f"steps {shape}", kept)
        self._predict = Compiled(self._forecast, lambda given: given[0], f"forecast {shape}", kept)

    @property
    def origins(self) -> Counter[str]:
        """How many of its functions were `compiled`, and how many `loaded`."""
        return Counter(one.origin for one in (self._run, self._predict) if one.origin)

    def steps(
        self,
        state: State,
        settings: Settings,
        data: tf.Tensor,
        batches: list[np.ndarray],
        total: tf.Tensor,
        *,
        learn: bool,
    ) -> tuple[State, tf.Tensor]:
        """Do a step for each batch.

        Args:
            state: before.
            settings: of the trial.
            data: (rows, inputs), `Windows.data`.
            batches: the first-target row of each window; at most `MOST_STEPS`, each of at most
                `batch_size` windows.
            total: sum of the loss over the windows of the epoch so far; carried from call to call,
                so that it does not depend on where an epoch is cut.
            learn: whether to change the state; without, only the loss is wanted.

        Returns:
            The state after, and the new total.
        """
        order = np.zeros((MOST_STEPS, self.shape.batch_size), np.int32)
        sizes = np.zeros(MOST_STEPS, np.int32)
        for k, rows in enumerate(batches):
            # What stands after the rows of a smaller batch is padding: it must only be in the series.
            order[k], sizes[k] = np.resize(rows, self.shape.batch_size), len(rows)
        done: tuple[State, tf.Tensor] = self._run(
            state,
            settings,
            data,
            tf.constant(order),
            tf.constant(sizes),
            tf.constant(len(batches), tf.int32),
            tf.constant(learn),
            total,
        )
        return done

    def _steps(self, state, settings, data, order, sizes, count, learn, total):  # type: ignore[no-untyped-def]
        s = self.shape
        place = tf.range(s.batch_size)

        def body(k, state, total):  # type: ignore[no-untyped-def]
            present = place < sizes[k]
            windows = tf.cast(sizes[k], s.dtype)
            window, actual, linear = gathered(data, order[k], s, settings.floor, settings.linear)
            network = unpacked(state.weights, s.units, s.reading.width, s.reading.outputs)
            masks = self._masks(settings, state.moments.steps, learn) if s.dropout else None
            done = run(window, network, settings.scaling, linear, s.reading, masks)
            each, slope = losses(s.loss, done.forecast - actual)

            def learned() -> State:
                share = tf.where(present, 1 / windows, 0)
                g = gradient(done, slope, share, network, settings.scaling, s.reading, masks)
                g = adam.clipped(g, settings.clipnorm)
                rate = adam.decayed(settings.rate, settings.decay, state.moments.steps)
                weights, moments = adam.step(state.weights, g, state.moments, rate)
                kept = averaging.decay(state.moments.steps, tf.minimum)
                return State(weights, kept * state.average + (1 - kept) * weights, moments)

            total += tf.reduce_sum(tf.where(present, each, 0))
            return k + 1, tf.cond(learn, learned, lambda: state), total

        start = (0, state, total)
        _, state, total = tf.while_loop(lambda k, *_: k < count, body, start, parallel_iterations=1)
        return state, total

    def predict(self, state: State, settings: Settings, data: tf.Tensor, rows: np.ndarray) -> np.ndarray:
        """Return the forecasts of the windows at `rows`, (windows, horizon, targets), z."""
        padded = np.pad(rows, (0, -len(rows) % FORECAST_BATCH), mode="edge").astype(np.int32)
        parts = [
            self._predict(state.weights, settings, data, tf.constant(some)).numpy()
            for some in padded.reshape(-1, FORECAST_BATCH)
        ]
        return np.concatenate(parts)[: len(rows)]

    def _forecast(self, weights, settings, data, rows):  # type: ignore[no-untyped-def]
        s = self.shape
        network = unpacked(weights, s.units, s.reading.width, s.reading.outputs)
        window, _, linear = gathered(data, rows, s, settings.floor, settings.linear)
        return run(window, network, settings.scaling, linear, s.reading).forecast

    def _masks(self, settings: Settings, done: tf.Tensor, learn: tf.Tensor) -> list[tf.Tensor]:
        """Dropout masks of each layer, (time, rows, units), scaled so that the mean stays 1."""
        s = self.shape
        keep, rows = 1 - settings.dropout, s.batch_size * s.reading.rows
        masks = []
        for layer, units in enumerate(s.units):
            steps = s.reading.steps if layer < len(s.units) - 1 else 1
            seed = tf.stack([settings.seed + layer, tf.cast(done, tf.int32)])
            drawn = tf.random.stateless_uniform((steps, rows, units), seed, dtype=s.dtype)
            masks.append(tf.where(learn, tf.cast(drawn < keep, s.dtype) / keep, 1))
        return masks
