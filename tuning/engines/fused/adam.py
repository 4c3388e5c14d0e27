"""Adam with a bound on the gradient's norm, as Keras 3 computes it, on one vector of all weights.

    g <- g * clip min(1 / norm(g), 1 / clip)
    m <- m + (g - m)(1 - beta_1)      v <- v + (g^2 - v)(1 - beta_2)
    w <- w - m * rate sqrt(1 - beta_2^t) / (1 - beta_1^t) / (sqrt(v) + epsilon)

Source: Kingma & Ba 2015, algorithm 1 in the form of its section 2; `keras.optimizers.Adam`, whose
epsilon stands outside of the square root.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import tensorflow as tf

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


class Moments(NamedTuple):
    """First and second moment of each weight, (weights,), and the number of steps done, a float."""

    first: tf.Tensor
    second: tf.Tensor
    steps: tf.Tensor


def clipped(gradient: tf.Tensor, clipnorm: tf.Tensor) -> tf.Tensor:
    """Return the gradient with a norm of at most `clipnorm`; 0 is no bound."""
    norm = tf.sqrt(tf.reduce_sum(gradient * gradient))
    bound = clipnorm * tf.minimum(1 / norm, 1 / clipnorm)
    # Adding norm - norm makes the scale NaN for a norm that is not finite, as Keras does.
    return gradient * tf.where(clipnorm > 0, bound + (norm - norm), 1)


def decayed(rate: tf.Tensor, decay: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
    """Return the learning rate after some steps, as `keras.optimizers.schedules.CosineDecay` has it.

        rate (1 + cos(pi min(steps / decay, 1))) / 2

    Args:
        rate: at the start.
        decay: steps after which it is 0; 0 keeps it as it is.
        steps: done so far.
    """
    share = tf.minimum(steps / tf.maximum(decay, 1), 1)
    return rate * tf.where(decay > 0, 0.5 * (1 + tf.cos(math.pi * share)), 1)


def step(
    weights: tf.Tensor, gradient: tf.Tensor, moments: Moments, rate: tf.Tensor
) -> tuple[tf.Tensor, Moments]:
    """Return the weights and moments after one step.

    Args:
        weights: (weights,).
        gradient: of the same shape.
        moments: before the step.
        rate: learning rate.
    """
    done = moments.steps + 1
    rate *= tf.sqrt(1 - tf.pow(tf.cast(BETA_2, rate.dtype), done))
    rate /= 1 - tf.pow(tf.cast(BETA_1, rate.dtype), done)
    first = moments.first + (gradient - moments.first) * (1 - BETA_1)
    second = moments.second + (gradient * gradient - moments.second) * (1 - BETA_2)
    return weights - first * rate / (tf.sqrt(second) + EPSILON), Moments(first, second, done)
