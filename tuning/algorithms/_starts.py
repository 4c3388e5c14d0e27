"""Stacks that a model-based search does well to begin with: the simplest ones.

A search that begins with any network may train deep ones for long before it learns that a small one does.
One stack for each scaling is as simple as the space has it: fewest layers, no bottleneck, the shortest
lookback in the largest segments, beside a linear forecast, each target apart, all else in the middle of its
interval. They are the quickest to compile and to train, and count as two of the trials that every such search
begins with, which are random otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_tuner.engine.hyperparameters import Choice, Fixed, HyperParameter

from ._values import fill

LEAST = ("num_layers", "bottleneck", "bottleneck_after", "dropout", "lookback")
MOST = ("segment",)
WANTED = {"linear": "ridge", "channels": "apart"}


def simple_stacks(space: Sequence[HyperParameter]) -> list[dict[str, Any]]:
    """Return the active values of the simplest stack for each scaling, in the order of these.

    Args:
        space: of a `StackedLSTM`.
    """
    scalings = next((_options(hp) for hp in space if hp.name == "scaling"), [])

    def of(scaling: Any) -> dict[str, Any]:
        return fill(space, lambda hp: scaling if hp.name == "scaling" else _simple(hp))

    return [of(scaling) for scaling in scalings]


def _simple(hp: HyperParameter) -> Any:
    if isinstance(hp, Fixed):
        return hp.value
    if hp.name in LEAST:
        return min(_options(hp))
    if hp.name in MOST:
        return max(_options(hp))
    if WANTED.get(hp.name) in _options(hp):
        return WANTED[hp.name]
    return hp.prob_to_value(0.5)


def _options(hp: HyperParameter) -> list[Any]:
    """The options of a hyperparameter, or both ends of its interval."""
    if isinstance(hp, Fixed):
        return [hp.value]
    return list(hp.values) if isinstance(hp, Choice) else [hp.min_value, hp.max_value]
