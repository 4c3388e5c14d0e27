"""Bayesian optimisation: a Gaussian process predicts the score, the most promising trial is next.

Snoek et al. (2012), Practical Bayesian Optimization of Machine Learning Algorithms. The process
(Matern 5/2 kernel, noise 1e-4) and the choice (lowest mean - 2.6 standard deviations) are
`keras_tuner.oracles.BayesianOptimizationOracle`'s. Different from there:

- the choice is made among candidates that were not tried before, instead of by gradient descent
  through points between them, so a proposal is never a duplicate;
- the kernel has a length for each hyperparameter, since not all matter alike, within bounds that a
  few trials cannot carry away: KerasTuner's single, nearly free length is much slower to learn;
- a third of the trials at most are random, where KerasTuner wants 3 for each hyperparameter;
- running trials are given mean + 1 standard deviation by the process of this proposal, not the last;
- scores far above the others (a trial that all but diverged) are cut off: the process would spend
  its whole range on them;
- the process is fitted to the best and the newest trials, since its cost grows with their cube.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from keras_tuner.engine.hyperparameters import Fixed, HyperParameter
from keras_tuner.engine.trial import Trial, TrialStatus
from keras_tuner.oracles import BayesianOptimizationOracle
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Matern
from threadpoolctl import threadpool_limits

from ...search_spaces.space import Space
from ._oracle import OracleAlgorithm
from ._values import END, has_value, is_active

FEWEST_RANDOM = 4
BEST, NEWEST = 30, 90
LENGTHS = (0.1, 10.0)  # of the kernel, where the whole range of a hyperparameter is 1
FEW_BUILDS = 20
CANDIDATES, CENTRES, NEARBY = 1000, 5, 20
DISTANCES = (0.1, 0.03, 0.01)


class Bayesian(OracleAlgorithm, BayesianOptimizationOracle):
    """Bayesian optimisation.

    It begins with 2 random trials for each searched hyperparameter, at most a third of the budget.
    Points are rows of positions from 0 to 1, one for each searched hyperparameter; an inactive one
    stands at its default, as in KerasTuner.
    """

    def __init__(self, space: Space, *, seed: int, epochs: int, trials: int | None = None) -> None:
        super().__init__(space, seed=seed, epochs=epochs)
        wanted = 2 * len(self._searched)
        self.num_initial_points = max(FEWEST_RANDOM, min(wanted, trials // 3 if trials else wanted))

    def look_at_space(self) -> None:
        super().look_at_space()
        self._searched = self._nonfixed_space()

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        completed, _ = self.history(BEST, NEWEST)
        if len(completed) < self.num_initial_points or not self._searched:
            return self.random_response()
        with threadpool_limits(1), warnings.catch_warnings():
            # A length at its bound is fine, and so is a candidate that is all but a known trial.
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.filterwarnings("ignore", "Predicted variances smaller than 0")
            ranked = self._by_promise(self._fit(completed), completed)
        new = (values for values in ranked if not self._duplicate(values))
        # Whether a space of the user's own tells one from those that were tried takes a build.
        for values in islice(new, FEW_BUILDS):
            if (found := self.untried(values)) is not None:
                return {"status": TrialStatus.RUNNING, "values": found}
        return self.random_response()

    def _fit(self, completed: Sequence[Trial]) -> GaussianProcessRegressor:
        """Return the process of the completed trials and, pessimistically, of the running ones."""
        x, y = self._points(completed), _cut_off(np.array([trial.score for trial in completed]))
        kernel = Matern(np.ones(len(self._searched)), LENGTHS, nu=2.5)
        process = self._process(kernel, n_restarts_optimizer=1).fit(x, y)
        if running := self.running():
            x_running = self._points(running)
            mean, std = process.predict(x_running, return_std=True)
            process = self._process(process.kernel_, optimizer=None)
            process.fit(np.vstack([x, x_running]), np.concatenate([y, mean + std]))
        return process

    def _process(self, kernel: Matern, **options: Any) -> GaussianProcessRegressor:
        options["random_state"] = int(self.generator().integers(2**32))
        return GaussianProcessRegressor(kernel, alpha=self.alpha, normalize_y=True, **options)

    def _by_promise(
        self, process: GaussianProcessRegressor, completed: Sequence[Trial]
    ) -> Iterator[dict[str, Any]]:
        """Yield the values of candidates, most promising first.

        Candidates are drawn from the whole space, then three times, ever closer, around the best
        candidates so far and the best trials.
        """
        rng = self.generator(attempt=1)
        width = len(self._searched)
        best = self._points(sorted(completed, key=lambda trial: trial.score)[:CENTRES])
        candidates = [self._values(row) for row in rng.random((CANDIDATES, width))]
        points = self._rows(candidates)
        bounds = self._bounds(process, points)
        for distance in DISTANCES:
            centres = np.vstack([best, points[np.argsort(bounds, kind="stable")[:CENTRES]]])
            steps = distance * rng.standard_normal((len(centres), NEARBY, width))
            near = [self._values(row) for row in (centres[:, None] + steps).reshape(-1, width)]
            candidates += near
            points = np.vstack([points, self._rows(near)])
            bounds = np.append(bounds, self._bounds(process, points[len(bounds) :]))
        return (candidates[place] for place in np.argsort(bounds, kind="stable"))

    def _bounds(self, process: GaussianProcessRegressor, points: np.ndarray) -> np.ndarray:
        """Return the lower confidence bound of the score at each point."""
        mean, std = process.predict(points, return_std=True)
        return mean - self.beta * std

    def _values(self, row: np.ndarray) -> dict[str, Any]:
        """Return the active values at a point."""
        positions = iter(row.clip(0.0, END).tolist())
        values: dict[str, Any] = {}
        for hp in self.hyperparameters.space:
            value = hp.value if isinstance(hp, Fixed) else hp.prob_to_value(next(positions))
            if is_active(hp, values):
                values[hp.name] = value
        return values

    def _points(self, trials: Iterable[Trial]) -> np.ndarray:
        """Return the points of trials, float64 (trials, searched hyperparameters)."""
        return self._rows([trial.hyperparameters.values for trial in trials])

    def _rows(self, all_values: Sequence[Mapping[str, Any]]) -> np.ndarray:
        """Return points, float64 (values, searched hyperparameters), equal for what means the same."""
        meant = [self._space.canonical(values) for values in all_values]
        return np.array([[_position(hp, values) for hp in self._searched] for values in meant])


def _position(hp: HyperParameter, values: Mapping[str, Any]) -> float:
    """Return the position from 0 to 1 of the value of `hp`, or of its default where it has none."""
    return hp.value_to_prob(values[hp.name] if has_value(hp, values) else hp.default)


def _cut_off(scores: np.ndarray) -> np.ndarray:
    """Return scores with those above Tukey's fence, upper quartile + 1.5 interquartile ranges, put on it."""
    low, high = np.quantile(scores, [0.25, 0.75])
    return np.minimum(scores, high + 1.5 * (high - low))
