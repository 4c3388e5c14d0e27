"""A program: many training steps, or a whole validation, in one compiled XLA function.

The series is resident and comes in as an argument; the windows of a batch are gathered by their row
numbers inside the program. A call does as many steps as it is told, so that no call lasts long.
A program is made for shapes (`Shape`); whatever differs between trials of one shape (learning rate,
bound on the gradient, scaling, dropout, seed, weights) is an argument with one value for each lane.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from . import adam
from .cell import Weights
from .stack import Network, Scaling, elementwise, loss_and_gradients, predict

EVALUATION_BATCH = 256


@dataclass(frozen=True)
class Shape:
    """Everything a compiled program depends on.

    Args:
        units: padded units of each LSTM layer.
        lanes: trials side by side.
        batch_size: windows a step.
        lookback: rows of a window.
        horizon: rows of a forecast.
        inputs: columns of the series.
        targets: the first of them.
        loss: `mse`, `mae` or `huber`.
        dropout: whether any trial of it drops.
        dtype: `float32`, or `float64` to compare with.
    """

    units: tuple[int, ...]
    lanes: int
    batch_size: int
    lookback: int
    horizon: int
    inputs: int
    targets: int
    loss: str
    dropout: bool = False
    dtype: str = "float32"


class Settings(NamedTuple):
    """One value a lane: learning rate, bound on the gradient, dropout fraction, dropout seed, scaling."""

    rate: tf.Tensor
    clipnorm: tf.Tensor
    dropout: tf.Tensor
    seed: tf.Tensor
    scaling: Scaling


class State(NamedTuple):
    """What training changes: weights in Keras order (each with a lane axis in front), and Adam's moments."""

    weights: list[tf.Tensor]
    moments: adam.Moments


class Program:
    """The compiled functions of one shape; calls from several threads are safe."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._train = tf.function(self._train_steps, jit_compile=True, autograph=False)
        self._evaluate = tf.function(self._evaluate_all, jit_compile=True, autograph=False)
        self._predict = tf.function(self._predict_batch, jit_compile=True, autograph=False)
        self._compiling = threading.Lock()
        self._compiled: set[Any] = set()

    def train(
        self,
        state: State,
        settings: Settings,
        data: tf.Tensor,
        order: np.ndarray,
        last: int,
        first: int,
        count: int,
        total: tf.Tensor,
    ) -> tuple[State, tf.Tensor]:
        """Do `count` steps from step `first` of an epoch.

        Args:
            state: before.
            settings: of each lane.
            data: (rows, inputs), the series in z.
            order: int32 (lane, steps, batch), the first-target row of each window; what stands
                after the `last` windows of the last step is padding.
            last: windows in the last step of the epoch.
            first: from 0.
            count: steps to do.
            total: sum of the loss over the windows of the epoch so far, (lane,); carried from call to
                call, so that it does not depend on where an epoch is cut.

        Returns:
            The state after, and the new total.
        """
        numbers = (tf.constant(number, tf.int32) for number in (last, first, count))
        done: tuple[State, tf.Tensor] = self._call(
            self._train, state, settings, data, tf.constant(order), *numbers, total
        )
        return done

    def _train_steps(self, state, settings, data, order, last, first, count, total):  # type: ignore[no-untyped-def]
        s = self.shape
        steps = tf.shape(order)[1]
        place = tf.range(s.batch_size)

        def body(k, weights, firsts, seconds, done, total):  # type: ignore[no-untyped-def]
            step = first + k
            # Not order[:, step]: XLA would take `first` for a constant and compile for each value of it.
            rows = tf.gather(order, step, axis=1)
            windows = tf.where(step == steps - 1, last, s.batch_size)
            present = tf.cast(place < windows, s.dtype)
            window, actual = self._gather(data, rows)
            masks = self._masks(settings, done) if s.dropout else None
            losses, gradients = loss_and_gradients(
                window, actual, present, self._network(weights), settings.scaling, s.loss, masks
            )
            flat = adam.clipped(_flat(gradients), settings.clipnorm)
            weights, moments = adam.step(weights, flat, adam.Moments(firsts, seconds, done), settings.rate)
            return k + 1, weights, *moments, total + losses * tf.cast(windows, s.dtype)

        start = (0, state.weights, *state.moments, total)
        _, weights, firsts, seconds, done, total = tf.while_loop(
            lambda k, *_: k < count, body, start, parallel_iterations=1
        )
        return State(weights, adam.Moments(firsts, seconds, done)), total

    def evaluate(self, state: State, settings: Settings, data: tf.Tensor, rows: np.ndarray) -> np.ndarray:
        """Return the mean loss over the windows at `rows`, float (lane,)."""
        padded, count = tf.constant(_padded(rows)), tf.constant(len(rows), tf.int32)
        return self._call(self._evaluate, state.weights, settings, data, padded, count).numpy() / len(rows)

    def _evaluate_all(self, weights, settings, data, rows, count):  # type: ignore[no-untyped-def]
        s = self.shape
        network = self._network(weights)
        place = tf.range(EVALUATION_BATCH)

        def body(k, total):  # type: ignore[no-untyped-def]
            some = tf.repeat(rows[k][None], s.lanes, 0)
            present = tf.cast(k * EVALUATION_BATCH + place < count, s.dtype)
            window, actual = self._gather(data, some)
            error = predict(window, network, settings.scaling, s.horizon, s.targets) - actual
            value = tf.reduce_mean(elementwise(s.loss, error)[0], (2, 3))
            # A lane that diverged must not reach the sum through windows that are padding.
            return k + 1, total + tf.reduce_sum(tf.where(present > 0, value, 0), 1)

        batches = tf.shape(rows)[0]
        _, total = tf.while_loop(lambda k, _: k < batches, body, (0, tf.zeros(s.lanes, s.dtype)))
        return total

    def predict(self, state: State, settings: Settings, data: tf.Tensor, rows: np.ndarray) -> np.ndarray:
        """Return the forecasts of every lane, (lane, windows, horizon, targets), z."""
        parts = [self._predict(state.weights, settings, data, some).numpy() for some in _padded(rows)]
        return np.concatenate(parts, axis=1)[:, : len(rows)]

    def _predict_batch(self, weights, settings, data, rows):  # type: ignore[no-untyped-def]
        s = self.shape
        window, _ = self._gather(data, tf.repeat(rows[None], s.lanes, 0))
        return predict(window, self._network(weights), settings.scaling, s.horizon, s.targets)

    def _call(self, function: Any, *arguments: Any) -> Any:
        """Call a compiled function; only one thread compiles it, the others wait for that."""
        if function not in self._compiled:
            with self._compiling:
                result = function(*arguments)
                self._compiled.add(function)
                return result
        return function(*arguments)

    def _gather(self, data: tf.Tensor, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Windows (time, lane, batch, inputs) and their targets (lane, batch, horizon, targets)."""
        s = self.shape
        past = tf.range(-s.lookback, 0)[:, None, None] + rows
        ahead = rows[..., None] + tf.range(s.horizon)
        # Padding may point past the end of the series; what it gathers is never counted.
        ahead = tf.minimum(ahead, tf.shape(data)[0] - 1)
        return tf.gather(data, past), tf.gather(data[:, : s.targets], ahead)

    def _network(self, weights: list[tf.Tensor]) -> Network:
        """Keras order (kernel, recurrent, bias of each layer, then the readout's) as a `Network`."""
        layers = tuple(
            Weights(weights[3 * i], weights[3 * i + 1], weights[3 * i + 2][:, None])
            for i in range(len(self.shape.units))
        )
        return Network(layers, weights[-2], weights[-1][:, None])

    def _masks(self, settings: Settings, done: tf.Tensor) -> list[tf.Tensor]:
        """Dropout masks of each layer, (time, lane, batch, units), scaled so that the mean stays 1."""
        s = self.shape
        keep = 1 - settings.dropout
        masks = []
        for layer, units in enumerate(s.units):
            drawn = [
                tf.random.stateless_uniform(
                    (s.lookback, s.batch_size, units),
                    tf.stack([settings.seed[lane] + layer, tf.cast(done[lane], tf.int32)]),
                    dtype=s.dtype,
                )
                for lane in range(s.lanes)
            ]
            kept = tf.cast(tf.stack(drawn, 1) < keep[:, None, None], s.dtype)
            masks.append(kept / keep[:, None, None])
        return masks


def _flat(network: Network) -> list[tf.Tensor]:
    parts: list[Any] = [part for layer in network.layers for part in (*layer[:2], layer.bias[:, 0])]
    return [*parts, network.kernel, network.bias[:, 0]]


def _padded(rows: np.ndarray) -> np.ndarray:
    """Row numbers as int32 (batches, EVALUATION_BATCH); the last one repeats as padding."""
    missing = -len(rows) % EVALUATION_BATCH
    return np.pad(rows, (0, missing), mode="edge").astype(np.int32).reshape(-1, EVALUATION_BATCH)
