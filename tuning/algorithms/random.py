"""Random search: every trial is drawn from the whole space, each hyperparameter on its own scale.

Bergstra and Bengio (2012), Random Search for Hyper-Parameter Optimization. The choice is
`keras_tuner.oracles.RandomSearchOracle`'s; that a finite space is searched to its last combination
comes from `OracleAlgorithm`.
"""

from __future__ import annotations

from keras_tuner.oracles import RandomSearchOracle

from ...search_spaces.space import Space
from ._oracle import OracleAlgorithm


class Random(OracleAlgorithm, RandomSearchOracle):
    """Random search."""

    learns = False

    def __init__(self, space: Space, *, seed: int, epochs: int, trials: int | None = None) -> None:
        super().__init__(space, seed=seed, epochs=epochs)
