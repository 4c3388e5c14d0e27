"""What the widths of a stack do: measures of each layer and of each boundary between two layers.

    states = lstm_states(weights, inputs)
    narrowing = measure(states, Sample(inputs, targets, span=lookback + horizon))
    narrowing.boundaries[0].verdict.sentence

NumPy only; nothing here imports TensorFlow. A measure is one file in `measures`.
"""

from .estimate import Estimate
from .measuring import MOST_ROWS, measure, rows_for
from .results import BoundaryMeasures, LayerMeasures, Narrowing, Verdict
from .sample import TARGET, Sample
from .states import STEPS, States, lstm_states
from .window_forecast import WindowForecast

__all__ = [
    "MOST_ROWS",
    "STEPS",
    "TARGET",
    "BoundaryMeasures",
    "Estimate",
    "LayerMeasures",
    "Narrowing",
    "Sample",
    "States",
    "Verdict",
    "WindowForecast",
    "lstm_states",
    "measure",
    "rows_for",
]
