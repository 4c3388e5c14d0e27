"""One step of one LSTM layer, and its backward pass, written by hand.

Axes are (batch, unit). Gates stand in Keras' order: input i, forget f, candidate g, output o.

    z = [x_t, h_{t-1}, 1] M            i, f, o = sigmoid(z)    g = tanh(z)
    c_t = f c_{t-1} + i g              h_t = o tanh(c_t)

M is Keras' kernel above its recurrent kernel above its bias, as they stand in the vector of all weights: one
matrix product a step, and one for the gradient of all three. All four gates go through one tanh, since
sigmoid(z) = tanh(z / 2) / 2 + 1 / 2: that tanh, T, is what is kept of them. The columns of i, f and o in M
are halved once a batch (`halved`), which is exact, and so are those of its gradient.

Source: Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000, as `keras.layers.LSTM`.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf


def halved(matrix: tf.Tensor) -> tf.Tensor:
    """Return M, or its gradient, with the columns of i, f and o halved: (inputs + units + 1, 4 units)."""
    return matrix * _halves(matrix)


def next_cell(squashed: tf.Tensor, before: tf.Tensor) -> tf.Tensor:
    """Return the cell after a step, (batch, units).

    Args:
        squashed: T of the step, the tanh of [x_t, h_{t-1}, 1] times the halved M, (batch, 4 units).
        before: cell before the step, (batch, units).
    """
    i, f, g, _ = tf.split(squashed, 4, 1)
    return _sigmoid(f) * before + _sigmoid(i) * g


def state(squashed: tf.Tensor, tanh: tf.Tensor) -> tf.Tensor:
    """Return the state after a step, (..., units), from its T and the tanh of the cell after it."""
    return _sigmoid(squashed[..., 3 * tanh.shape[-1] :]) * tanh


def step_back(
    squashed: tf.Tensor, before: tf.Tensor, tanh: tf.Tensor, d_state: tf.Tensor, d_cell: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the gradients of [x_t, h_{t-1}, 1] times the halved M, (batch, 4 units), and of the cell before.

    Args:
        squashed: T of the step; the slope of T is 1 - T^2.
        before: cell before the step.
        tanh: of the cell after it.
        d_state: gradient of the state after the step.
        d_cell: gradient of the cell after the step, but for what comes through that state.
    """
    i, f, g, o = tf.split(squashed, 4, 1)
    d_cell += d_state * _sigmoid(o) * (1 - tanh * tanh)
    d_gates = tf.concat([d_cell * g, d_cell * before, d_cell * _sigmoid(i), d_state * tanh], 1)
    return d_gates * (1 - squashed * squashed) * _halves(squashed), d_cell * _sigmoid(f)


def _sigmoid(squashed: tf.Tensor) -> tf.Tensor:
    return 0.5 * squashed + 0.5


def _halves(like: tf.Tensor) -> tf.Tensor:
    """How much of its T each gate is: a row for the last axis of `like`, which holds four gates."""
    return tf.constant(np.repeat((0.5, 0.5, 1, 0.5), like.shape[-1] // 4), like.dtype)
