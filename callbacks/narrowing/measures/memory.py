"""Memory curve: how well the input of k rows ago can be read from a layer.

For i.i.d. input it is the memory capacity curve of Jaeger (2001). A real input tells of its own past, so
for k >= 1 the curve is partial, the share of what the present input x_t leaves open:

    [R^2(x_{t-k} | state, x_t) - R^2(x_{t-k} | x_t)] / (1 - R^2(x_{t-k} | x_t))

Both are held out, and x_t enters without penalty. Where a step reads a segment of several rows, x_t is the
newest segment, and k goes from the newest row of one to that of the next. At k = 0 it is R^2(x_t | state).
Sums over k are not given: for nonlinear networks they depend on the scale of the input (Ballarin, Grigoryeva
& Ortega 2025).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..ridge_probe import PENALTIES, Probe
from ..score import by_chance, r2
from ._base import LayerMeasure

if TYPE_CHECKING:
    from ..evidence import Evidence, Path

MOST_LAGS = 32
MOST_CHANNELS = 2
SETTLED = 1e-9
"""Where the present input leaves less than this share of the variance open, no memory can be told."""


@dataclass(frozen=True)
class Memory(LayerMeasure):
    """Memory curves; the mean over the first `MOST_CHANNELS` channels of the input, by variance.

    Args:
        lags: rows back, from 0, denser near the present; multiples of the rows a step reads.
        instant: held-out R^2 at each lag from the present state, partial from lag 1 on; NaN where the
            input does not move, or the present one tells all.
        trajectory: the same from the last states.
        instant_null: what the first lags pass in one case of 20 with states and inputs of different
            times, for all lags.
        trajectory_null: the same for the last states.
    """

    full: ClassVar[bool] = True
    lags: tuple[int, ...]
    instant: tuple[float, ...]
    trajectory: tuple[float, ...]
    instant_null: float
    trajectory_null: float

    def fits(self, units: int) -> bool:
        rising = (
            all(0 <= before < after for before, after in pairwise(self.lags))
            and min(self.lags, default=0) >= 0
        )
        return rising and len(self.lags) == len(self.instant) == len(self.trajectory)

    @classmethod
    def cost(cls, evidence: Evidence, layer: int) -> float:
        """Return about how many operations it takes: it grows with the cube of the numbers of a step.

        What enters without penalty is inverted for each penalty, on three probes.
        """
        given, penalties = float(evidence.states.inputs.shape[2]), len(PENALTIES) + 2
        lags = min(MOST_LAGS, evidence.states.inputs.shape[1]) * MOST_CHANNELS
        return 3 * penalties * (20 * given**3 + 2 * evidence.rows * given * (given + lags))

    @classmethod
    def of(cls, evidence: Evidence, layer: int) -> Memory:
        """Measure a layer."""
        inputs, segment = evidence.states.inputs.astype(float), evidence.sample.segment
        rows = inputs.reshape(*inputs.shape[:2], segment, -1)
        present, channels = inputs[:, -1], rows[:, ::-1, -1, :MOST_CHANNELS]
        steps = _lags(inputs.shape[1])
        past = channels[:, list(steps[1:])].reshape(len(inputs), -1)
        alone = Probe(np.empty((len(inputs), 0)), evidence.split).score(past, present)
        few = channels.shape[2]
        open_ = _by_lag(alone.errors, few) > SETTLED * _by_lag(alone.spreads, few)

        def curve(path: Path) -> tuple[tuple[float, ...], float]:
            probe = evidence.probe(layer, path)
            now, both = probe.score(channels[:, 0]), probe.score(past, present)
            left = np.where(open_, _by_lag(alone.errors, few), 0)
            partial = r2(_by_lag(both.errors, few), left)
            values = (float(r2(now.errors.sum(), now.spreads.sum())), *partial.tolist())
            return values, by_chance(r2(both.null[0].sum(axis=1), alone.null[0].sum(axis=1)))

        (instant, instant_null), (trajectory, trajectory_null) = curve("instant"), curve("trajectory")
        lags = tuple(segment * step for step in steps)
        return cls(lags, instant, trajectory, instant_null, trajectory_null)


def _lags(lookback: int) -> tuple[int, ...]:
    """All lags, in steps, of a short lookback, of a longer one at most `MOST_LAGS`, with 0 and the oldest."""
    if lookback <= MOST_LAGS:
        return tuple(range(lookback))
    return tuple(np.unique(np.round(np.geomspace(1, lookback, MOST_LAGS)).astype(int) - 1).tolist())


def _by_lag(squares: np.ndarray, channels: int) -> np.ndarray:
    """Sum squares (blocks, lags x channels) over test rows and channels: float64 (lags,)."""
    return squares.sum(axis=0).reshape(-1, channels).sum(axis=1)
