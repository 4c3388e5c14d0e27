"""Mackey-Glass: dx/dt = .2 x(t - tau) / (1 + x(t - tau)^10) - .1 x(t), sampled at t = 0, 1, 2 ...

Source: Mackey and Glass, "Oscillation and chaos in physiological control systems", 1977. With tau = 17 it
is mildly chaotic, with 30 strongly; below about 17 it is periodic, and below 5 it would settle at 1. Usual
tasks: 6 and 84 steps ahead.

Method of steps: over one span of length tau the delayed term f is known, and the rest is linear,
x(t0 + s) = exp(-.1 s) (x(t0) + integral from 0 to s of exp(.1 r) f(t0 + r - tau) dr).
The integral is taken on 20 steps per unit of time by cubics, error of order 4; most published series
use Euler or RK4 steps of .1 instead and, chaos being what it is, are other stretches of the same attractor.
The history before 0 is constant, drawn from U[1.1, 1.3] by `seed`; the first 1000 rows are dropped.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np

from ..series import Series
from ._parameters import Range, Rows, Seed

WARM_UP = 1000


def series(*, rows: Rows = 3000, seed: Seed = 0, tau: Annotated[int, Range(5, 100)] = 17) -> Series:
    """Return one series with target x."""
    history = np.random.default_rng(seed).uniform(1.1, 1.3)
    x = solution(history, tau, WARM_UP + rows)[WARM_UP:]
    return Series(name="mackey_glass", targets=("x",), values=x[:, None])


def solution(history: float, tau: int, rows: int, steps: int = 20) -> np.ndarray:
    """Return x(0), x(1), ... x(rows - 1), float64, for x = `history` up to time 0.

    Args:
        history: the constant value before and at time 0.
        tau: the delay, whole units of time.
        rows: number of samples, one per unit of time.
        steps: integration steps per unit of time; tau x steps must be at least 3.
    """
    span = np.full(tau * steps + 1, history)
    growth = np.exp(0.1 * np.arange(tau * steps + 1) / steps)
    samples = [span[-1:]]
    for _ in range(-(-(rows - 1) // tau)):
        f = 0.2 * span / (1.0 + span**10)
        span = (span[-1] + _integral(growth * f) / steps) / growth
        samples.append(span[steps::steps])
    return np.concatenate(samples)[:rows]


def _integral(f: np.ndarray) -> np.ndarray:
    """Return the integrals of f, (points,), from its first point to each point, for a step of 1.

    Over each interval the cubic through its four nearest points is integrated: weights
    (-1, 13, 13, -1)/24 inside, (9, 19, -5, 1)/24 in the first interval and mirrored in the last.
    """
    edge = np.array([9.0, 19.0, -5.0, 1.0])
    inside = 13.0 * (f[1:-2] + f[2:-1]) - f[:-3] - f[3:]
    return np.cumsum(np.concatenate([[0.0], [edge @ f[:4]], inside, [edge[::-1] @ f[-4:]]])) / 24.0
