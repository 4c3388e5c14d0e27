"""Trials in wider programs: zero padding of weights, and the way back.

A padded unit never comes alive when (1) its candidate column, bias included, and (2) all rows that
leave it are zero: then g = tanh(0) = 0, so its cell and state stay 0 whatever its other gates do, and
the gradients of everything that enters or leaves it are 0. All padding here is zero, Adam's moments
included, so training leaves it exactly 0, and the part that is the trial is trained as if alone.
Weights are initialised at their true width first: Glorot and orthogonal draws depend on the shape.

A linear forecast is padded, too, by zeros for older rows and for features that it does not read: that of
another fold may read more, and finds the same program then.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ....search_spaces.linear import Linear


def embed(weights: Sequence[np.ndarray], units: Sequence[int], padded: Sequence[int]) -> list[np.ndarray]:
    """Return `weights` in the corner of zero arrays for wider layers.

    Args:
        weights: in Keras order: kernel, recurrent kernel and bias of each layer, then the readout's
            kernel and bias.
        units: of each layer, as the weights are.
        padded: units of each layer of the program, at least as wide.
    """
    return [
        _spread(weight, shape, gates)
        for weight, (shape, gates) in zip(weights, _shapes(weights, units, padded), strict=True)
    ]


def crop(weights: Sequence[np.ndarray], units: Sequence[int], padded: Sequence[int]) -> list[np.ndarray]:
    """Return what `embed` put in, taken out again."""
    cropped: list[np.ndarray] = []
    width = weights[0].shape[0]
    for layer, (true, wide) in enumerate(zip(units, padded, strict=True)):
        kernel, recurrent, bias = (
            weight.reshape(*weight.shape[:-1], 4, wide)[..., :true]
            for weight in weights[3 * layer : 3 * layer + 3]
        )
        cropped += [_joined(kernel[:width]), _joined(recurrent[:true]), _joined(bias)]
        width = true
    return [*cropped, weights[-2][:width].copy(), weights[-1].copy()]


def unpacked(flat: np.ndarray, units: Sequence[int], inputs: int, outputs: int) -> list[np.ndarray]:
    """Return the weights that stand one after the other in `flat`, in Keras order and shape.

    Args:
        flat: (weights,).
        units: of each layer.
        inputs: columns that enter the first one.
        outputs: of the readout.
    """
    shapes: list[tuple[int, ...]] = []
    for before, after in zip((inputs, *units[:-1]), units, strict=True):
        shapes += [(before, 4 * after), (after, 4 * after), (4 * after,)]
    shapes += [(units[-1], outputs), (outputs,)]
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]


def wide_linear(linear: Linear, rows: int, features: int) -> list[np.ndarray]:
    """Return the weights of a linear forecast, as `Linear.weights` has them, for more rows and features.

    Args:
        linear: reads at most so many.
        rows: of the program's.
        features: likewise; 0 is none.
    """
    older = (rows - linear.rows, 0)
    found = [np.pad(linear.own, (older, (0, 0), (0, 0))), linear.bias]
    if features:
        horizon, targets = linear.bias.shape
        none = np.zeros((linear.rows, features, horizon, targets))
        read = none if linear.features is None else linear.features
        found.append(np.pad(read, (older, (0, 0), (0, 0), (0, 0))))
    return [weight.astype(np.float32) for weight in found]


def _shapes(
    weights: Sequence[np.ndarray], units: Sequence[int], padded: Sequence[int]
) -> list[tuple[tuple[int, ...], int]]:
    """The padded shape of each weight, and its units when its last axis holds four gates (else 0)."""
    shapes: list[tuple[tuple[int, ...], int]] = []
    width = weights[0].shape[0]
    for true, wide in zip(units, padded, strict=True):
        shapes += [((width, 4 * wide), true), ((wide, 4 * wide), true), ((4 * wide,), true)]
        width = wide
    outputs = weights[-1].shape[0]
    return [*shapes, ((width, outputs), 0), ((outputs,), 0)]


def _spread(weight: np.ndarray, shape: tuple[int, ...], gates: int) -> np.ndarray:
    if not gates:
        return np.pad(weight, [(0, wide - true) for true, wide in zip(weight.shape, shape, strict=True)])
    split = weight.reshape(*weight.shape[:-1], 4, gates)
    goal = (*shape[:-1], 4, shape[-1] // 4)
    return _joined(np.pad(split, [(0, wide - true) for true, wide in zip(split.shape, goal, strict=True)]))


def _joined(gates: np.ndarray) -> np.ndarray:
    """(..., 4, units) as (..., 4 units)."""
    return gates.reshape(*gates.shape[:-2], -1).copy()
