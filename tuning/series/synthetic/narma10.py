"""NARMA-10: y_{t+1} = .3 y_t + .05 y_t (y_t + ... + y_{t-9}) + 1.5 u_{t-9} u_t + .1, u ~ U[0, .5].

Source: Atiya and Parlos, "New results on recurrent network training", 2000. Target y, feature u.
Row t holds y_t and u_t, so the row of a target needs u one and ten rows before it: with a lookback
of 10 or more nothing is missing and the series has no noise. Published scores (linear filter
NRMSE .38, echo state network .17) are made from u alone; here past y are inputs too, which is easier
(linear .31).

The first 200 rows are dropped. The recursion runs away about 4 times in a million rows, when several
large inputs meet (above 1.24 it cannot come back); inputs that do this are drawn again as a whole, so
`rows` is limited.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np

from ..series import Series
from ._parameters import Range, Seed

WARM_UP = 200
RUNAWAY = 1.5


def series(*, rows: Annotated[int, Range(2, 200_000)] = 3000, seed: Seed = 0) -> Series:
    """Return one series with target y and feature u."""
    rng = np.random.default_rng(seed)
    y = u = np.full(1, np.inf)
    while y.max() > RUNAWAY:
        u = rng.uniform(0.0, 0.5, WARM_UP + rows)
        y = respond(u)
    return Series(name="narma10", targets=("y",), features=("u",), values=np.stack([y, u], axis=1)[WARM_UP:])


def respond(u: np.ndarray) -> np.ndarray:
    """Return y, float64 (rows,), for the input u; y is 0 before its eleventh row, inf once it runs away."""
    y = [0.0] * 10
    inputs = u.tolist()
    for t in range(9, len(inputs) - 1):
        last = 0.3 * y[t] + 0.05 * y[t] * sum(y[t - 9 :]) + 1.5 * inputs[t - 9] * inputs[t] + 0.1
        if last > RUNAWAY:
            return np.array([*y, np.inf])
        y.append(last)
    return np.array(y[: len(inputs)])
