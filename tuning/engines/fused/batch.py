"""The windows of a batch inside a program, with what they are compared with and added to."""

from __future__ import annotations

import keras
import tensorflow as tf

from ...series.own_scale import Size, scaled
from ...series.windows import ahead, past
from .products import over_rows
from .shape import Shape

Weights = tuple[tf.Tensor, ...]


def gathered(
    data: tf.Tensor, rows: tf.Tensor, shape: Shape, floor: Weights, linear: Weights
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return windows (time, batch, inputs); their targets and linear forecasts (batch, horizon, targets).

    Args:
        data: the resident series, (rows, inputs).
        rows: the first-target row of each window, (batch,).
        shape: of the program.
        floor: the least size of a window, where windows are counted in their own.
        linear: weights of the linear forecast, as `Linear.weights` has them, where the shape has one.
    """
    own = shape.own
    window = tf.gather(
        data, tf.transpose(past(rows, max(shape.lookback, shape.linear, own.rows if own else 0)))
    )
    actual = tf.gather(data[:, : shape.targets], ahead(rows, shape.horizon))
    if own:
        window, size = own.applied(window, floor[0], keras.ops, axis=0)
        window = tf.cast(window, shape.dtype)
        size = Size(*(tf.transpose(one[..., : shape.targets], (1, 0, 2)) for one in size))
        actual = tf.cast(scaled(actual, size, keras.ops), shape.dtype)
    if shape.linear:
        forecast = _linear(window[-shape.linear :], shape.targets, *linear)
    else:
        forecast = tf.zeros_like(actual)
    return window[-shape.lookback :], actual, forecast


def _linear(
    newest: tf.Tensor, targets: int, own: tf.Tensor, constant: tf.Tensor, others: tf.Tensor | None = None
) -> tf.Tensor:
    """Return what `search_spaces.linear.Linear` forecasts, (batch, horizon, targets).

    Args:
        newest: the rows of the windows that it reads, (rows, batch, inputs).
        targets: how many of the inputs are targets; they are the first.
        own: what it makes of the past of each target, (rows, targets, horizon).
        constant: what it adds, (horizon, targets).
        others: what it makes of the features, (rows, features, horizon, targets); None where it reads none.
    """
    pasts = tf.transpose(newest[..., :targets], (2, 0, 1))
    found = over_rows(pasts, tf.transpose(own, (1, 0, 2)))
    found = tf.transpose(found, (1, 2, 0)) + constant
    if others is not None:
        features = tf.transpose(newest[..., targets:], (0, 2, 1))
        terms = features.shape[0] * features.shape[1]
        more = over_rows(tf.reshape(features, (terms, -1)), tf.reshape(others, (terms, -1)))
        found += tf.reshape(more, tf.shape(found))
    return found
