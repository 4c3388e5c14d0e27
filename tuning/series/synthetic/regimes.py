"""Switching autoregression: x_t = phi(s_t) x_{t-1} + sqrt(1 - phi(s_t)^2) e_t, s_t a hidden Markov chain.

Source: Hamilton, "A new approach to the economic analysis of nonstationary time series and the business
cycle", 1989. The states have phi = .9 ... -.9 in equal steps; s stays with probability `stay` and else
jumps to any other state. Every state has variance 1 and mean 0: only the order of the values tells
them apart. With two states the correlation of lag 1 cancels and linear autoregression is left with the
even lags: MSE .40. One who knew s_t would have MSE 1 - phi(s_t)^2, .19; Hamilton's filter, which
infers it from all rows before and is the best forecast there is, has .27 (100,000 rows, default `stay`).
"""

from __future__ import annotations

from typing import Annotated

import numpy as np

from ..series import Series
from ._parameters import Range, Rows, Seed


def series(
    *,
    rows: Rows = 3000,
    seed: Seed = 0,
    states: Annotated[int, Range(2, 10)] = 2,
    stay: Annotated[float, Range(0.0, 1.0)] = 0.98,
) -> Series:
    """Return one series with target x; the state is not in it."""
    rng = np.random.default_rng(seed)
    phi = coefficients(states)[state_path(rng, rows, states, stay)]
    shocks = np.sqrt(1.0 - phi**2) * rng.standard_normal(rows)
    x, last = [], float(rng.standard_normal())
    for coefficient, shock in zip(phi.tolist(), shocks.tolist(), strict=True):
        last = coefficient * last + shock
        x.append(last)
    return Series(name="regimes", targets=("x",), values=np.array(x)[:, None])


def coefficients(states: int) -> np.ndarray:
    """Return phi of each state, float64 (states,), from .9 down to -.9."""
    return np.linspace(0.9, -0.9, states)


def state_path(rng: np.random.Generator, rows: int, states: int, stay: float) -> np.ndarray:
    """Return the state of each row, int64 (rows,)."""
    jumps = rng.integers(1, states, rows) * (rng.random(rows) >= stay)
    return (rng.integers(0, states) + np.cumsum(jumps)) % states
