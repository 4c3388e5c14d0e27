"""Grid search: every combination of a few values of each hyperparameter, in random order.

An interval gives at most 10 values (`_values.spread`), a list of options all of them. The order is
random, as in Optuna's GridSampler: a search that ends before the grid does has then seen all of the
space instead of one corner. KerasTuner's own oracle walks the grid in order, needs the end of one
trial to know the next, and cannot be resumed; this one has nothing to remember but the trials.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from keras_tuner.engine.hyperparameters import HyperParameter

from ...search_spaces.space import Space
from ._oracle import OracleAlgorithm
from ._values import spread


class Grid(OracleAlgorithm):
    """Grid search."""

    learns = False

    def __init__(self, space: Space, *, seed: int, epochs: int, trials: int | None = None) -> None:
        super().__init__(space, seed=seed, epochs=epochs)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        return self.random_response()

    def options(self, hp: HyperParameter) -> Iterable[Any]:
        return spread(hp)

    def draw(self, hp: HyperParameter, rng: np.random.Generator) -> Any:
        values = spread(hp)
        return values[int(rng.integers(len(values)))]
