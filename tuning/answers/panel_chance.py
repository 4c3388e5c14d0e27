"""What chance may do to a comparison on many series, from few moments.

Errors are summed over all series of a moment first. What is common to the series, a holiday or the
weather, stays in these sums, and what is not averages out in them: the more series, and the less they
share, the less the sums vary from moment to moment, and the narrower the interval. How much is common is
read off the sums themselves, so nothing is assumed of it. Of the test part's other moments only moments
tell: no number of series does.

Their total is as uncertain as their weighted totals by slow cosines are, of which each gives one degree
of freedom; windows that overlap make these vary less the quicker the cosine, by a factor that is known.
Blocks, as `chance` has them, are for the skewed losses of a single series, and take six times as many
moments.

Sources: Lazarus, Lewis, Stock & Watson 2018, "HAR inference: recommendations for practice" (cosines);
Driscoll & Kraay 1998 (sums over the series of a panel). The factor for windows that overlap is ours.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import t as student

from ..series.overlap import COSINE_HORIZONS

MOST_COSINES = 20


def moment_sums(values: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Return the sums of values over the windows of each moment, (moments, columns), the earliest first.

    Args:
        values: (windows, columns).
        moments: int (windows,), when each window is.
    """
    different, place = np.unique(moments, return_inverse=True)
    return np.stack([np.bincount(place, column, len(different)) for column in values.T], axis=1)


def chance_of_total(sums: np.ndarray, horizon: int) -> float:
    """Return how far the total of sums may be from its expectation by chance, 95 %.

    With C = T / (2 horizon) cosines over the T moments, and t(C) the 97.5 % point of Student's t, it is

        t(C) sqrt(mean over j = 1 ... C of  (w(j) pi x / sin(pi x))^2),   x = j horizon / (2 T),
        w(j) = sqrt(2) sum over m = 1 ... T of  cos(pi j (m - 1/2) / T) sums(m)

    Args:
        sums: float64 (moments,), of all series, in the order of time.
        horizon: windows that follow each other share targets for so many moments.

    Returns:
        0 or more; infinite where there are fewer than `overlap.panel_moments_needed` moments.
    """
    count = len(sums)
    cosines = min(MOST_COSINES, count // (COSINE_HORIZONS * horizon))
    if not cosines:
        return math.inf
    quick = np.arange(1, cosines + 1)
    slow = np.cos(math.pi * quick[:, None] * (np.arange(count) + 0.5) / count)
    weighted = math.sqrt(2) * slow @ sums / np.sinc(quick * horizon / (2 * count))
    return float(student.ppf(0.975, cosines) * math.sqrt(np.square(weighted).mean()))


def ratio_ends(sums: np.ndarray, horizon: int) -> tuple[float, float] | None:
    """Return the ends of the 95 % interval of the ratio r of two totals: r (1 - s) and r / (1 - s).

    s is what chance may do to the difference of both totals, as a share of each. The lower end is that of the
    linearised interval of r, the upper one that of 1 / r: the others of both are too near where a moment or
    two own a total.

    Args:
        sums: float64 (moments, 2), 0 or more, of all series, in the order of time; both totals above 0.
        horizon: windows that follow each other share targets for so many moments.

    Returns:
        The ends; None where the moments are too few, or too unlike, for any.
    """
    totals = sums.sum(axis=0)
    first, second = (sums / totals).T
    share = chance_of_total(first - second, horizon)
    if share >= 1:
        return None
    ratio = float(totals[0] / totals[1])
    return ratio * (1 - share), ratio / (1 - share)
