"""Trials and searches made by hand, to compare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from narrows.callbacks.asked import Asked
from narrows.callbacks.recorded import RecordedSearch, RecordedTrial
from narrows.search_spaces.trial import Status

ASKED = Asked(
    data="sales",
    rows=1000,
    targets=("units",),
    features=(),
    lookback="24",
    horizon=7,
    split="0.7,0.15,0.15",
    folds=1,
    series="aaaa",
    parts="bbbb",
    settings={"units_1": "4..64:log", "seed": "0"},
)


@pytest.fixture(scope="session")
def trial() -> Callable[..., RecordedTrial]:
    """Return the function that makes a trial of a number and a loss."""

    def made(number: int, loss: float | None, **known: Any) -> RecordedTrial:
        values = {"num_layers": 1, "units_1": 8, "learning_rate": 0.01, "scaling": "standard"}
        values |= known.pop("values", {})
        status = Status.FAILED if loss is None else Status.COMPLETED
        own = {"units": (8,), "parameters": 100, "secs": 2.0, "status": status} | known
        return RecordedTrial(number, values, epochs=5, best_val_loss=loss, best_epoch=3, **own)

    return made


@pytest.fixture(scope="session")
def search(trial: Callable[..., RecordedTrial]) -> Callable[..., RecordedSearch]:
    """Return the function that makes a search of trials, or of losses, that was asked `ASKED` but for..."""

    def made(*trials: RecordedTrial | float, title: str = "sales", **asked: Any) -> RecordedSearch:
        own = [one if isinstance(one, RecordedTrial) else trial(n, one) for n, one in enumerate(trials)]
        return RecordedSearch(title, "mse", (), tuple(own), asked=replace(ASKED, **asked))

    return made


@pytest.fixture(scope="session")
def answered() -> Callable[..., RecordedSearch]:
    """Return the function that gives a search an answer: RMSE of its network, together, and of floors."""

    def made(
        search: RecordedSearch, alone: float, together: float | None = None, **floors: float
    ) -> RecordedSearch:
        def scores(error: float) -> dict[str, dict[str, float]]:
            return {"units": {"MAE": error / 2, "RMSE": error}}

        answer = {
            "metric": "RMSE",
            "windows": 240,
            "scores": {"LSTM": scores(alone)} | {name: scores(error) for name, error in floors.items()},
            "ensemble": None if together is None else {"members": 3, "scores": scores(together)},
            "sentences": [],
        }
        return replace(search, answer=answer)

    return made
