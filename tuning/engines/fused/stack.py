"""All LSTM layers over a whole window, and their backward pass through time.

Axes are (time, batch, unit). One loop over time takes all layers a step forward, so that a loop turn
has work enough to be worth its overhead. It keeps T, cells and their tanh (`cell`). The loop backward
gives the gradient of each matrix product; the gradient of a matrix is then one large product over
time and batch, where automatic differentiation would take one small product a step.

What a turn writes it reads from the array again: XLA then computes in place and once, and compiles a
kernel less each time.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from .cell import halved, next_cell, state, step_back
from .products import over_rows, product

Tensors = list[tf.Tensor]


class Kept(NamedTuple):
    """What `backward` needs of a window. All but the inputs begin with the zeros that stand before it.

    Attributes:
        inputs: of the first layer, (time, batch, inputs).
        squashed: T of each layer, (1 + time, batch, 4 units).
        cells: of each layer, (1 + time, batch, units).
        tanhs: of the cells.
    """

    inputs: tf.Tensor
    squashed: Tensors
    cells: Tensors
    tanhs: Tensors


def forward(x: tf.Tensor, layers: Tensors, masks: Tensors | None = None) -> tuple[tf.Tensor, Kept]:
    """Return the last state of the last layer, (batch, units), and what `backward` needs.

    Args:
        x: (time, batch, inputs).
        layers: the matrix of each layer, from input to output, (inputs + units + 1, 4 units).
        masks: what multiplies the states of each layer but the last (dropout), (time, batch, units).
    """
    steps, batch = x.shape[:2]
    units = [_units(matrix) for matrix in layers]
    matrices = [halved(matrix) for matrix in layers]
    ones = tf.ones((batch, 1), x.dtype)

    def turn(t, squashed, cells, tanhs):  # type: ignore[no-untyped-def]
        squashed, cells, tanhs = list(squashed), list(cells), list(tanhs)
        below = x[t]
        for n, matrix in enumerate(matrices):
            joined = tf.concat([below, state(squashed[n].read(t), tanhs[n].read(t)), ones], 1)
            squashed[n] = squashed[n].write(t + 1, tf.tanh(product(joined, matrix)))
            gates = squashed[n].read(t + 1)
            cells[n] = cells[n].write(t + 1, next_cell(gates, cells[n].read(t)))
            tanhs[n] = tanhs[n].write(t + 1, tf.tanh(cells[n].read(t + 1)))
            below = _dropped(state(gates, tanhs[n].read(t + 1)), masks, n, t)
        return t + 1, squashed, cells, tanhs

    start = (0, *(_arrays(steps + 1, batch, units, x.dtype, times) for times in (4, 1, 1)))
    _, *written = tf.while_loop(lambda t, *_: t < steps, turn, start, maximum_iterations=steps)
    kept = Kept(x, *([array.stack() for array in arrays] for arrays in written))
    return state(kept.squashed[-1][-1], kept.tanhs[-1][-1]), kept


def backward(kept: Kept, layers: Tensors, d_state: tf.Tensor, masks: Tensors | None = None) -> Tensors:
    """Return the gradient of each layer's matrix.

    Args:
        kept: from `forward`.
        layers: as they were there.
        d_state: gradient of the last state of the last layer, (batch, units).
        masks: as they were there.
    """
    steps, batch, inputs = kept.inputs.shape
    units = [_units(matrix) for matrix in layers]
    # What comes out of the first layer is a gradient of the data, which nobody needs.
    back = [tf.transpose(halved(matrix)[0 if n else inputs : -1]) for n, matrix in enumerate(layers)]

    def turn(k, d_joined, d_cells, written):  # type: ignore[no-untyped-def]
        t = steps - 1 - k
        d_joined, d_cells, written = list(d_joined), list(d_cells), list(written)
        for n in reversed(range(len(layers))):
            d_state = d_joined[n][:, -units[n] :]
            if n + 1 < len(layers):
                d_state += _dropped(d_joined[n + 1][:, : units[n]], masks, n, t)
            squashed, before, tanh = kept.squashed[n][t + 1], kept.cells[n][t], kept.tanhs[n][t + 1]
            d_z, d_cells[n] = step_back(squashed, before, tanh, d_state, d_cells[n])
            written[n] = written[n].write(t, d_z)
            d_joined[n] = product(written[n].read(t), back[n])
        return k + 1, d_joined, d_cells, written

    d_joined = [tf.zeros((batch, matrix.shape[1]), d_state.dtype) for matrix in back]
    d_joined[-1] = tf.pad(d_state, ((0, 0), (back[-1].shape[1] - units[-1], 0)))
    d_cells = [tf.zeros((batch, n), d_state.dtype) for n in units]
    start = (0, d_joined, d_cells, _arrays(steps, batch, units, d_state.dtype, 4))
    *_, written = tf.while_loop(lambda k, *_: k < steps, turn, start, maximum_iterations=steps)
    gradients, below = [], kept.inputs
    for n, d_z in enumerate(written):
        states = state(kept.squashed[n], kept.tanhs[n])
        joined = tf.concat([below, states[:-1], tf.ones((steps, batch, 1), below.dtype)], 2)
        gradients.append(halved(over_rows(_flat(joined), _flat(d_z.stack()))))
        below = _dropped(states[1:], masks, n)
    return gradients


def _units(matrix: tf.Tensor) -> int:
    units: int = matrix.shape[1] // 4
    return units


def _flat(steps: tf.Tensor) -> tf.Tensor:
    """Return what is one a step and row, (steps, batch, n), as (steps x batch, n)."""
    return tf.reshape(steps, (-1, steps.shape[2]))


def _arrays(steps: int, batch: int, units: list[int], dtype: tf.DType, times: int) -> list[tf.TensorArray]:
    """An array of (batch, times * units) a step for each layer; XLA fills it with zeros."""
    return [
        tf.TensorArray(dtype, steps, element_shape=(batch, times * n), clear_after_read=False) for n in units
    ]


def _dropped(states: tf.Tensor, masks: Tensors | None, layer: int, t: tf.Tensor | None = None) -> tf.Tensor:
    """States of a layer, or their gradients, after its dropout: at step t, or all of them."""
    if masks is None or layer == len(masks):
        return states
    return states * (masks[layer] if t is None else masks[layer][t])
