"""The network of a trial with its best weights."""

from __future__ import annotations

import keras

from ...search_spaces.space import build_model
from ..runs.run import Run
from ..runs.store import TrialRow


def trained_network(run: Run, row: TrialRow) -> keras.Model:
    """Return the network of `row` (scaled in, scaled out) with the weights of its best epoch.

    Raises:
        UserError: when the weights were not kept.
    """
    weights = run.weights(row)
    network = build_model(run.space(), row.values, row.seed, run.windows.input_shape)
    for variable, weight in zip(network.trainable_weights, weights, strict=True):
        variable.assign(weight)
    return network
