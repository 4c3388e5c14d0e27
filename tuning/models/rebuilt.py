"""From what a job says and a run keeps back to a space, an engine and a trained network. Imports Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...search_spaces.errors import UserError
from ...search_spaces.identity import identity_of
from ...search_spaces.own_space import as_space
from ...search_spaces.space import Space, build_model, set_weights
from ...search_spaces.stack_parts import specs_of
from ...search_spaces.stacked_lstm import StackedLSTM
from .. import engines
from ..runs.job_file import differences
from ..series.shaped import shaped

if TYPE_CHECKING:
    import keras

    from ...search_spaces.trial import Trial
    from ..engines.base import Engine
    from ..runs.folder import RunFolder
    from ..series.windows import Windows


def space_of(given: Any, identity: Mapping[str, Any], windows: Windows) -> Space:
    """Return what builds the models of a job, shaped for its windows.

    Args:
        given: a space of the user's own; None where `identity` tells the parts of a `StackedLSTM`.
        identity: `Prepared.identity` of the job.
        windows: what the models must fit.

    Raises:
        UserError: when the job has a space of the user's own and another one, or none, is given.
    """
    described = identity["space"]
    if "source" not in described:
        parts = specs_of(described)
        return shaped(StackedLSTM(loss=identity["loss"], clipnorm=identity["clipnorm"], **parts), windows)
    if given is None:
        raise UserError(
            f"this run searched a space of your own, {described['name']}: use it from Python and say what "
            "builds the models with run.use_space(...)"
        )
    return shaped(as_space(given), windows)


def given_space(run: RunFolder, given: Any) -> Space:
    """Return what is said to build the models of a run that searched a space of the user's own.

    Raises:
        UserError: when the run searched another space; every difference is named.
    """
    space = shaped(as_space(given), run.windows)
    if changed := differences(run.job["identity"]["space"], identity_of(space), "space."):
        lines = "\n".join(f"  - {line}" for line in changed)
        raise UserError(f"{run.folder} searched another space than the one given:\n{lines}")
    return space


def space_of_run(run: RunFolder) -> Space:
    """Return what builds the models of a run; see `space_of`."""
    return space_of(run.given_space, run.job["identity"], run.windows)


def engine_of_run(run: RunFolder) -> Engine:
    """Return an engine of the kind a run used, with its space and windows; see `space_of`."""
    space = space_of_run(run)
    name = "keras" if engines.refusal(run.job["engine"], space) else run.job["engine"]
    return engines.make(name, space, run.windows)


def test_forecast(run: RunFolder, engine: Engine, trial: Trial) -> np.ndarray:
    """Return the engine's forecasts of the test windows, float64 (windows, horizon, targets), raw.

    Raises:
        UserError: when the weights were not kept.
    """
    rows = engine.windows.parts["test"]
    return engine.windows.raw(engine.predict(trial.values, run.weights(trial), rows), rows)


def trained_network(run: RunFolder, trial: Trial) -> keras.Model:
    """Return the network of a trial (scaled in, scaled out) with the weights of its best epoch.

    Raises:
        UserError: when the weights were not kept.
    """
    return network_of(run, trial, run.weights(trial))


def network_of(run: RunFolder, trial: Trial, weights: Sequence[np.ndarray]) -> keras.Model:
    """Return the network of a trial (scaled in, scaled out) with these weights."""
    network = build_model(space_of_run(run), trial.values, trial.seed, run.windows.input_shape)
    set_weights(network, weights)
    return network
