"""The size of a window, told by its own rows: what series of very different size are scaled by.

With x(t) a target, or a feature that differs in size between series, in the `rows` rows before the forecast:

    level = mean x        scale = max(std x, 1e-6 mean |x|, floor)        z = (x - level) / scale

z is cut at +-10, so that a window whose past is flat, of which z could be any number, does not own a loss.
The size of a feature that is known for the rows to forecast is told by these, too, and both of its columns
are in it: so a price that is to fall is seen to fall, also where it never changed in the window.

It is a plain function of the window: it needs no name of a series, so it holds for new ones, and is the same
in NumPy, compiled programs and exported models (`ops` says in which). A series times a thousand has the same
z.

Source: Kim et al. 2022, "Reversible instance normalization" (theirs learns a second scale and has no bound).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .panel import features_that_differ, spread_of_each
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


@dataclass(frozen=True)
class Counted:
    """Which inputs of a window are counted in its own size, by their numbers, and which rows tell it.

    Args:
        rows: the newest rows of a window.
        horizon: the newest rows of an input that looks ahead, which hold those to forecast.
        alone: inputs with a size of their own: all targets, which are the first, and features.
        known: features that are known for the rows to forecast.
        later: the inputs that look ahead of these, in the same order.
    """

    rows: int
    horizon: int
    alone: tuple[int, ...]
    known: tuple[int, ...] = ()
    later: tuple[int, ...] = ()

    @property
    def inputs(self) -> tuple[int, ...]:
        """All of them."""
        return self.alone + self.known + self.later

    def size(self, windows: Any, floor: Any, ops: Any = np, axis: int = 1) -> Size:
        """Return the size of windows in each of `inputs`, in their order; see `size_of`.

        Args:
            windows: (windows, rows, all inputs), raw units in these.
            floor: float64 (alone + known,).
            ops: `numpy` or `keras.ops`.
            axis: of the rows, 0 or 1.
        """
        count = len(self.alone)
        told = newest(picked(windows, self.alone, ops), self.rows, axis)
        size = size_of(told, floor[:count], ops, axis)
        if not self.known:
            return size
        before = newest(picked(windows, self.known, ops), self.rows, axis)
        after = newest(picked(windows, self.later, ops), self.horizon, axis)
        both = size_of(ops.concatenate([before, after], axis=axis), floor[count:], ops, axis)
        return Size(*(ops.concatenate([one, two, two], axis=-1) for one, two in zip(size, both, strict=True)))

    def applied(self, windows: Any, floor: Any, ops: Any, axis: int = 1) -> tuple[Any, Size]:
        """Return windows in their own size, and that size, the targets first; arguments as for `size`."""
        size, count = self.size(windows, floor, ops, axis), windows.shape[-1]
        z = scaled(picked(windows, self.inputs, ops), size, ops)
        order = np.arange(count)
        order[list(self.inputs)] = count + np.arange(len(self.inputs))
        return picked(ops.concatenate([windows, z], axis=-1), order, ops), size


@dataclass(frozen=True, eq=False)
class OwnScale:
    """How windows are scaled by themselves.

    Args:
        counted: which inputs, and by which rows.
        floor: float64 (alone + known,), raw units, above 0: no scale is below it.
        features: names of those that are counted so.
    """

    counted: Counted
    floor: np.ndarray
    features: tuple[str, ...] = ()

    @classmethod
    def fit(
        cls,
        series: Series,
        learned: np.ndarray,
        places: Sequence[Sequence[int]],
        lookback: int,
        horizon: int,
        like: OwnScale | None = None,
    ) -> OwnScale:
        """Return that of the training rows.

        Args:
            series: the data.
            learned: bool (rows,), the training rows.
            places: the numbers of the columns that inputs are made of, and of those that look ahead.
            lookback: rows of a window.
            horizon: rows to forecast.
            like: whose rows tell the size, and whose features are counted in it; None is all rows, and the
                features that differ.
        """
        own, ahead = map(list, places)
        rows = like.counted.rows if like else lookback
        wanted = like.features if like else features_that_differ(series, learned)
        features = [name for name in series.features if name in wanted]
        apart = [name for name in features if name not in series.ahead]
        known = [series.columns.index(name) for name in features if name in series.ahead]
        alone = [*range(len(series.targets)), *map(series.columns.index, apart)]
        floor = []
        for column in (*alone, *known):
            each, _ = spread_of_each(series, column, learned)
            floor.append(FLAT * each[each > 0].min(initial=np.inf))
        counted = Counted(
            rows,
            horizon,
            tuple(map(own.index, alone)),
            tuple(map(own.index, known)),
            tuple(len(own) + ahead.index(column) for column in known),
        )
        return cls(counted, np.where(np.isfinite(floor), floor, FLAT), tuple(features))

    def of(self, inputs: Sequence[int]) -> OwnScale:
        """Return that of windows of some inputs alone, by their numbers: features all or none."""
        place = {number: there for there, number in enumerate(inputs)}
        old, whole = self.counted, self.counted.alone + self.counted.known
        alone, known, later = (
            tuple(place[number] for number in some if number in place)
            for some in (old.alone, old.known, old.later)
        )
        floor = self.floor[[number in place for number in whole]]
        return OwnScale(Counted(old.rows, old.horizon, alone, known, later), floor)


def size_of(past: Any, floor: Any, ops: Any = np, axis: int = 1) -> Size:
    """Return the size of windows; level and scale keep `axis`, with one entry.

    Args:
        past: float64 (windows, rows, columns), raw units; the axis of the rows may be another.
        floor: float64 (columns,).
        ops: `numpy` or `keras.ops`.
        axis: of the rows, 0 or 1.
    """
    # Counted from a row of its own, a window in which nothing moves has exactly that level, also in float32.
    last = newest(past, 1, axis)
    moved = past - last
    mean = ops.mean(moved, axis=axis, keepdims=True)
    spread = ops.sqrt(ops.mean(ops.square(moved - mean), axis=axis, keepdims=True))
    flat = FLAT * ops.mean(ops.abs(past), axis=axis, keepdims=True)
    return Size(last + mean, ops.maximum(ops.maximum(spread, flat), floor))


def scaled(values: Any, size: Size, ops: Any = np) -> Any:
    """Return z of raw values (windows, rows, columns), in their type."""
    return ops.clip((values - size.level) / size.scale, -FARTHEST, FARTHEST)


def newest(windows: Any, rows: int, axis: int) -> Any:
    """Return the last rows of windows; `axis` is that of the rows, 0 or 1."""
    return windows[:, -rows:] if axis else windows[-rows:]


def picked(x: Any, numbers: Sequence[int] | np.ndarray, ops: Any) -> Any:
    """Return some entries of the last axis, of slices, which compiled programs read faster than picks."""
    breaks = np.flatnonzero(np.diff(numbers) != 1) + 1
    runs = np.split(np.asarray(numbers), breaks)
    pieces = [x[..., int(run[0]) : int(run[-1]) + 1] for run in runs]
    return pieces[0] if len(pieces) == 1 else ops.concatenate(pieces, axis=-1)
