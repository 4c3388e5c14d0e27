"""The whole network of a program: scaling, LSTM layers, readout, loss, and every gradient.

Windows come in as z (training standard deviations). Each lane has its own scaling, as numbers, so that
trials of different scalings share a program (`search_spaces.network` says what the scalings mean):

    x = z * in_scale + in_shift - keep_last * last          z^ = y * out_scale + out_shift + keep_last * last
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from .cell import Kept, Weights, backward, forward


class Scaling(NamedTuple):
    """Numbers of each lane: of inputs (lane, inputs), of outputs (lane, targets), and keep_last (lane,)."""

    in_scale: tf.Tensor
    in_shift: tf.Tensor
    out_scale: tf.Tensor
    out_shift: tf.Tensor
    keep_last: tf.Tensor


class Network(NamedTuple):
    """Weights of every layer, and of the readout: kernel (lane, units, outputs), bias (lane, 1, outputs)."""

    layers: tuple[Weights, ...]
    kernel: tf.Tensor
    bias: tf.Tensor


def scaled_inputs(window: tf.Tensor, scaling: Scaling, targets: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Return what enters the first layer, and what is added to the forecast.

    Args:
        window: (time, lane, batch, inputs), z; the targets are the first inputs.
        scaling: of each lane.
        targets: number of targets.

    Returns:
        (time, lane, batch, inputs), and the kept last values (lane, batch, targets).
    """
    last = window[-1, :, :, :targets] * scaling.keep_last[:, None, None]
    x = window * scaling.in_scale[:, None, :] + scaling.in_shift[:, None, :]
    rest = window.shape[-1] - targets
    return x - tf.pad(last, ((0, 0), (0, 0), (0, rest))), last


def predict(window: tf.Tensor, network: Network, scaling: Scaling, horizon: int, targets: int) -> tf.Tensor:
    """Return the forecasts z, (lane, batch, horizon, targets), without dropout."""
    x, last = scaled_inputs(window, scaling, targets)
    for weights in network.layers:
        x = forward(x, weights).states
    return _forecast(x[-1], last, network, scaling, horizon, targets)


def loss_and_gradients(
    window: tf.Tensor,
    actual: tf.Tensor,
    present: tf.Tensor,
    network: Network,
    scaling: Scaling,
    loss: str,
    masks: list[tf.Tensor] | None = None,
) -> tuple[tf.Tensor, Network]:
    """Return the mean loss of each lane, (lane,), and its gradients.

    Args:
        window: (time, lane, batch, inputs).
        actual: (lane, batch, horizon, targets).
        present: (batch,), 1 for a window and 0 for the padding of a smaller last batch.
        network: weights.
        scaling: of each lane.
        loss: `mse`, `mae` or `huber`.
        masks: what multiplies each layer's states in training (dropout), one for each layer.
    """
    horizon, targets = actual.shape[2], actual.shape[3]
    x, last = scaled_inputs(window, scaling, targets)
    kept: list[Kept] = []
    for layer, weights in enumerate(network.layers):
        kept.append(forward(x, weights))
        x = kept[-1].states
        if masks is not None:
            x *= masks[layer] if layer < len(network.layers) - 1 else masks[layer][-1:]
    final = x[-1]
    error = _forecast(final, last, network, scaling, horizon, targets) - actual
    each = present / (tf.reduce_sum(present) * horizon * targets)
    value, slope = elementwise(loss, error)
    losses = tf.reduce_sum(value * each[:, None, None], (1, 2, 3))
    dy = slope * each[:, None, None] * scaling.out_scale[:, None, None, :]
    dy = tf.reshape(dy, (*dy.shape[:2], horizon * targets))
    kernel = tf.einsum("lbu,lbo->luo", final, dy)
    dh = tf.matmul(dy, network.kernel, transpose_b=True)
    gradients: list[Weights] = []
    every: tf.Tensor | None = None
    if masks is not None:
        dh *= masks[-1][-1]
    for layer in reversed(range(len(kept))):
        top = layer == len(kept) - 1
        found, every = backward(
            kept[layer], network.layers[layer], dh if top else None, None if top else every, inputs=layer > 0
        )
        gradients.append(found)
        if masks is not None and every is not None:
            every *= masks[layer - 1]
    return losses, Network(tuple(reversed(gradients)), kernel, tf.reduce_sum(dy, 1)[:, None])


def elementwise(loss: str, error: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the loss of each error and its slope; huber with delta 1, as in Keras."""
    if loss == "mse":
        return error * error, 2 * error
    if loss == "mae":
        return tf.abs(error), tf.sign(error)
    bounded = tf.clip_by_value(error, -1.0, 1.0)
    return bounded * (error - 0.5 * bounded), bounded


def _forecast(
    final: tf.Tensor, last: tf.Tensor, network: Network, scaling: Scaling, horizon: int, targets: int
) -> tf.Tensor:
    y = tf.matmul(final, network.kernel) + network.bias
    y = tf.reshape(y, (*y.shape[:2], horizon, targets))
    y = y * scaling.out_scale[:, None, None, :] + scaling.out_shift[:, None, None, :]
    return y + last[:, :, None, :]
