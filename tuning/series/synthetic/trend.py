"""A straight line with noise: v_t = a t + b + noise e_t, e ~ N(0, 1), t = 0, 1, 2 ...

Source: the case for which the page this project comes from allows a single cell (ai.stackexchange.com,
12324). Romanuke, 2021, found the opposite: LSTMs forecast linear trends worst. The states of an LSTM are
bounded and the test part lies outside the training range; with scaling `last` the trend becomes a
constant step and is easy. No forecast of one step can have a smaller RMSE than `noise`.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np

from ..series import Series
from ._parameters import Noise, Range, Rows, Seed

Number = Annotated[float, Range(-1e6, 1e6)]


def series(
    *, rows: Rows = 2000, seed: Seed = 0, a: Number = 0.01, b: Number = 0.0, noise: Noise = 0.1
) -> Series:
    """Return one series with target v."""
    e = np.random.default_rng(seed).standard_normal(rows)
    v = a * np.arange(rows) + b + noise * e
    return Series(name="trend", targets=("v",), values=v[:, None])
