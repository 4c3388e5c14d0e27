"""A random walk, x_t = x_{t-1} + e_t, e ~ N(0, 1), x_0 = 0: the control, there is nothing to learn.

Source: Pearson, "The problem of the random walk", 1905. The best forecast of every later row is the last
value, with MSE h at h rows ahead. A search that claims to beat the last value on the test part, by more
than chance, has a leak.
"""

from __future__ import annotations

import numpy as np

from ..series import Series
from ._parameters import Rows, Seed


def series(*, rows: Rows = 2000, seed: Seed = 0) -> Series:
    """Return one series with target x."""
    steps = np.random.default_rng(seed).standard_normal(rows - 1)
    x = np.concatenate([[0.0], np.cumsum(steps)])
    return Series(name="random_walk", targets=("x",), values=x[:, None])
