"""Adam with a bound on the gradient's norm, for each lane by itself, as Keras 3 computes it.

    norm_l = sqrt(sum of g^2 over all weights of lane l)      g <- g * clip min(1 / norm, 1 / clip)
    m <- m + (g - m)(1 - beta_1)      v <- v + (g^2 - v)(1 - beta_2)
    w <- w - m * rate sqrt(1 - beta_2^t) / (1 - beta_1^t) / (sqrt(v) + epsilon)

Source: Kingma & Ba 2015, algorithm 1 in the form of its section 2; `keras.optimizers.Adam`, whose
epsilon stands outside of the square root. A lane whose gradient is not finite poisons itself alone.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


class Moments(NamedTuple):
    """First and second moment of each weight, in the order of the weights, and the steps done (lane,)."""

    first: list[tf.Tensor]
    second: list[tf.Tensor]
    steps: tf.Tensor


def clipped(gradients: list[tf.Tensor], clipnorm: tf.Tensor) -> list[tf.Tensor]:
    """Return the gradients with the norm of each lane at most `clipnorm` (lane,); 0 is no bound."""
    norm = tf.sqrt(tf.add_n([tf.reduce_sum(g * g, tuple(range(1, g.shape.rank))) for g in gradients]))
    bound = clipnorm * tf.minimum(1 / norm, 1 / clipnorm)
    # Adding norm - norm makes the scale NaN for a norm that is not finite, as Keras does.
    scale = tf.where(clipnorm > 0, bound + (norm - norm), tf.ones_like(norm))
    return [g * _spread(scale, g) for g in gradients]


def step(
    weights: list[tf.Tensor], gradients: list[tf.Tensor], moments: Moments, rate: tf.Tensor
) -> tuple[list[tf.Tensor], Moments]:
    """Return the weights and moments after one step.

    Args:
        weights: each (lane, ...).
        gradients: of the same shapes.
        moments: before the step.
        rate: learning rate of each lane, (lane,).
    """
    done = moments.steps + 1
    alpha = rate * tf.sqrt(1 - tf.pow(tf.cast(BETA_2, rate.dtype), done))
    alpha /= 1 - tf.pow(tf.cast(BETA_1, rate.dtype), done)
    first = [m + (g - m) * (1 - BETA_1) for m, g in zip(moments.first, gradients, strict=True)]
    second = [v + (g * g - v) * (1 - BETA_2) for v, g in zip(moments.second, gradients, strict=True)]
    moved = [
        w - m * _spread(alpha, w) / (tf.sqrt(v) + EPSILON)
        for w, m, v in zip(weights, first, second, strict=True)
    ]
    return moved, Moments(first, second, done)


def _spread(lane: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    return tf.reshape(lane, (-1, *([1] * (like.shape.rank - 1))))
