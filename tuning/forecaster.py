"""Forecaster: a search, and the forecasts of what it hands over, as an estimator of scikit-learn's kind.

    forecaster = narrows.Forecaster(target="units", time="date", horizon=7)
    forecaster.fit(history).predict(history)

`fit` is `tune`, `predict` is `Run.forecast`; what can be asked for are the options of `tune`. It takes data
frames, not X and y, since what a forecast reads are past rows of the target itself.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any, Self

from ..search_spaces.errors import UserError, did_you_mean
from .api import tune
from .run import Run

OWN = {"ensemble": False}
"""Options beside those of `tune`."""


class Forecaster:
    """A stacked LSTM whose widths are searched on the data that it is fitted to.

        forecaster = narrows.Forecaster(target="units", time="date", horizon=7, trials=10)
        next_week = forecaster.fit(history).predict(history)

    Its options are read and changed by `get_params` and `set_params`, and scikit-learn's `clone` copies it.

    Args:
        options: those of `tune`; without `out` the run is kept in a folder of its own until it is fitted
            again or no longer used. `ensemble=True` hands over the mean of the best trial's networks, blended
            as the answer says; `progress` is False unless it is said.

    Attributes:
        run_: the finished run, once it is fitted: `run_.answer`, `run_.export("model")`.

    Raises:
        UserError: for an option that there is not.
    """

    def __init__(self, **options: Any) -> None:
        self._options: dict[str, Any] = {"progress": False}
        self._remove: Callable[[], Any] = lambda: None  # removes the folder that `fit` made
        self.set_params(**options)

    def __repr__(self) -> str:
        return f"Forecaster({', '.join(f'{name}={value!r}' for name, value in self._options.items())})"

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return all options that were given; `deep` changes nothing, as none is an estimator itself."""
        return dict(self._options)

    def set_params(self, **options: Any) -> Self:
        """Change options.

        Raises:
            UserError: for one that there is not.
        """
        known = [name for name in signature(tune).parameters if name != "source"] + [*OWN]
        for name in options:
            if name not in known:
                raise UserError(f"a Forecaster has no option {name!r}{did_you_mean(name, known)}")
        self._options |= options
        return self

    def fit(self, data: Any) -> Self:
        """Search the widths on `data`, whatever `tune` takes.

        Raises:
            UserError: for anything the user can mend, before the search starts.
        """
        options = {name: value for name, value in self._options.items() if name not in OWN}
        if options.get("out") is None:
            folder = tempfile.mkdtemp(prefix="narrows-")
            self._remove()
            self._remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            options["out"] = Path(folder) / "run"
        self.run_: Run = tune(data, **options)
        return self

    def predict(self, data: Any, *, origins: int | None = None, name: str | None = None) -> Any:
        """Return forecasts of what comes after the last row of each series in `data`; see `Run.forecast`.

        Raises:
            UserError: before `fit`, and when the data cannot be used.
        """
        if not hasattr(self, "run_"):
            raise UserError("this Forecaster is not fitted: call fit(data) first")
        ensemble = self._options.get("ensemble", False)
        return self.run_.forecast(data, ensemble=ensemble, origins=origins, name=name)
