"""One LSTM layer over a whole window, and its backward pass through time, written by hand.

Axes are (time, lane, batch, unit); a lane is one trial, and nothing is ever summed over lanes.
Forward keeps gates and cells; backward walks the time once for the gate gradients and then gets each
weight gradient from one large matrix product, where automatic differentiation would take one small
product a step. Gates stand in Keras' order: input i, forget f, candidate g, output o.

    z_t = x_t K + h_{t-1} R + b        i, f, o = sigmoid(z)    g = tanh(z)
    c_t = f c_{t-1} + i g              h_t = o tanh(c_t)

Source: Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000, as `keras.layers.LSTM`.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf


class Weights(NamedTuple):
    """kernel (lane, inputs, 4 units), recurrent (lane, units, 4 units), bias (lane, 1, 4 units)."""

    kernel: tf.Tensor
    recurrent: tf.Tensor
    bias: tf.Tensor


class Kept(NamedTuple):
    """What backward needs of forward: inputs, states, cells and gates (4 units), (time, lane, batch, .)."""

    inputs: tf.Tensor
    states: tf.Tensor
    cells: tf.Tensor
    gates: tf.Tensor


def forward(x: tf.Tensor, weights: Weights) -> Kept:
    """Return the layer's states for every step, with what `backward` needs.

    Args:
        x: (time, lane, batch, inputs).
        weights: of the layer.
    """
    steps, lanes, batch = x.shape[0], x.shape[1], x.shape[2]
    units = weights.recurrent.shape[1]
    zx = _product(x, weights.kernel) + weights.bias
    state = tf.zeros((lanes, batch, units), x.dtype)

    def step(t, h, c, hs, cs, gates):  # type: ignore[no-untyped-def]
        z = zx[t] + tf.matmul(h, weights.recurrent)
        i, f, g, o = tf.split(z, 4, -1)
        i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
        c = f * c + i * g
        h = o * tf.tanh(c)
        return t + 1, h, c, hs.write(t, h), cs.write(t, c), gates.write(t, tf.concat([i, f, g, o], -1))

    start = (
        0,
        state,
        state,
        *(_array(steps, state.shape[:2], n, x.dtype) for n in (units, units, 4 * units)),
    )
    *_, hs, cs, gates = tf.while_loop(lambda t, *_: t < steps, step, start, maximum_iterations=steps)
    return Kept(x, hs.stack(), cs.stack(), gates.stack())


def backward(
    kept: Kept, weights: Weights, last: tf.Tensor | None, every: tf.Tensor | None, *, inputs: bool
) -> tuple[Weights, tf.Tensor | None]:
    """Return the gradients of the weights, and of the inputs when asked for.

    Args:
        kept: from `forward`.
        weights: of the layer.
        last: gradient of the last state, (lane, batch, units); None is 0.
        every: gradient of every state, (time, lane, batch, units); None is 0.
        inputs: whether the gradient of the inputs is wanted.

    Returns:
        Gradients of the weights, and of x, (time, lane, batch, inputs), or None.
    """
    steps, lanes, batch, units = kept.states.shape
    dtype = kept.states.dtype
    back = tf.transpose(weights.recurrent, (0, 2, 1))
    none = tf.zeros((lanes, batch, units), dtype)

    def step(k, dh, dc, dz):  # type: ignore[no-untyped-def]
        t = steps - 1 - k
        i, f, g, o = tf.split(kept.gates[t], 4, -1)
        before = tf.where(t > 0, kept.cells[tf.maximum(t - 1, 0)], none)
        squashed = tf.tanh(kept.cells[t])
        if every is not None:
            dh += every[t]
        dc += dh * o * (1 - squashed * squashed)
        d = tf.concat(
            [
                dc * g * i * (1 - i),
                dc * before * f * (1 - f),
                dc * i * (1 - g * g),
                dh * squashed * o * (1 - o),
            ],
            -1,
        )
        return k + 1, tf.matmul(d, back), dc * f, dz.write(t, d)

    start = (0, none if last is None else last, none, _array(steps, (lanes, batch), 4 * units, dtype))
    *_, dz = tf.while_loop(lambda k, *_: k < steps, step, start, maximum_iterations=steps)
    dz = dz.stack()
    before = tf.concat([none[None], kept.states[:-1]], 0)
    gradients = Weights(
        _weight_gradient(kept.inputs, dz), _weight_gradient(before, dz), tf.reduce_sum(dz, (0, 2))[:, None]
    )
    return gradients, _product(dz, tf.transpose(weights.kernel, (0, 2, 1))) if inputs else None


def _product(x: tf.Tensor, w: tf.Tensor) -> tf.Tensor:
    """(time, lane, batch, n) by (lane, n, m)."""
    return tf.einsum("tlbn,lnm->tlbm", x, w)


def _weight_gradient(x: tf.Tensor, dz: tf.Tensor) -> tf.Tensor:
    """Sum over time and batch of x' dz: (lane, n, m)."""
    return tf.einsum("tlbn,tlbm->lnm", x, dz)


def _array(steps: int, shape: tuple[int, ...], width: int, dtype: tf.DType) -> tf.TensorArray:
    return tf.TensorArray(dtype, steps, element_shape=(*shape, width))
