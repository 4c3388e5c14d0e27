"""What measures may cost: a tenth of the training of the network that they are taken of.

It is counted in operations, from sizes alone, not in seconds by a clock: so the same trial is measured in the
same way on every machine, however busy it is. Counted is what grows beyond all bounds with the input; the
other measures take a small share of any training. One core does some 4e10 such operations a second.
"""

from __future__ import annotations

SHARE = 0.1
LEAST = 2e9
"""Operations that measures get of any network, however short its training was: about .05 s on one core."""


def budget(parameters: int, steps: int, windows: int) -> float:
    """Return how many operations may go into the measures of a network.

    A step of one window takes two operations (a multiplication and an addition) for each parameter forward
    and four backward.

    Args:
        parameters: of the network.
        steps: that it takes through a window.
        windows: that it was trained on, over all epochs.
    """
    return max(LEAST, SHARE * 6.0 * parameters * steps * windows)


def too_dear(what: str, channels: int, cost: float, left: float) -> str:
    """Return the sentence that stands where a measure was dropped.

    Args:
        what: the measure.
        channels: numbers that the network reads at a step.
        cost: operations it would take.
        left: operations that are left for it, above 0.
    """
    times = f"{cost / left:,.1f}" if cost < 10 * left else f"{cost / left:,.0f}"
    return (
        f"{what} was not measured: for an input of {channels:,} numbers a step it takes {times} "
        "times the computing that measures are given, which is a tenth of the training."
    )
