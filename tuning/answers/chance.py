"""What chance may do to a comparison of two forecasts on the same test windows.

Test windows are no independent observations. Two that begin less than a horizon apart share targets, so the
windows are put into blocks of neighbours in time, and the blocks are what varies. Series of a panel share
their shocks: windows of one moment always stand in one block.

Sources: Künsch 1989 (the bootstrap of blocks); Hesterberg 2015, "What teachers should know about the
bootstrap", section 4 (percentiles further out where there are few blocks, as Student's t has them).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from ..series.overlap import FEWEST_BLOCKS, block_length

MOST_BLOCKS = 20
DRAWS = 10_000


@dataclass(frozen=True)
class Interval:
    """A ratio of two errors.

    Args:
        ratio: on the windows at hand; 1 where both errors are 0, infinite where only the second one is.
        low: lower end of its 95 % interval; None where there are fewer than `FEWEST_BLOCKS` blocks.
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


def surely_above(differences: np.ndarray, moments: np.ndarray, horizon: int) -> bool:
    """Return whether the mean of differences is above zero by more than chance (95 %, Student's t of blocks).

    Args:
        differences: (windows,).
        moments: int (windows,), when each window is.
        horizon: windows that follow each other share targets for so many moments.
    """
    sums = block_sums(np.stack([differences, np.ones(len(differences))], axis=1), moments, horizon)
    count = len(sums)
    if count < 2:
        return False
    means = sums[:, 0] / sums[:, 1]
    error = means.std(ddof=1) / math.sqrt(count)
    return bool(means.mean() > student.ppf(0.975, count - 1) * error)


def ratio_interval(losses: np.ndarray, moments: np.ndarray, horizon: int, *, root: bool) -> Interval:
    """Return the ratio of two mean losses and its 95 % interval, by a bootstrap of blocks.

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
    sums = block_sums(losses / (losses.max() or 1.0), moments, horizon)
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


def _ratios(sums: np.ndarray, *, root: bool) -> np.ndarray:
    ours, theirs = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where((ours == 0) & (theirs == 0), 1.0, ours / theirs)
    return np.sqrt(ratios) if root else ratios
