"""Independent streams: features x_k(t) ~ N(0, 1) i.i.d., targets y_k(t) = x_k(t - delay), k = 1 .. n.

Source: the delay task of Jaeger, "Short term memory in echo state networks", 2001, with n inputs in
place of one. It asks how many concepts one layer can keep track of.

The rows of a window end before its first target row: x_k(t - delay) stands `delay` rows before the
target and is seen when lookback >= delay; past targets tell nothing about the next one. With the
default delay and horizon of 1 all n numbers must pass every layer at one row: a layer of w < n units
cannot do better than NMSE (n - w)/n (mean over the targets of MSE / variance); from w = n on it is near
0. This is exact for the last layer, since what leaves it is linear in w numbers. In the layers before it is
what linear codes reach: a later layer can undo a curved one, and networks at a high learning rate were seen
to pass the floor (n = 2, w = 1: .29 instead of .50; n = 4, w = 1: .68 instead of .75).

A longer delay gives a layer that another LSTM layer follows `delay` rows to send the n numbers one after
the other: its floor is (n - w delay)/n, 0 at n = w delay; the last layer keeps (n - w)/n. A horizon
h <= delay asks for n h numbers; beyond it the targets are not determined by the past.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np

from ....search_spaces.errors import UserError
from ..series import Series
from ._parameters import Range, Rows, Seed


def series(
    *,
    rows: Rows = 3000,
    seed: Seed = 0,
    n: Annotated[int, Range(1, 64)] = 4,
    delay: Annotated[int, Range(1, 1000)] = 1,
) -> Series:
    """Return one series with targets y1 .. yn and features x1 .. xn.

    Raises:
        UserError: when rows x n is above 100 million.
    """
    if rows * n > 100_000_000:
        raise UserError(f"synthetic:streams: rows={rows} x n={n} is above 100 million; use fewer")
    x = np.random.default_rng(seed).standard_normal((rows + delay, n))
    return Series(
        name="streams",
        targets=tuple(f"y{k}" for k in range(1, n + 1)),
        features=tuple(f"x{k}" for k in range(1, n + 1)),
        values=np.concatenate([x[:rows], x[delay:]], axis=1),
        lookback=4 + delay,
    )
