"""The whole network of a program: scaling, LSTM layers, readout, loss, and every gradient.

Windows come in as z (training standard deviations). Each trial has its own scaling, as numbers, so that
trials of different scalings share a program (`search_spaces.scaling` says what the scalings mean):

    x = z * in_scale + in_shift - keep_last * last          z^ = y * out_scale + out_shift + keep_last * last

All weights are one flat vector, in Keras order (kernel, recurrent kernel and bias of each layer, then
kernel and bias of the readout), so that the optimizer is a few operations on one vector. In that order
kernels and bias of a layer stand one above the other, as `cell` wants them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from ....search_spaces.reading import Reading
from ....search_spaces.scaling import Scaling
from .products import over_rows, product
from .stack import Kept, Tensors, backward, forward


class Network(NamedTuple):
    """The matrix of each layer (`cell`), and of the readout: (units + 1, outputs), the bias below."""

    layers: Tensors
    readout: tf.Tensor


class Pass(NamedTuple):
    """A forward pass: forecasts z (batch, horizon, targets), the final state beside a one, what was kept.

    A window is a row of the stack, or one a target where these are apart (`search_spaces.reading`).
    """

    forecast: tf.Tensor
    final: tf.Tensor
    kept: Kept


def unpacked(flat: tf.Tensor, units: Sequence[int], inputs: int, outputs: int) -> Network:
    """Return the network whose weights `flat` holds.

    Args:
        flat: (weights,).
        units: of each layer; at least one.
        inputs: numbers that enter the first one at a step.
        outputs: of the readout.
    """
    widths = zip((inputs, *units[:-1]), units, strict=True)
    shapes = [*((below + n + 1, 4 * n) for below, n in widths), (units[-1] + 1, outputs)]
    parts = tf.split(flat, [rows * columns for rows, columns in shapes])
    *layers, readout = (tf.reshape(part, shape) for part, shape in zip(parts, shapes, strict=True))
    return Network(layers, readout)


def run(
    window: tf.Tensor,
    network: Network,
    scaling: Scaling,
    linear: tf.Tensor,
    reading: Reading,
    masks: Tensors | None = None,
) -> Pass:
    """Return the forecasts of a batch.

    Args:
        window: (time, batch, inputs), z; the targets are the first inputs.
        network: weights.
        scaling: of the trial.
        linear: forecasts that the stack adds to, (batch, horizon, targets); zeros are none.
        reading: how windows are read.
        masks: what multiplies the states of each layer (dropout), (steps, rows, units); of the last
            layer (1, rows, units), since only its last state is used.
    """
    targets = linear.shape[-1]
    last = window[-1, :, :targets]
    x = window * scaling.in_scale + scaling.in_shift
    x -= tf.pad(last * scaling.keep_last, ((0, 0), (0, window.shape[-1] - targets)))
    final, kept = forward(read(x, reading), network.layers, masks and masks[:-1])
    if masks is not None:
        final *= masks[-1][0]
    final = tf.concat([final, tf.ones((final.shape[0], 1), final.dtype)], 1)
    y = product(final, network.readout)
    if reading.apart:
        y = tf.transpose(tf.reshape(y, (-1, targets, reading.horizon)), (0, 2, 1))
    else:
        y = tf.reshape(y, tf.shape(linear))
    # As without a linear forecast, where zeros are added.
    forecast = y * scaling.out_scale + scaling.out_shift + (last * scaling.add_last)[:, None]
    return Pass(forecast + linear, final, kept)


def read(x: tf.Tensor, reading: Reading) -> tf.Tensor:
    """Return what the first layer reads, (steps, batch x rows, width); see `Reading.read`.

    Args:
        x: (time, batch, inputs), scaled.
        reading: how.
    """
    if reading.apart:
        time, batch, _ = x.shape
        own = tf.reshape(x[..., : reading.targets], (time, batch * reading.targets, 1))
        features = tf.repeat(x[..., reading.targets :], reading.targets, axis=1)
        x = tf.concat([own, features], 2)
    if reading.segment > 1:
        x = tf.reshape(x, (reading.steps, reading.segment, *x.shape[1:]))
        x = tf.reshape(tf.transpose(x, (0, 2, 1, 3)), (reading.steps, -1, reading.width))
    return x


def losses(loss: str, error: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the mean loss of each window, (batch,), and the slope of the loss at each error.

    Args:
        loss: `mse`, `mae`, or `huber` with delta 1, as in Keras.
        error: forecast minus actual, (batch, horizon, targets).
    """
    if loss == "mse":
        value, slope = error * error, 2 * error
    elif loss == "mae":
        value, slope = tf.abs(error), tf.sign(error)
    else:
        slope = tf.clip_by_value(error, -1.0, 1.0)
        value = slope * (error - 0.5 * slope)
    return tf.reduce_mean(value, (1, 2)), slope


def gradient(
    done: Pass,
    slope: tf.Tensor,
    share: tf.Tensor,
    network: Network,
    scaling: Scaling,
    reading: Reading,
    masks: Tensors | None = None,
) -> tf.Tensor:
    """Return the gradient of the batch's loss by all weights, (weights,).

    Args:
        done: the forward pass.
        slope: of the loss at each error.
        share: what each window counts in the batch's loss, (batch,); 0 for padding.
        network: as in the forward pass.
        scaling: as there.
        reading: as there.
        masks: as there.
    """
    size = slope.shape[1] * slope.shape[2]
    d_y = slope * (share / size)[:, None, None] * scaling.out_scale
    if reading.apart:
        d_y = tf.transpose(d_y, (0, 2, 1))
    d_y = tf.reshape(d_y, (-1, reading.outputs))
    d_final = product(d_y, tf.transpose(network.readout[:-1]))
    if masks is not None:
        d_final *= masks[-1][0]
    layers = backward(done.kept, network.layers, d_final, masks and masks[:-1])
    parts = [*layers, over_rows(done.final, d_y)]
    return tf.concat([tf.reshape(part, (-1,)) for part in parts], 0)
