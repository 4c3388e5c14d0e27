"""Running a tuning job: series -> windows -> algorithm -> engine -> watchers -> run -> model -> answer.

    from narrows.tuning import tune
    run = tune("sales.csv", target="units", horizon=7, out="runs/sales")
    run.export("model")

Everything is loaded when first asked for; importing this package imports neither NumPy nor Keras.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import tune
    from .job import Job
    from .run import Run
    from .series.reading import read_series
    from .series.series import Series
    from .series.windows import Windows

__all__ = ["Job", "Run", "Series", "Windows", "read_series", "tune"]

_HOMES = {
    "Job": ".job",
    "Run": ".run",
    "Series": ".series.series",
    "Windows": ".series.windows",
    "read_series": ".series.reading",
    "tune": ".api",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
