"""What the narrowings of a trial did, measured on validation windows, which it was not trained on."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import ThreadpoolController

from ...callbacks.narrowing import Narrowing, States, lstm_states, measure
from ...search_spaces.linear import stack_weights
from ...search_spaces.machine import cores
from ...search_spaces.plain import to_json
from ...search_spaces.profile import Profile
from ...search_spaces.trial import Trial
from ..engines._states import states_of_model
from ..runs.folder import RunFolder
from .rebuilt import trained_network
from .samples import Samples

if TYPE_CHECKING:
    from ...search_spaces.space import Space

logger = logging.getLogger(__name__)

BEST = 10
"""Trials that get all measures when a search ends."""


def narrowing_of(
    values: Mapping[str, Any],
    weights: Sequence[np.ndarray],
    samples: Samples,
    *,
    full: bool = False,
    most: float = math.inf,
) -> Narrowing:
    """Return the measures of a trained trial of a `StackedLSTM`; see `Samples.of`.

    Args:
        values: hyperparameters.
        weights: as in its `Outcome`.
        samples: the windows.
        full: whether all measures are taken.
        most: operations that they may take, see `callbacks.narrowing.budget`.

    Raises:
        ValueError: when the trial diverged.
    """
    sample = samples.of(values, weights, full=full)
    stack = stack_weights(weights, Profile.from_values(values).num_layers)
    return measure(lstm_states(stack, sample.inputs), sample, full=full, budget=most)


def measured(
    trial: Trial,
    weights: Sequence[np.ndarray],
    samples: Samples,
    *,
    states: States | None = None,
    full: bool = False,
) -> str:
    """Return the measures of a trained trial as the JSON that the store keeps and `RecordedTrial.of` reads.

    A measure that fails costs its own result: what is kept then is why.

    Args:
        trial: as it ended.
        weights: as in its `Outcome`.
        samples: the windows.
        states: of the windows of `Samples.read_by`; None is those of the `StackedLSTM` with these weights.
        full: whether all measures are taken.
    """
    try:
        most = samples.budget_of(trial)
        if states is None:
            narrowing = narrowing_of(trial.values, weights, samples, full=full, most=most)
        else:
            narrowing = measure(states, samples.read_by(states), full=full, budget=most)
    except Exception as error:
        # Any class: a fault in a measure must not cost its owner a trial, let alone the search.
        logger.warning("a trial could not be measured", exc_info=True)
        return to_json({"unmeasured": f"{type(error).__name__}: {error}"})
    summary = {name: value for name, value in narrowing.summary().items() if not math.isnan(value)}
    return to_json({"summary": summary, "measured": narrowing.to_plain()})


def measure_best(run: RunFolder, space: Space, samples: Samples) -> list[Trial]:
    """Take all measures of the best trials whose weights were kept; return these trials, best first.

    Trials of a space of the user's own are left as they are where their layers cannot be read.
    """
    kept = [trial for trial in run.store.best(BEST) if run.paths.weights(trial.number).exists()]
    # Models are built in this thread alone: Keras seeds them by what all threads share.
    states = {trial.number: None if space.is_stack else _states(run, trial) for trial in kept}
    trials = [trial for trial in kept if space.is_stack or states[trial.number] is not None]

    def full(trial: Trial) -> str:
        found = states[trial.number]
        return measured(trial, run.weights(trial), samples, states=found, full=True)

    with one_thread(), ThreadPoolExecutor(cores()) as threads:
        for trial, text in zip(trials, threads.map(full, trials), strict=True):
            run.store.set_narrowing(trial.number, text)
    return trials


def _states(run: RunFolder, trial: Trial) -> States | None:
    return states_of_model(trained_network(run, trial), run.windows, full=True)


def one_thread() -> AbstractContextManager[Any]:
    """Have linear algebra keep to the thread it is called from while the body runs.

    Its own threads wait actively; beside trials in training they make the measures ten times as dear
    (measured). The limit is that of the process, so only one thread may set it.
    """
    return _libraries().limit(limits=1)


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
