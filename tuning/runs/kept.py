"""What a run keeps as JSON, by kind: what is read of `job.json` and of the answer is held to it.

A run folder may be somebody else's, or edited. So that whoever uses a value need not ask whether it is a
number, what is read is refused as a whole where a value that is used is of another kind. What the values mean
stands where they are made: `Job.describe`, `prepared.identity_of`, `answers.answer`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from ...callbacks.forecast_record import ForecastRecord
from ...callbacks.unit_record import UnitRecord
from ...search_spaces.plain import Unreadable, from_plain

Scores = dict[str, dict[str, dict[str, float | None]]]
"""By forecast, target and metric."""


class Identity(TypedDict):
    """What two jobs have in common that may go on with each other's run."""

    data: str
    targets: list[str]
    features: list[str]
    conventions: Mapping[str, Any]
    lookback: int
    horizon: int
    split: str
    levels: str
    space: Mapping[str, Any]
    callbacks: str | None
    loss: str
    clipnorm: float
    algorithm: str
    seed: int
    max_parameters: int
    epochs: int
    patience: int
    rung: int
    folds: int


class Budget(TypedDict):
    """What one start of a search may spend and keep."""

    trials: int
    minutes: float | None
    keep: int


class Versioned(TypedDict):
    """What every version of `job.json` has."""

    version: int


class KeptJob(TypedDict):
    """`job.json`."""

    version: int
    source: str
    identity: Identity
    budget: Budget
    engine: str
    missing: str
    wide: str | None


class KeptEnsemble(TypedDict):
    """The networks of the best trial together."""

    members: int
    share: float
    scores: Mapping[str, Any]


class KeptAnswer(TypedDict):
    """The answer, as far as it is read again."""

    trial: int
    name: str
    parameters: int
    best_val_loss: float
    linear_alone: bool
    metric: str
    windows: int
    scores: Scores
    by_series: Mapping[str, Mapping[str, Mapping[str, float | None]]]
    forecasts: ForecastRecord | None
    units: UnitRecord | None
    ensemble: KeptEnsemble | None
    adds_nothing: bool
    sentences: list[str]


def read_answer(plain: Any) -> dict[str, Any]:
    """Return an answer; a number that is none is NaN where there has to be one.

    Raises:
        Unreadable: unless it is one, and its scores are of the same targets and metrics each.
    """
    answer: Any = from_plain(KeptAnswer, plain)
    scores = answer["scores"]
    tables = [{target: list(one) for target, one in targets.items()} for targets in scores.values()]
    if not tables or not tables[0] or any(table != tables[0] for table in tables):
        raise Unreadable("scores of different targets or metrics")
    if len({tuple(metrics) for metrics in tables[0].values()}) > 1:
        raise Unreadable("scores of different metrics")
    return dict(answer)
