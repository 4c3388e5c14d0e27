"""Products: the pairs of numbers in a window whose product tells most of the target.

A linear forecast is blind to targets that are made of products, y = x_1 x_2, which a network learns well. Of
the columns x of a window (centred) all pairs are looked at, squares included, by the share of the variance of
the targets y that each explains by itself:

    gain(i, j) = sum over targets of cov(y, x_i x_j)^2 / var(x_i x_j)

All of them come from a few products of matrices. The pairs of the largest gains are further columns of a
ridge regression. They are found on the rows that penalties are fitted on, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_COLUMNS = 128
"""The newest columns of a window are paired."""
MOST_TARGETS = 8
MOST_PAIRS = 32


@dataclass(frozen=True, eq=False)
class Products:
    """Pairs of columns.

    Args:
        mean: float64 (columns,), taken off before the product.
        first, second: int64 (pairs,), numbers of columns.
        scale: float64 (pairs,), standard deviation of each product.
    """

    mean: np.ndarray
    first: np.ndarray
    second: np.ndarray
    scale: np.ndarray

    @classmethod
    def found(cls, columns: np.ndarray, y: np.ndarray) -> Products:
        """Return the pairs that explain most of y.

        Args:
            columns: float64 (rows, columns), oldest first.
            y: float64 (rows, targets).
        """
        old = max(0, columns.shape[1] - MOST_COLUMNS)
        mean = columns.mean(axis=0)
        x = columns[:, old:] - mean[old:]
        first, second = np.triu_indices(x.shape[1])
        gains = _gains(x, y[:, :MOST_TARGETS])[first, second]
        best = np.argsort(-gains, kind="stable")[:MOST_PAIRS]
        best = best[gains[best] > 0]
        scale = (x[:, first[best]] * x[:, second[best]]).std(axis=0)
        best, scale = best[scale > 0], scale[scale > 0]
        return cls(mean, old + first[best], old + second[best], scale)

    def __call__(self, columns: np.ndarray) -> np.ndarray:
        """Return float64 (rows, columns + pairs), the columns and their products in standard deviations."""
        x = columns - self.mean
        return np.concatenate([columns, x[:, self.first] * x[:, self.second] / self.scale], axis=1)


def _gains(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return float64 (columns, columns), what each product of two columns explains of y."""
    rows = len(x)
    squares = np.square(x)
    variances = squares.T @ squares / rows - np.square(x.T @ x / rows)
    explained = np.zeros_like(variances)
    for target in (y - y.mean(axis=0)).T:
        explained += np.square(x.T @ (x * target[:, None]) / rows)
    return explained / np.where(variances > 1e-9 * variances.max(initial=0.0), variances, np.inf)
