"""The series on which verdicts are held against truth: what passes each layer is known by construction.

Rows are independent draws unless a family says otherwise. A window ends one row before its first target, so
x(t - 1) is its newest row. The inputs of a window are the features and the past of the targets.

    streams     n features x_k, targets y_k(t) = x_k(t - delay) + noise: n numbers must pass every layer
    rank        `targets` targets, each a fixed mixture of `rank` features, beside two features of no use
    redundant   `copies` noisy copies of each of n streams as features: the entry may be narrow
    lags        one feature, y(t) = x(t - delay), `horizon` rows ahead: one number enters at a row, `horizon`
                numbers must leave the last layer
    products    y_k(t) = x_2k(t - 1) x_2k+1(t - delay): a linear reader of the window sees nothing
    smooth      streams of autocorrelation 0.8
    walk        a random walk beside two others: nothing to learn but its last value
    noise       a target and two features of white noise: nothing to learn

All targets but the walk have a variance of about 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

LOOKBACK = 16
VALIDATION, TEST = 1024, 4096
"""Rows of these parts, and their windows but for the horizon less one."""


@dataclass(frozen=True)
class Source:
    """One series.

    Args:
        family: one of the names above.
        seed: of its draws.
        n: streams, targets or products.
        delay: rows between a cause and its effect.
        noise: standard deviation of what no forecast can know, beside 1.
        rank: of the targets, in the family `rank`.
        copies: of each stream, in the family `redundant`.
        horizon: rows of a forecast.
        windows: of the training part.
    """

    family: str
    seed: int
    n: int = 1
    delay: int = 1
    noise: float = 0.0
    rank: int = 0
    copies: int = 1
    horizon: int = 1
    windows: int = 2048

    def columns(self) -> dict[str, np.ndarray]:
        """Return the series as a user would give it: targets y1 .., features x1 .., each (rows,)."""
        rows = self.windows + LOOKBACK + self.horizon - 1 + VALIDATION + TEST
        targets, features = FAMILIES[self.family](self, rows, np.random.default_rng(self.seed))
        named = {f"y{k}": column for k, column in enumerate(targets.T, start=1)}
        return named | {f"x{k}": column for k, column in enumerate(features.T, start=1)}

    def data(self) -> Any:
        """Return its `Windows`."""
        from narrows.tuning.series.reading import read_series
        from narrows.tuning.series.windows import Windows

        columns = self.columns()
        targets = [name for name in columns if name.startswith("y")]
        features = [name for name in columns if name.startswith("x")]
        series = read_series(columns, target=targets, features=features)
        train = self.windows + LOOKBACK + self.horizon - 1
        return Windows(series, LOOKBACK, self.horizon, f"{train},{VALIDATION},{TEST}")


Columns = tuple[np.ndarray, np.ndarray]
"""Targets (rows, targets) and features (rows, features)."""


def _streams(source: Source, rows: int, rng: np.random.Generator) -> Columns:
    x = rng.standard_normal((rows + source.delay, source.n))
    return _noisy(x[:rows], source, rng), x[source.delay :]


def _rank(source: Source, rows: int, rng: np.random.Generator) -> Columns:
    x = rng.standard_normal((rows + source.delay, source.rank + 2))
    mixture = rng.standard_normal((source.rank, source.n))
    mixture /= np.linalg.norm(mixture, axis=0)
    return _noisy(x[:rows, : source.rank] @ mixture, source, rng), x[source.delay :]


def _redundant(source: Source, rows: int, rng: np.random.Generator) -> Columns:
    x = rng.standard_normal((rows + source.delay, source.n))
    copies = np.tile(x[source.delay :], source.copies)
    return _noisy(x[:rows], source, rng), copies + 0.3 * rng.standard_normal(copies.shape)


def _products(source: Source, rows: int, rng: np.random.Generator) -> Columns:
    x = rng.standard_normal((rows + source.delay, 2 * source.n))
    first, second = x[source.delay - 1 :][:rows, ::2], x[:rows, 1::2]
    return _noisy(first * second, source, rng), x[source.delay :]


def _smooth(source: Source, rows: int, rng: np.random.Generator) -> Columns:
    x = rng.standard_normal((rows + source.delay, source.n))
    for t in range(1, len(x)):
        x[t] = 0.8 * x[t - 1] + 0.6 * x[t]  # 0.6 keeps the variance at 1
    return _noisy(x[:rows], source, rng), x[source.delay :]


def _walk(source: Source, rows: int, rng: np.random.Generator) -> Columns:
    walks = rng.standard_normal((rows, 3)).cumsum(axis=0)
    return walks[:, :1], walks[:, 1:]


def _noise(source: Source, rows: int, rng: np.random.Generator) -> Columns:
    return rng.standard_normal((rows, 1)), rng.standard_normal((rows, 2))


def _noisy(y: np.ndarray, source: Source, rng: np.random.Generator) -> np.ndarray:
    return y + source.noise * rng.standard_normal(y.shape)


FAMILIES: dict[str, Callable[[Source, int, np.random.Generator], Columns]] = {
    "streams": _streams,
    "rank": _rank,
    "redundant": _redundant,
    "lags": _streams,
    "products": _products,
    "smooth": _smooth,
    "walk": _walk,
    "noise": _noise,
}
