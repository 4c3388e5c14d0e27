"""Running a tuning job: series -> windows -> algorithm -> engine -> watchers -> run -> model -> answer.

    from narrows.tuning import tune
    run = tune("sales.csv", target="units", horizon=7, out="runs/sales")
    run.export("model")

Everything is loaded when first asked for; importing this package imports neither NumPy nor Keras.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api import tune
    from .forecaster import Forecaster
    from .job import Job
    from .run import Run
    from .series.reading import read_series
    from .series.series import Series
    from .series.windows import Windows
    from .study_api import study
else:
    from ..search_spaces.on_demand import on_demand

    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "Forecaster": ".forecaster",
            "Job": ".job",
            "Run": ".run",
            "Series": ".series.series",
            "Windows": ".series.windows",
            "read_series": ".series.reading",
            "study": ".study_api",
            "tune": ".api",
        },
    )

__all__ = ["Forecaster", "Job", "Run", "Series", "Windows", "read_series", "study", "tune"]
