"""The Fibonacci pair: K = 0 1 1 2 3 5 ... beside X_t = X_{t-1} + 2 K_t + 1 = 1 4 7 12 19 30 47 74 ...

Closed form X_t = 2 F(t+2) + t - 1, F(0) = 0, F(1) = 1. Source: a question and its answer on
ai.stackexchange.com (12324), where the feature K is said to help in forecasting X. That page prints
X = 1, 4, 7, 12, 30, X_5 and two rules, and neither rule gives these numbers; the rule above does when 19,
which the page dropped, is put back: 30 is X_5.

One pair is too short to train on, and too steep: it grows by 1.618 a row, so a later test part would lie
far outside the training range, and beyond about 70 terms float64 is not exact. So a series is many short
stretches of `terms` rows under a running count t, each from its own (K_0, K_1), small whole numbers that
occur once; K_t = K_{t-1} + K_{t-2} and X_{-1} = 0, hence X_t = 2 (K_{t+2} - K_1) + t + 1.
The canonical pair, which starts with 0 1, comes last: it is in the test part and never trained on.

K holds nothing that X does not, X_t = 2 X_{t-1} - X_{t-3} - 1; it spares the network a subtraction, and
with a lookback of 2 it adds what X alone lacks. `feature=0` leaves K out, to compare.
The rule is linear: linear autoregression is exact, and a network can at best come close. Large terms
rule the squared error; the first terms of a stretch are the hardest in relative terms. Use a lookback of 2
to 8 (below `terms`).
"""

from __future__ import annotations

from math import isqrt
from typing import Annotated

import numpy as np

from ....search_spaces.errors import UserError
from ..series import Series
from ._parameters import Flag, Range, Rows, Seed


def series(
    *,
    rows: Rows = 2400,
    seed: Seed = 0,
    terms: Annotated[int, Range(3, 60)] = 12,
    feature: Flag = 1,
) -> Series:
    """Return `rows // terms` stretches of `terms` rows: target X, feature K.

    Raises:
        UserError: when `rows` is below `terms`.
    """
    count = rows // terms
    if not count:
        raise UserError(f"synthetic:fibonacci: rows={rows} does not hold one stretch of terms={terms} rows")
    starts = starting_pairs(count, np.random.default_rng(seed))
    k, x = pair(starts, terms)
    return Series(
        name="fibonacci",
        targets=("X",),
        features=("K",) if feature else (),
        values=np.stack([x, k], axis=-1).reshape(-1, 2)[:, : 1 + feature].astype(np.float64),
        starts=np.arange(count, dtype=np.int64) * terms,
        ids=tuple(f"{number:06d} from {k0} {k1}" for number, (k0, k1) in enumerate(starts.tolist())),
        id_column="pair",
        times=np.arange(count * terms, dtype=np.int64),
        time_columns=("t",),
        frequency="1",
        lookback=4,
    )


def pair(starts: np.ndarray, terms: int) -> tuple[np.ndarray, np.ndarray]:
    """Return K and X, int64 (stretches, terms), for starts (K_0, K_1), int64 (stretches, 2)."""
    k = np.zeros((len(starts), terms), np.int64)
    k[:, :2] = starts
    for t in range(2, terms):
        k[:, t] = k[:, t - 1] + k[:, t - 2]
    return k, np.cumsum(2 * k + 1, axis=1)


def starting_pairs(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return int64 (count, 2), distinct pairs of small numbers, without 0 0; 0 1 is the last."""
    side = isqrt(count) + 1
    # A pair a b has the number a side + b: 0 0 is number 0, the canonical 0 1 is number 1.
    others = rng.choice(np.arange(2, side * side), count - 1, replace=False)
    return np.stack(np.divmod(np.append(others, 1), side), axis=1)
