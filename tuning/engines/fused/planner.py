"""Planner: which program a trial goes to.

A program fits every trial of its depth whose layers are no wider, at the price of padding; a new
program costs tracing and compiling. Each trial notes what a program of its own (rounded) widths would
have saved it. When the savings that trials of one shape missed add up to the price of compiling, that
program is compiled. This is the rule of the ski renter: it never pays more than twice what knowing
all trials beforehand would have cost, whatever trials come (Karlin et al. 1988).

What is chosen is a function of the trials asked about so far and their order alone: the engine asks in the
order of their numbers, also about those of an earlier start. Rounding differs between programs, so a trial
that ran in another one after an interruption would be another trial. A trial keeps its program: it goes on
there, is trained again there, and on older folds, whose engines ask the planner of the newest one.

TensorFlow keeps what it compiled until the process ends, whether the program is still used or not (measured:
14 of its 20 MB stay). So memory is bounded by compiling no more programs than `MOST_PROGRAMS`; then only a
trial that fits nowhere gets a new one, as wide as all the others of its kind together, so that few follow.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from operator import le
from typing import TYPE_CHECKING, Any, cast

from ....search_spaces.linear_fit import features_read
from .shape import Shape

if TYPE_CHECKING:
    from ....search_spaces.profile import Profile
    from ....search_spaces.stacked_lstm import StackedLSTM
    from ...series.windows import Windows

logger = logging.getLogger(__name__)

GRID = (8, 16, 24, 32, 40, 48, 56, 64, 96, 128, 192, 256, 384, 512)
"""Widths that programs are made for; wider layers are rounded up to multiples of 128."""

MOST_PROGRAMS = 40
"""Programs compiled to save padding; some 0.8 GB of memory."""

# Seconds on one core. The first three fit the steps of 8-8, 16, 32-32, 24-16-48 and 64-64 (lookback 32,
# batch 32), measured at 0.48, 0.33, 1.45, 2.0 and 4.35 ms. Another machine is slower or faster in all of
# them; their ratios decide.
LOOP_SECS = 6.0e-6  # each step of time of each layer: two turns of a loop
UNIT_SECS = 1.9e-9  # each unit of each window at each step of time: gates, and what is kept of them
FLOP_SECS = 1.2e-11  # each multiplication or addition of the matrix products
# Tracing and compiling, in seconds of a core where these steps take what stands above: 0.6 for one layer,
# 0.9 for two and 1.2 for three.
COMPILE_SECS = 0.3
COMPILE_LAYER_SECS = 0.3


def rounded(units: int) -> int:
    """Return the narrowest width of `GRID`, or multiple of 128, that is not below `units`."""
    return next((width for width in GRID if width >= units), -(-units // 128) * 128)


def step_secs(shape: Shape) -> float:
    """Return the expected seconds of one training step of a program, on one core."""
    reading = shape.reading
    windows = reading.steps * shape.batch_size * reading.rows
    width, secs = reading.width, 0.0
    for units in shape.units:
        # Forward, and twice as much backward: the gradients of inputs and of weights.
        flops = 3 * 2 * 4 * units * (width + units) * windows
        secs += reading.steps * LOOP_SECS + units * windows * UNIT_SECS + flops * FLOP_SECS
        width = units
    return secs


def compile_secs(shape: Shape) -> float:
    """Return the expected seconds of tracing and compiling a program."""
    return COMPILE_SECS + COMPILE_LAYER_SECS * len(shape.units)


class Planner:
    """Says which program a trial goes to; makes none."""

    def __init__(self) -> None:
        self._shapes: dict[Shape, None] = {}
        self._missed: defaultdict[Shape, float] = defaultdict(float)
        self._of: dict[tuple[int, Shape], Shape] = {}

    def shape_for(self, number: int, needed: Shape, steps: int) -> Shape:
        """Return the shape of the program for a trial, which exists from now on.

        Args:
            number: of the trial.
            needed: by it, see `wanted`.
            steps: training steps it will take at most.
        """
        if (number, needed) not in self._of:
            self._of[number, needed] = self._made(needed, steps)
        return self._of[number, needed]

    def decided(self, number: int, needed: Shape, shape: Shape) -> Shape:
        """Return `shape`, which the planner of another process chose for a trial, and keep to it."""
        self._of[number, needed] = shape
        return shape

    def _made(self, needed: Shape, steps: int) -> Shape:
        shape = self._choose(own_shape(needed), steps)
        if shape not in self._shapes:
            logger.info("program %d is for trials up to %s", len(self._shapes) + 1, shape)
            self._shapes[shape] = None
        return shape

    def _choose(self, own: Shape, steps: int) -> Shape:
        alike = [shape for shape in self._shapes if _alike(own, shape)]
        there = [shape for shape in alike if all(map(le, own.units, shape.units))]
        full = len(self._shapes) >= MOST_PROGRAMS
        if own in there or (not there and not full):
            return own
        if not there:
            widths = zip(own.units, *(shape.units for shape in alike), strict=True)
            return replace(own, units=tuple(map(max, widths)))
        best = min(there, key=step_secs)
        if full:
            return best
        self._missed[own] += steps * (step_secs(best) - step_secs(own))
        return own if self._missed[own] >= compile_secs(own) else best


def wanted(values: Mapping[str, Any], space: StackedLSTM, windows: Windows, dtype: str) -> Shape:
    """Return what a trial needs, with its true widths.

    Args:
        values: its hyperparameters.
        space: they are of; shaped for the windows.
        windows: the data.
        dtype: `float32`, or `float64` to compare with.
    """
    reading = space.reading(values)
    # What a linear forecast could read: on another fold it reads other rows, in the same program.
    lookback, features = windows.lookback, reading.inputs - reading.targets
    return Shape(
        units=cast("Profile", space.profile(values)).units,
        batch_size=int(values["batch_size"]),
        **vars(reading),
        loss=space.loss,
        dropout=values["dropout"] > 0,
        linear=lookback if space.linear else 0,
        linear_features=space.linear is not None and features_read(lookback, features) > 0,
        own=windows.own.counted if windows.own else None,
        dtype=dtype,
    )


def own_shape(shape: Shape) -> Shape:
    """Return the shape of a program for a trial alone, whatever others there are."""
    return replace(shape, units=tuple(rounded(units) for units in shape.units))


def _alike(own: Shape, other: Shape) -> bool:
    """Whether two shapes differ in nothing but the units of their layers."""
    return len(own.units) == len(other.units) and replace(own, units=other.units) == other
