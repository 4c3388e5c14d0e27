"""Learning rates of a study: each arm gets the one that is best for it, or the widths are not compared.

The best rate of Adam falls as layers widen, about as one over the width (Yang & Hu 2021 for networks in the
limit; measured: .1 for 2 and for 8 units, .03 for 32): widths at one rate show the rate. Rates stand on a
fixed grid of half decades. An arm begins around 0.32 / units of its widest layer, and its rates move on while
the best of them is at an end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ...search_spaces.profile import Profile
from .grid import GRID
from .paired import Paired

LEAST_LOSS = 1e-12
"""A loss below it is 0 to rounding."""
PLAINLY = 0.05
"""Level at which a rate is called worse than the best one."""
FIRST, LAST = 2, 6
"""Places of the grid that an arm may begin around: beyond them the rest of the grid is still tried."""
AT_ONE_UNIT = 0.32


def centre(profile: Profile) -> int:
    """Return the place of the grid that a network's rates begin around."""
    wanted = math.log(AT_ONE_UNIT / max(profile.units))
    nearest = min(range(len(GRID)), key=lambda place: abs(math.log(GRID[place]) - wanted))
    return min(max(nearest, FIRST), LAST)


def first(profile: Profile, count: int) -> list[int]:
    """Return the places of the `count` rates that a network begins with, rising."""
    start = min(max(centre(profile) - count // 2, 0), len(GRID) - count)
    return list(range(start, start + count))


def next_rate(losses: Mapping[int, float]) -> int | None:
    """Return the place to try next, None when the best is between two others or the grid ends.

    Args:
        losses: of the places that were tried, which have no holes; infinity for a rate that diverged.
    """
    best = best_rate(losses)
    if not math.isfinite(losses[best]):
        # All diverged: only smaller ones may do better.
        return min(losses) - 1 if min(losses) else None
    if best == min(losses) and best > 0:
        return best - 1
    return best + 1 if best == max(losses) and best + 1 < len(GRID) else None


def best_rate(losses: Mapping[int, float]) -> int:
    """Return the place of the smallest loss, of equal ones the smallest rate."""
    return min(sorted(losses), key=losses.__getitem__)


def plausible(places: Sequence[int], losses: Sequence[Sequence[float | None]]) -> list[int]:
    """Return the places whose losses are not plainly larger than those of the best one.

    Args:
        places: of the grid.
        losses: of each place, by the same seeds; None where a training diverged.
    """
    means = [geometric(own) for own in losses]
    best = means.index(min(means))
    if not math.isfinite(means[best]):
        return [places[best]]
    logs = [np.log([max(one or math.inf, LEAST_LOSS) for one in own]) for own in losses]
    return [
        place
        for place, own, mean in zip(places, logs, means, strict=True)
        if math.isfinite(mean)
        and (place == places[best] or Paired(own - logs[best]).p_not_above(0.0) > PLAINLY)
    ]


def geometric(losses: Sequence[float | None]) -> float:
    """Return the geometric mean; infinity where a training diverged."""
    known = [loss for loss in losses if loss is not None]
    if len(known) < len(losses) or not known:
        return math.inf
    return math.exp(math.fsum(math.log(max(loss, LEAST_LOSS)) for loss in known) / len(known))
