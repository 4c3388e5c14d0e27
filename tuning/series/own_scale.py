"""The size of a window, told by its own rows: what series of very different size are scaled by.

With x(t) a target in the `rows` rows before the forecast:

    level = mean x        scale = max(std x, 1e-6 mean |x|, floor)        z = (x - level) / scale

z is cut at +-10, so that a window whose past is flat, of which z could be any number, does not own a loss.
It is a plain function of the window: it needs no name of a series, so it holds for new ones, and is the same
in NumPy, compiled programs and exported models (`ops` says in which). A series times a thousand has the same
z.

Source: Kim et al. 2022, "Reversible instance normalization" (theirs learns a second scale and has no bound).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .panel import spread_of_each
from .series import Series

FLAT = 1e-6
"""Below this share of its values, or of the spread of the smallest series, a spread is none."""
FARTHEST = 10.0
LEAST_ROWS = 4
"""Fewer tell no spread."""


class Size(NamedTuple):
    """Raw value = z * scale + level; both in raw units, and arrays or tensors that z is broadcast with."""

    level: Any
    scale: Any


@dataclass(frozen=True, eq=False)
class OwnScale:
    """How windows are scaled by themselves.

    Args:
        rows: the newest rows of a window that tell its size.
        floor: float64 (targets,), raw units, above 0: no scale is below it.
    """

    rows: int
    floor: np.ndarray

    @classmethod
    def fit(cls, series: Series, learned: np.ndarray, rows: int) -> OwnScale:
        """Return that of the training rows.

        Args:
            series: the data.
            learned: bool (rows,), the training rows.
            rows: see above.
        """
        floor = []
        for target in range(len(series.targets)):
            each, _ = spread_of_each(series, target, learned)
            floor.append(FLAT * each[each > 0].min(initial=np.inf))
        return cls(rows, np.where(np.isfinite(floor), floor, FLAT))


def size_of(past: Any, floor: Any, ops: Any = np, axis: int = 1) -> Size:
    """Return the size of windows; level and scale keep `axis`, with one entry.

    Args:
        past: float64 (windows, rows, targets), raw units; the axis of the rows may be another.
        floor: float64 (targets,).
        ops: `numpy` or `keras.ops`.
        axis: of the rows.
    """
    level = ops.mean(past, axis=axis, keepdims=True)
    spread = ops.sqrt(ops.mean(ops.square(past - level), axis=axis, keepdims=True))
    flat = FLAT * ops.mean(ops.abs(past), axis=axis, keepdims=True)
    return Size(level, ops.maximum(ops.maximum(spread, flat), floor))


def scaled(values: Any, size: Size, ops: Any = np) -> Any:
    """Return z of raw values (windows, rows, targets), in their type."""
    return ops.clip((values - size.level) / size.scale, -FARTHEST, FARTHEST)
