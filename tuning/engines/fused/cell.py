"""One step of one LSTM layer, and its backward pass, written by hand.

Axes are (batch, unit). Gates stand in Keras' order: input i, forget f, candidate g, output o.

    z = [x_t, h_{t-1}] M + b           i, f, o = sigmoid(z)    g = tanh(z)
    c_t = f c_{t-1} + i g              h_t = o tanh(c_t)

M is Keras' kernel above its recurrent kernel: one matrix product a step instead of two. All four gates
go through one tanh, since sigmoid(z) = tanh(z / 2) / 2 + 1 / 2: one pass over memory instead of four.

Source: Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000, as `keras.layers.LSTM`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf


class Weights(NamedTuple):
    """matrix (inputs + units, 4 units), and bias (4 units,)."""

    matrix: tf.Tensor
    bias: tf.Tensor


def step(joined: tf.Tensor, cell: tf.Tensor, weights: Weights) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return the gates (batch, 4 units), the new cell and the new state, both (batch, units).

    Args:
        joined: inputs and last state side by side, (batch, inputs + units).
        cell: the last one, (batch, units).
        weights: of the layer.
    """
    units = cell.shape[1]
    scale, shift = (np.repeat(row, units).astype(cell.dtype.as_numpy_dtype) for row in _SQUASH)
    z = tf.matmul(joined, weights.matrix) + weights.bias
    gates = tf.tanh(z * scale) * scale + shift
    i, f, g, o = tf.split(gates, 4, 1)
    cell = f * cell + i * g
    return gates, cell, o * tf.tanh(cell)


def step_back(
    gates: tf.Tensor, before: tf.Tensor, cell: tf.Tensor, d_state: tf.Tensor, d_cell: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the gradients of z, (batch, 4 units), and of the cell before, (batch, units).

    Args:
        gates: of the step.
        before: cell before the step.
        cell: after it.
        d_state: gradient of the state after the step.
        d_cell: gradient of the cell after the step, but for what comes through that state.
    """
    i, f, g, o = tf.split(gates, 4, 1)
    squashed = tf.tanh(cell)
    d_cell += d_state * o * (1 - squashed * squashed)
    d_z = [
        d_cell * g * i * (1 - i),
        d_cell * before * f * (1 - f),
        d_cell * i * (1 - g * g),
        d_state * squashed * o * (1 - o),
    ]
    return tf.concat(d_z, 1), d_cell * f


_SQUASH = np.array([[0.5, 0.5, 1, 0.5], [0.5, 0.5, 0, 0.5]])
"""Scale and shift that make a tanh the squashing function of each gate."""
