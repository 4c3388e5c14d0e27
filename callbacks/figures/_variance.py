"""How much of the difference between trials each hyperparameter explains: variance components.

    loss = mean + f_1 + f_2 + ... + noise,    f_j = Z_j b_j,    b_j ~ N(0, v_j I),    noise ~ N(0, v_0 I)

with `loss` the logarithm of a trial's loss and f_j a smooth function of hyperparameter j. Z_j has the waves
cos(pi k r) of the rank r of its numbers, from 0 to 1, the short ones damped as a Gaussian kernel of the width
`WIDTH` damps them; of texts a column for each. The columns of Z_j are centred among the trials that have the
hyperparameter and 0 in the others, so that one of the second layer is judged among trials with two.

The variances v are those of restricted maximum likelihood, found by MacKay's (1992) updates
v_j <- |b_j|^2 / (degrees of freedom of f_j). All is computed from Z'Z, whose size does not depend on the
number of trials. Made-up searches of known shares judge it in `tests/callbacks/figures/test_variance.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from threadpoolctl import ThreadpoolController

from ._columns import Column

WAVES, WIDTH = 4, 0.25
"""A fifth wave would be damped to a fiftieth."""
STEPS, AGAIN = 40, 12
"""Updates from a start where all variances are equal, and from where those of all trials are known."""
HALVES, INSIDE = 40, 0.9
"""Halves of the trials that an interval is made of, and how much of what they give it holds."""
QUIET = 0.02
"""Least noise, as a share of the variance: no training is without chance."""


@dataclass(frozen=True)
class Effect:
    """What one hyperparameter does to the loss; with where that lies with 90 % confidence.

    Args:
        share: of the variance of the losses over the trials that it explains, 0 to 1.
        between: least and largest share.
        change: float (trials,), what its value adds to the loss of each trial; NaN where it has none.
        lowest, highest: float (trials,), least and largest change.
    """

    share: float
    between: tuple[float, float]
    change: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray

    @classmethod
    def none(cls, had: np.ndarray) -> Effect:
        """Return that of a hyperparameter, bool (trials,) whether they have it, where no loss differs."""
        change = np.where(had, 0.0, np.nan)
        return cls(0.0, (0.0, 0.0), change, change, change)


def effects(searched: Sequence[Column], losses: np.ndarray) -> list[Effect]:
    """Return what each hyperparameter does, in their order.

    What may be is found by halving: the trials are halved `HALVES` times at random, always in the same way,
    and all is computed of each half. It spreads about as far there as it would between other searches of all
    these trials (the delete-half jackknife; Shao & Wu 1989). Of made-up searches of 16 to 60 trials, 95 % of
    all true shares and about 90 % of those above 20 % were inside; where nothing mattered, one search of 25
    had a share whose interval began above 0.01.

    Args:
        searched: hyperparameters over the trials, at least one, each with two different values or more.
        losses: float (trials,), of the same trials, finite; logarithms where they are compared by ratio.
    """
    had = np.array([[value is not None for value in column.values] for column in searched])
    if not np.ptp(losses):
        return [Effect.none(one) for one in had]
    parts = [_features(column) for column in searched]
    features = np.hstack(parts)
    owner = np.repeat(np.arange(len(parts)), [part.shape[1] for part in parts])
    # (columns of Z, hyperparameters), 1 where a column belongs to a hyperparameter.
    own = np.equal.outer(owner, np.arange(len(parts))).astype(float)
    chance = np.random.default_rng(0)
    some = [chance.permutation(len(losses))[: -(-len(losses) // 2)] for _ in range(HALVES)]
    # Small matrices: with several threads these wait for each other, four times as long on a busy machine.
    with _blas().limit(limits=1):
        whole = _fitted(_summed([(features, losses)]), own, STEPS)
        halves = _fitted(_summed([(features[rows], losses[rows]) for rows in some]), own, AGAIN, whole)
    (shares,), (least, most) = whole.shares(), _between(halves.shares(), whole.shares())
    found = []
    for place, part in enumerate(parts):
        mine = owner == place
        change, drawn = (
            np.where(had[place], fit.weights[:, mine] @ part.T, np.nan) for fit in (whole, halves)
        )
        between = float(least[place]), float(most[place])
        found.append(Effect(float(shares[place]), between, change[0], *_between(drawn, change)))
    return found


@cache
def _blas() -> ThreadpoolController:
    """Return what limits the threads of BLAS; it reads once which libraries the process has loaded."""
    return ThreadpoolController()


def _between(drawn: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ends that hold `INSIDE` of `drawn` (sets, ...), and `value` (1, ...)."""
    low, high = np.quantile(drawn, [(1 - INSIDE) / 2, (1 + INSIDE) / 2], axis=0)
    return np.minimum(low, value[0]), np.maximum(high, value[0])


@dataclass(frozen=True)
class _Sums:
    """What is known of several sets of trials: Z'Z (sets, p, p), Z'y (sets, p), y'y (sets,) and how many."""

    gram: np.ndarray
    cross: np.ndarray
    square: np.ndarray
    trials: int

    @property
    def variance(self) -> np.ndarray:
        """Of the losses, (sets,); never 0."""
        return np.maximum(self.square / max(self.trials - 1, 1), 1e-300)


@dataclass(frozen=True)
class _Fit:
    """Variances (sets, hyperparameters), noise (sets,), b (sets, p) and its covariance (sets, p, p)."""

    sums: _Sums
    own: np.ndarray
    variances: np.ndarray
    noise: np.ndarray
    weights: np.ndarray
    covariance: np.ndarray

    def shares(self) -> np.ndarray:
        """Return the mean variance of each f_j over the trials as a share of all, (sets, hyperparameters)."""
        seen = self.weights[:, :, None] * self.weights[:, None, :] + self.covariance
        # Of the columns of one hyperparameter with each other alone.
        seen *= self.own @ self.own.T
        parts = (self.sums.gram * seen).sum(2) @ self.own / self.sums.trials
        return np.asarray(parts / (parts.sum(1) + self.noise)[:, None])


def _fitted(sums: _Sums, own: np.ndarray, steps: int, start: _Fit | None = None) -> _Fit:
    """Return the variances of all sets after some updates, halfway from `start` where there is one."""
    total = sums.variance
    variances = np.outer(total, np.full(own.shape[1], 0.5 / own.shape[1]))
    noise = total / 2
    if start:
        variances, noise = (variances + start.variances) / 2, (noise + start.noise) / 2
    for _ in range(steps):
        weights, _, shrunk = _posterior(sums, own, variances, noise)
        freedom = np.maximum(shrunk @ own, 1e-9)
        # What has no variance keeps a little, so that it can come back.
        variances = np.clip(weights**2 @ own / freedom, 1e-8 * total[:, None], 10 * total[:, None])
        missed = sums.square - 2 * (weights * sums.cross).sum(1)
        missed += np.einsum("si,sij,sj->s", weights, sums.gram, weights)
        noise = missed / np.maximum(sums.trials - 1 - freedom.sum(1), 1)
        noise = np.maximum(noise, QUIET * total)
    weights, covariance, _ = _posterior(sums, own, variances, noise)
    return _Fit(sums, own, variances, noise, weights, covariance)


def _posterior(
    sums: _Sums, own: np.ndarray, variances: np.ndarray, noise: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean (sets, p) and covariance (sets, p, p) of b, and the degrees of freedom of each column."""
    scale = np.sqrt(variances) @ own.T
    inside = scale[:, :, None] * sums.gram * scale[:, None, :] / noise[:, None, None]
    inverse = np.linalg.inv(inside + np.eye(len(own)))
    covariance = scale[:, :, None] * inverse * scale[:, None, :]
    weights = np.einsum("sij,sj->si", covariance, sums.cross) / noise[:, None]
    return weights, covariance, 1 - np.einsum("sii->si", inverse)


def _summed(sets: Sequence[tuple[np.ndarray, np.ndarray]]) -> _Sums:
    """Return what is known of sets of equally many trials, Z and y of each taken from their means."""
    pairs = [(features - features.mean(0), losses - losses.mean()) for features, losses in sets]
    return _Sums(
        gram=np.stack([features.T @ features for features, _ in pairs]),
        cross=np.stack([features.T @ losses for features, losses in pairs]),
        square=np.stack([losses @ losses for _, losses in pairs]),
        trials=len(pairs[0][1]),
    )


def _features(column: Column) -> np.ndarray:
    """Return Z of a hyperparameter, (trials, columns), in the mean of length 1 where a trial has it."""
    had = np.array([value is not None for value in column.values])
    number = {value: place for place, value in enumerate(column.distinct)}
    places = np.array([number[value] for value in column.values if value is not None])
    counts = np.bincount(places)
    if column.declared.numeric:
        ranks = (np.cumsum(counts) - counts / 2) / counts.sum()
        waves = np.pi * np.arange(1, WAVES + 1)
        of_value = np.cos(np.outer(ranks, waves)) * np.exp(-((waves * WIDTH) ** 2) / 4)
    else:
        of_value = np.eye(len(counts))
    found = of_value[places]
    found -= found.mean(0)
    found /= max(float(np.sqrt((found**2).sum(1).mean())), 1e-9)
    features = np.zeros((len(had), found.shape[1]))
    features[had] = found
    return features
