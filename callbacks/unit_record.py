"""What the units of the best trial did over a few windows of the test part, as plain data to draw.

Of each layer the state h, the cell state c and the gates i, f, o (`narrowing.gates`) at the steps that are
kept. Numbers of one kind and unit lie between two ends and take one byte each, so that what is drawn is off
by at most 1/510 of what lies between them. As text (base64) all kinds of one unit take `BYTES_OF_STEP` at a
step, and their ends `BYTES_OF_UNIT`. What is kept is bounded: `STATE_BYTES` of states, `STEPS` steps and
`WINDOWS` windows, and `ROWS` points of the series in each window beside those at which a step ends. That is
less than 300 kB.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..search_spaces.plain import Unreadable, reads_as_number

WINDOWS, LEAST_WINDOWS = 6, 3
STEPS, LEAST_STEPS = 150, 8
ROWS, MOST_ROWS = 200, 2**53
STATE_BYTES = 190_000
BYTES_OF_STEP, BYTES_OF_UNIT = 7, 100
MOST = 1e6
"""No number is larger: a memory, the only one that may be beyond 1, grows by at most 1 at a step."""
LARGEST, MIDDLING, SMALLEST, EVEN = "largest error", "middling error", "smallest error", "evenly spaced"
"""Why a window is kept."""


@dataclass(frozen=True)
class Packed:
    """Numbers of the shape (windows, steps, units).

    Args:
        low: the smallest one of each unit.
        high: the largest one of each unit.
        text: a byte each, 0 at the one and 255 at the other end; base64.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    text: str

    @classmethod
    def of(cls, values: np.ndarray) -> Packed:
        """Return finite numbers packed."""
        low, high = (
            tuple(float(f"{end:.4g}") for end in ends)
            for ends in (values.min(axis=(0, 1)), values.max(axis=(0, 1)))
        )
        span = np.subtract(high, low)
        share = ((values - low) / np.where(span > 0, span, 1)).clip(0, 1)
        return cls(low, high, base64.b64encode((255 * share).round().astype(np.uint8).tobytes()).decode())

    def array(self, *shape: int) -> np.ndarray:
        """Return the numbers, float64.

        Raises:
            Unreadable: when they are not so many, or no numbers that a layer makes.
        """
        try:
            found = np.frombuffer(base64.b64decode(self.text, validate=True), np.uint8).reshape(shape)
            low, high = np.broadcast_to((self.low, self.high), (2, shape[-1]))
            if not (np.abs([low, high]) <= MOST).all():
                raise ValueError
        except (binascii.Error, OverflowError, ValueError):
            raise Unreadable("states of units that are no numbers of a layer") from None
        return low + (high - low) * found / 255


@dataclass(frozen=True)
class UnitLayer:
    """One layer; see `narrowing.gates.Gates`."""

    units: int
    h: Packed
    c: Packed
    i: Packed
    f: Packed
    o: Packed


@dataclass(frozen=True)
class UnitWindow:
    """One window and one of its targets; numbers in raw units, None where one is not finite.

    Args:
        target: its name.
        series: id of the series; empty where there is one.
        why: it is kept, such as `LARGEST`.
        error: of the forecast, in the metric of the record.
        row: of the first target, in the series.
        times: of each point; a text that begins with the date, or a number as text.
        actual: what came, the past included.
        forecast: for the points from the first target on.
    """

    target: str
    series: str
    why: str
    error: float | None
    row: int
    times: tuple[str, ...]
    actual: tuple[float | None, ...]
    forecast: tuple[float | None, ...]


@dataclass(frozen=True)
class UnitRecord:
    """What is kept of the units of the best trial.

    Args:
        why: nothing is kept, in a sentence; else empty.
        metric: `RMSE` or `MAE`.
        time: title of the axis of time.
        dates: whether times are dates; else numbers.
        targets: how many there are.
        panel: whether there are several series.
        segment: rows that the first layer reads at a step.
        every: of so many steps one is kept, the newest first of all.
        rows: of the points of a window, counted from the first target: the past is below 0.
        steps: place among the points at which each step that is kept ends.
        windows: in the order of time.
        layers: from input to output.
    """

    why: str
    metric: str = ""
    time: str = ""
    dates: bool = False
    targets: int = 1
    panel: bool = False
    segment: int = 1
    every: int = 1
    rows: tuple[int, ...] = ()
    steps: tuple[int, ...] = ()
    windows: tuple[UnitWindow, ...] = ()
    layers: tuple[UnitLayer, ...] = ()

    def __post_init__(self) -> None:
        ahead = len(self.rows) - self.past
        fits = self.why or (
            bool(self.windows and self.layers and self.steps)
            and _rises(self.rows)
            and _rises(self.steps)
            and self.steps[0] >= 0
            and self.steps[-1] < self.past
            and all(len(one.times) == len(one.actual) == len(self.rows) for one in self.windows)
            and all(len(one.forecast) == ahead for one in self.windows)
            and (self.dates or all(reads_as_number(time) for one in self.windows for time in one.times))
            and all(layer.units > 0 for layer in self.layers)
            and max(map(abs, (*self.rows, *(one.row for one in self.windows)))) < MOST_ROWS
        )
        if not fits:
            raise Unreadable("states of units whose windows, steps or times do not fit together")

    @property
    def past(self) -> int:
        """Points of a window before its first target."""
        return sum(row < 0 for row in self.rows)

    def values(self, layer: int, kind: str) -> np.ndarray:
        """Return one kind of number of a layer, float64 (windows, steps, units).

        Args:
            layer: from 1.
            kind: `h`, `c`, `i`, `f` or `o`.

        Raises:
            Unreadable: when they are not so many.
        """
        one = self.layers[layer - 1]
        packed: Packed = getattr(one, kind)
        return packed.array(len(self.windows), len(self.steps), one.units)


def _rises(places: Sequence[int]) -> bool:
    return all(one < other for one, other in pairwise(places))
