"""Averaged weights: an exponential average over the steps of a training, judged beside the weights.

    decay_k = min(0.99, (1 + k) / (10 + k))        average <- decay_k average + (1 - decay_k) weights

after step k = 0, 1, .. A constant learning rate ends in noise around a good place; the average is nearer to
it, at no cost but one more look at the validation windows. The first decays are small, so that the start is
soon forgotten.

Source: Polyak & Juditsky 1992; the decay as in `tf.train.ExponentialMovingAverage` with `num_updates`.
"""

from __future__ import annotations

from typing import Any

MOST = 0.99


def decay(steps: Any, minimum: Any = min) -> Any:
    """Return what is kept of the average.

    Args:
        steps: done before the one whose weights come in.
        minimum: of two numbers, or tensors.
    """
    return minimum((1 + steps) / (10 + steps), MOST)
