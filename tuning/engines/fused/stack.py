"""All LSTM layers over a whole window, and their backward pass through time.

Axes are (time, batch, unit). One loop over time takes all layers a step forward, so that a loop turn
has work enough to be worth its overhead. It keeps what enters each layer, gates and cells. The loop
backward gives the gradient of each z; the gradient of a weight matrix is then one large product over
time and batch, where automatic differentiation would take one small product a step.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from .cell import Weights, step, step_back

Tensors = list[tf.Tensor]


class Kept(NamedTuple):
    """What backward needs of each layer, (time, batch, .): joined inputs, gates and cells."""

    joined: Tensors
    gates: Tensors
    cells: Tensors


def forward(x: tf.Tensor, layers: list[Weights], masks: Tensors | None = None) -> tuple[tf.Tensor, Kept]:
    """Return the last state of the last layer, (batch, units), and what `backward` needs.

    Args:
        x: (time, batch, inputs).
        layers: from input to output.
        masks: what multiplies the states of each layer but the last (dropout), (time, batch, units).
    """
    steps, batch = x.shape[:2]
    units = [_units(weights) for weights in layers]
    joined = [weights.matrix.shape[0] for weights in layers]
    zeros = [tf.zeros((batch, n), x.dtype) for n in units]

    def turn(t, states, cells, kept):  # type: ignore[no-untyped-def]
        states, cells = list(states), list(cells)
        below, written = x[t], []
        for n, weights in enumerate(layers):
            both = tf.concat([below, states[n]], 1)
            gates, cells[n], states[n] = step(both, cells[n], weights)
            written.append([both, gates, cells[n]])
            below = states[n] if masks is None or n == len(masks) else states[n] * masks[n][t]
        arrays = [
            [array.write(t, value) for array, value in zip(some, values, strict=True)]
            for some, values in zip(kept, zip(*written, strict=True), strict=True)
        ]
        return t + 1, states, cells, arrays

    kept = [
        [tf.TensorArray(x.dtype, steps, element_shape=(batch, width)) for width in widths]
        for widths in (joined, [4 * n for n in units], units)
    ]
    start = (0, zeros, zeros, kept)
    _, states, _, kept = tf.while_loop(lambda t, *_: t < steps, turn, start, maximum_iterations=steps)
    return states[-1], Kept(*([array.stack() for array in arrays] for arrays in kept))


def backward(
    kept: Kept, layers: list[Weights], d_state: tf.Tensor, masks: Tensors | None = None
) -> list[Weights]:
    """Return the gradients of all weights.

    Args:
        kept: from `forward`.
        layers: as they were there.
        d_state: gradient of the last state of the last layer, (batch, units).
        masks: as they were there.
    """
    steps, batch, _ = kept.cells[0].shape
    units = [_units(weights) for weights in layers]
    zeros = [tf.zeros((batch, n), d_state.dtype) for n in units]
    # What comes out of the first layer is a gradient of the data, which nobody needs.
    first = layers[0].matrix.shape[0] - units[0]
    back = [tf.transpose(weights.matrix[0 if n else first :]) for n, weights in enumerate(layers)]

    def turn(k, d_states, d_cells, written):  # type: ignore[no-untyped-def]
        t = steps - 1 - k
        d_states, d_cells, written = list(d_states), list(d_cells), list(written)
        for n in reversed(range(len(layers))):
            cells = kept.cells[n]
            before = tf.where(t > 0, cells[tf.maximum(t - 1, 0)], zeros[n])
            d_z, d_cells[n] = step_back(kept.gates[n][t], before, cells[t], d_states[n], d_cells[n])
            written[n] = written[n].write(t, d_z)
            d_joined = tf.matmul(d_z, back[n])
            if n:
                d_below, d_joined = d_joined[:, : units[n - 1]], d_joined[:, units[n - 1] :]
                d_states[n - 1] += d_below if masks is None else d_below * masks[n - 1][t]
            d_states[n] = d_joined
        return k + 1, d_states, d_cells, written

    arrays = [tf.TensorArray(d_state.dtype, steps, element_shape=(batch, 4 * n)) for n in units]
    start = (0, [*zeros[:-1], d_state], zeros, arrays)
    *_, written = tf.while_loop(lambda k, *_: k < steps, turn, start, maximum_iterations=steps)
    gradients = []
    for joined, array in zip(kept.joined, written, strict=True):
        d_z = array.stack()
        gradients.append(Weights(tf.einsum("tbn,tbm->nm", joined, d_z), tf.reduce_sum(d_z, (0, 1))))
    return gradients


def _units(weights: Weights) -> int:
    units: int = weights.bias.shape[0] // 4
    return units
