"""Which rows a probe learns from, chooses its penalty on and is tested on; all held out by time.

A row is one window. Windows whose times differ by less than `span` (lookback + horizon) share rows of
the series, so no row of one part may be closer than `span` to a row of another.

    time   |---- train ----| gap |---- test ----| gap |---- train ----| gap |---- test ----|
    each stretch of train = fit (first 70 %) | gap | choose

Train and test take turns as often as the gaps cost at most a fifth of the time, so that a drift of the
series is not taken for something a state does not know.

The null pairs the states with the targets of another time: each part is turned like a ring by a
chance number of rows, which keeps the autocorrelation of states and of targets (circular shift).
The interval draws whole stretches of test rows with replacement (block bootstrap, Künsch 1989).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SHIFTS, CHANCE = 39, 2
"""If nothing is told, an R^2 passes the second largest of those of 39 shifts in 2 of 40 cases, one in 20."""
DRAWS = 200
MOST_TURNS = 5
MOST_GAPS = 0.2
FIT = 0.7
MOST_BLOCKS = 20
LEAST_BLOCKS = 5
"""With fewer stretches to draw from, a bootstrap gives no interval worth showing."""


@dataclass(frozen=True, eq=False)
class Split:
    """Numbers of rows, in time order.

    Args:
        train: int64, half of the rows, less the gaps.
        test: int64, the other half.
        fit: int64, the part of `train` the penalty's candidates are fitted on.
        choose: int64, the part of `train` the penalty is chosen on.
        blocks: int64 (test rows,), the stretch of each test row, from 0.
        draws: int64 (`DRAWS`, stretches), how often each bootstrap sample draws each stretch.
        orders: int64 (`SHIFTS`, rows), for each shift the row whose targets row i is paired with.
        few: why nothing can be estimated; empty when the rows are enough.
    """

    train: np.ndarray
    test: np.ndarray
    fit: np.ndarray
    choose: np.ndarray
    blocks: np.ndarray
    draws: np.ndarray
    orders: np.ndarray
    few: str = ""

    @classmethod
    def of(cls, times: np.ndarray, span: int) -> Split:
        """Split rows by their times.

        Args:
            times: int64 (rows,), not falling; for windows of a series the row of the first target. Rows of
                one time are never parted.
            span: rows whose times differ by `span` or more share nothing; 1 for independent rows.
        """
        rng = np.random.default_rng(0)
        stretches = _stretches(times, span)
        train, test = (np.concatenate(stretches[half::2]) for half in (0, 1))
        inner = [_inner(times, stretch, span) for stretch in stretches[::2]]
        fit, choose = (np.concatenate(parts) for parts in zip(*inner, strict=True))
        blocks = _blocks(times[test], span)
        count = int(blocks.max(initial=-1)) + 1
        draws = rng.multinomial(count, np.full(count, 1 / max(count, 1)), DRAWS)
        few = ""
        if min(len(fit), len(choose)) < 2 or count < LEAST_BLOCKS:
            many = f"{count} stretch{'es' * (count != 1)}"
            few = f"{len(times)} rows give {many} to test on, {LEAST_BLOCKS} are needed"
        return cls(train, test, fit, choose, blocks, draws, _orders(len(times), (train, test), rng), few)

    @classmethod
    def to_learn(cls, times: np.ndarray, span: int) -> Split:
        """Let all rows train: nothing is tested on them. The arguments are those of `of`."""
        every, none = np.arange(len(times)), np.empty(0, np.int64)
        fit, choose = _inner(times, every, span)
        few = f"{len(times)} rows leave none to choose a penalty on" if min(len(fit), len(choose)) < 2 else ""
        return cls(every, none, fit, choose, none, np.zeros((0, 0)), np.zeros((0, len(times)), np.int64), few)


def _stretches(times: np.ndarray, span: int) -> list[np.ndarray]:
    """Cut the time into stretches of equal length, in turn train and test, with a gap before each cut."""
    length = int(times[-1] - times[0]) + 1
    turns = int(np.clip((MOST_GAPS * length / span + 1) / 2, 1, MOST_TURNS))
    cuts = times[0] + np.arange(1, 2 * turns) * length // (2 * turns)
    stretch = np.searchsorted(cuts, times, side="right")
    clear = times <= np.append(cuts, times[-1] + span)[stretch] - span
    return [np.flatnonzero(clear & (stretch == number)) for number in range(2 * turns)]


def _inner(times: np.ndarray, stretch: np.ndarray, span: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut a stretch of training rows into those to fit on and those to choose on, with a gap between."""
    if not len(stretch):
        return stretch, stretch
    first = times[stretch[int(FIT * len(stretch))]]
    return stretch[times[stretch] <= first - span], stretch[times[stretch] >= first]


def _blocks(times: np.ndarray, span: int) -> np.ndarray:
    """Number the stretches of test rows: each at least `span` long, `MOST_BLOCKS` in all, one time in one."""
    blocks = np.zeros(len(times), np.int64)
    start = 0
    for row in range(1, len(times)):
        long = times[row] - times[start] >= span and row - start >= len(times) / MOST_BLOCKS
        full = long and times[row] > times[row - 1]
        start = row if full else start
        blocks[row] = blocks[row - 1] + full
    return blocks


def _orders(rows: int, parts: tuple[np.ndarray, ...], rng: np.random.Generator) -> np.ndarray:
    """Turn each part like a ring, by at least a tenth of its rows."""
    orders = np.tile(np.arange(rows), (SHIFTS, 1))
    for part in parts:
        least = len(part) // 10
        for order in orders:
            order[part] = np.roll(part, rng.integers(least, len(part) - least + 1))
    return orders
