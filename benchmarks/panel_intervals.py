"""Whether the intervals that the answer gives of a panel hold what they promise, on panels of known truth.

Two forecasts err equally in truth. What shocks the series have in common, how many series and moments
there are, and whether errors add up over the horizon is varied; the errors of both forecasts are half the
same.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from apart import Row

from narrows.tuning.answers.chance import ratio_interval

HORIZON = 12
MOMENTS = (24, 48, 96, 138, 300)
ALIKE = (0.0, 0.3, 0.9)
SERIES = (5, 50, 400)
REPEATS = 1000


def rows() -> list[Row]:
    """Share of 95 % intervals that hold the truth, and their width, a horizon of 12.

    1,000 made-up panels for each of 5, 50 and 400 series, with errors of white noise and with errors that
    add up over the horizon. Blocks are intervals of the same sums as of a single series.
    """
    return [_row(moments, alike) for moments, alike in product(MOMENTS, ALIKE)]


def _row(moments: int, alike: float) -> Row:
    held, wide, of_blocks = {}, {}, {}
    for series, adds_up in product(SERIES, (False, True)):
        case = series, adds_up
        held[case], wide[case] = covered(series, moments, alike, adds_up, REPEATS)
        of_blocks[case] = covered(series, moments, alike, adds_up, REPEATS // 5, blocks=True)
    worst = min(held.values())
    blocks = "give none"
    if math.isfinite(of_blocks[400, False][1]):
        lowest = min(share for share, _ in of_blocks.values())
        blocks = f"hold it in {lowest:.1%} or more, {of_blocks[400, False][1]:.1%} wide"
    widths = ", ".join(
        f"{series} {wide[series, False]:.1%}" if math.isfinite(wide[series, False]) else f"{series} no end"
        for series in SERIES
    )
    return (
        f"{moments} moments, shocks alike by {alike:g}",
        f"{worst:.1%} or more hold the truth",
        ">= 93 %",
        f"median width by series, white noise: {widths}; blocks {blocks}",
    )


def covered(
    series: int, moments: int, alike: float, adds_up: bool, repeats: int, *, blocks: bool = False
) -> tuple[float, float]:
    """Return the share of intervals that hold 1, no interval counted as held, and their median width.

    Args:
        series: how many.
        moments: at which windows begin.
        alike: correlation of the shocks of two series.
        adds_up: whether errors add up over the horizon.
        repeats: panels that are made.
        blocks: whether the sums over series are taken as a single series.
    """
    rng = np.random.default_rng(1)
    held, wide = 0, []
    for _ in range(repeats):
        sums = made_up(rng, series, moments, alike, adds_up)
        # A second series without errors makes a panel of the sums.
        losses = sums if blocks else np.concatenate([sums, np.zeros_like(sums)])
        when = np.arange(len(losses)) % moments
        found = ratio_interval(losses, when, HORIZON, root=False)
        low, high = (0.0, math.inf) if found.low is None or found.high is None else (found.low, found.high)
        held += low <= 1 <= high
        wide.append(high - low)
    return held / repeats, float(np.median(wide))


def made_up(
    rng: np.random.Generator, series: int, moments: int, alike: float, adds_up: bool, horizon: int = HORIZON
) -> np.ndarray:
    """Return losses of two forecasts that err equally, summed over series, float64 (moments, 2).

    A shock is sqrt(r) common + sqrt(1 - r) own, standard normal, r = `alike`; an error is half a shock
    that both forecasts meet and half one of its own, or the sum of such from the moment on.
    """
    steps = moments + horizon - 1

    def shocks() -> np.ndarray:
        own = rng.standard_normal((series, steps), np.float32)
        return math.sqrt(alike) * rng.standard_normal((1, steps)) + math.sqrt(1 - alike) * own

    both, losses = shocks(), []
    for _ in range(2):
        errors = (both + shocks()) / math.sqrt(2)
        ahead = np.lib.stride_tricks.sliding_window_view(errors, horizon, axis=1)
        if adds_up:
            ahead = ahead.cumsum(axis=2)
        losses.append(np.einsum("smh,smh->m", ahead, ahead) / horizon)
    return np.stack(losses, axis=1)
