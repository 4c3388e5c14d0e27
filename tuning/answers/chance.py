"""What chance may do to a comparison of two forecasts on the same test windows.

Test windows are no independent observations. Two that begin less than a horizon apart share targets, so the
windows are put into blocks of neighbours in time, and the blocks are what varies. Where several series have
windows at one moment, as in a panel, `panel_chance` tells.

Sources: Künsch 1989 (the bootstrap of blocks); Hesterberg 2015, "What teachers should know about the
bootstrap", section 4 (percentiles further out where there are few blocks, as Student's t has them).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from ..series.overlap import FEWEST_BLOCKS, block_length, moments_needed, panel_moments_needed
from .panel_chance import chance_of_total, moment_sums, ratio_ends

MOST_BLOCKS = 20
DRAWS = 10_000


@dataclass(frozen=True)
class Interval:
    """A ratio of two errors.

    Args:
        ratio: on the windows at hand; 1 where both errors are 0, infinite where only the second one is.
        low: lower end of its 95 % interval; None where the moments are too few for one.
        high: upper end, likewise.
    """

    ratio: float
    low: float | None = None
    high: float | None = None


def block_sums(values: np.ndarray, moments: np.ndarray, horizon: int) -> np.ndarray:
    """Return the sums of values over the windows of each block, (blocks, columns), the earliest block first.

    Args:
        values: (windows, columns).
        moments: int (windows,), when each window is.
        horizon: windows that follow each other share targets for so many moments.
    """
    different, place = np.unique(moments, return_inverse=True)
    count = count_blocks(different, horizon)
    sizes = [len(block) for block in np.array_split(different, count)]
    block = np.repeat(np.arange(count), sizes)[place]
    return np.stack([np.bincount(block, column, count) for column in values.T], axis=1)


def count_blocks(moments: np.ndarray, horizon: int) -> int:
    """Return into how many blocks windows are put, at least 1; see `block_sums`."""
    return max(min(MOST_BLOCKS, len(np.unique(moments)) // block_length(horizon)), 1)


def of_panel(moments: np.ndarray) -> bool:
    """Return whether several windows begin at one moment, as those of several series do."""
    return len(np.unique(moments)) < len(moments)


def needed(moments: np.ndarray, horizon: int) -> int:
    """Return at how many different moments windows such as these must begin for an interval."""
    return panel_moments_needed(horizon) if of_panel(moments) else moments_needed(horizon)


def surely_above(differences: np.ndarray, moments: np.ndarray, horizon: int) -> bool:
    """Return whether the mean of differences is above zero by more than chance (95 %).

    Of one series by Student's t of blocks, of several by that of cosines.

    Args:
        differences: (windows,).
        moments: int (windows,), when each window is.
        horizon: windows that follow each other share targets for so many moments.
    """
    values = np.stack([differences, np.ones(len(differences))], axis=1)
    if of_panel(moments):
        sums = moment_sums(values, moments)
        total, windows = sums.sum(axis=0)
        return bool(total > chance_of_total(sums[:, 0] - total / windows * sums[:, 1], horizon))
    sums = block_sums(values, moments, horizon)
    count = len(sums)
    if count < 2:
        return False
    means = sums[:, 0] / sums[:, 1]
    error = means.std(ddof=1) / math.sqrt(count)
    return bool(means.mean() > student.ppf(0.975, count - 1) * error)


def ratio_interval(losses: np.ndarray, moments: np.ndarray, horizon: int, *, root: bool) -> Interval:
    """Return the ratio of two mean losses and its 95 % interval, of one series by a bootstrap of blocks.

    As many blocks as there are are drawn with replacement, `DRAWS` times, and each time the ratio is that of
    the sums over them. The ends of the interval are percentiles of these ratios; with B blocks those at
    Phi(-t sqrt(B / (B - 1))) from either end, t the 97.5 % point of Student's t, B - 1 degrees of freedom.

    Args:
        losses: finite float64 (windows, 2), 0 or more: of the first forecast and of the second one.
        moments: int (windows,), when each window is.
        horizon: windows that follow each other share targets for so many moments.
        root: whether the error is the square root of the mean loss, as RMSE is.
    """
    # A common factor leaves the ratio as it is, and the sums finite.
    losses = losses / (losses.max() or 1.0)
    if of_panel(moments):
        return _panel_interval(moment_sums(losses, moments), horizon, root=root)
    sums = block_sums(losses, moments, horizon)
    count = len(sums)
    ratio = float(_ratios(sums.sum(axis=0, keepdims=True), root=root)[0])
    if count < FEWEST_BLOCKS:
        return Interval(ratio)
    # The same draws for each comparison of the same windows.
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), DRAWS)
    far = norm.cdf(-student.ppf(0.975, count - 1) * math.sqrt(count / (count - 1)))
    # Without interpolation, since a ratio may be infinite.
    low, high = np.quantile(_ratios(drawn @ sums, root=root), [far, 1 - far], method="inverted_cdf")
    return Interval(ratio, float(low), float(high))


def _panel_interval(sums: np.ndarray, horizon: int, *, root: bool) -> Interval:
    ratio = float(_ratios(sums.sum(axis=0, keepdims=True), root=root)[0])
    if not 0 < ratio < math.inf or not sums.any():
        ends = (ratio, ratio) if len(sums) >= panel_moments_needed(horizon) else None
    elif (ends := ratio_ends(sums, horizon)) and root:
        ends = math.sqrt(ends[0]), math.sqrt(ends[1])
    return Interval(ratio, *ends) if ends else Interval(ratio)


def _ratios(sums: np.ndarray, *, root: bool) -> np.ndarray:
    ours, theirs = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where((ours == 0) & (theirs == 0), 1.0, ours / theirs)
    return np.sqrt(ratios) if root else ratios
