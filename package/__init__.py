"""Find out how many units, how many layers and how narrow a layer a stacked LSTM forecaster needs.

    import narrows

    run = narrows.tune("sales.csv", target="units", time="date", horizon=7)
    run                         # in a notebook: the best trials, what they say, a picture
    run.export("model")
    run.forecast("sales.csv")
    narrows.study("runs/sales", layer=2)    # how narrow may layer 2 be?

Each name is imported when first asked for; `import narrows` imports neither NumPy nor TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import callbacks, search_spaces, tuning
    from .callbacks import NarrowingProbe
    from .search_spaces import StackedLSTM, UserError
    from .tuning import Forecaster, Run, read_series, study, tune
else:
    from .search_spaces.on_demand import on_demand

    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "Forecaster": ".tuning",
            "NarrowingProbe": ".callbacks",
            "Run": ".tuning",
            "StackedLSTM": ".search_spaces",
            "UserError": ".search_spaces",
            "callbacks": ".callbacks",
            "read_series": ".tuning",
            "search_spaces": ".search_spaces",
            "study": ".tuning",
            "tune": ".tuning",
            "tuning": ".tuning",
        },
    )

__all__ = [
    "Forecaster",
    "NarrowingProbe",
    "Run",
    "StackedLSTM",
    "UserError",
    "__version__",
    "callbacks",
    "read_series",
    "search_spaces",
    "study",
    "tune",
    "tuning",
]

__version__ = "0.1.0"
