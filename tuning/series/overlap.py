"""How many windows that overlap can tell something of a forecast.

Windows that begin less than a horizon apart share targets. So those of one series are put into blocks of
neighbours in time, and the blocks are counted (`answers.chance`); those of many series are summed over
all series of a moment, and what is counted are slow cosines over the moments (`answers.panel_chance`).
"""

from __future__ import annotations

FEWEST_BLOCKS = 6
"""With fewer blocks no interval is given: of two equal forecasts it would call one better too often."""


def block_length(horizon: int) -> int:
    """Return the moments that a block has at least, twice the horizon less one.

    That is how far the losses of overlapping windows are alike, to both sides. With blocks of one horizon
    7.5 % of comparisons of two equal forecasts called the first one better, with these 5 % and, where there
    are 20 blocks twice as long, 3.5 % (2.5 % is meant; 2,000 simulated series each).
    """
    return 2 * horizon - 1


COSINE_HORIZONS = 2
"""Horizons that the moments must have for each cosine: with quicker ones intervals hold less where errors
go on beyond a horizon (80 % for 90 %, where they halve in one)."""


def panel_moments_needed(horizon: int) -> int:
    """Return at how many different moments test windows of many series must begin for an interval."""
    return COSINE_HORIZONS * horizon


def moments_needed(horizon: int) -> int:
    """Return at how many different moments test windows must begin for an interval."""
    return FEWEST_BLOCKS * block_length(horizon)
