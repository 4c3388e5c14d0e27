"""The benchmark of errors on ETTh1: from the scores of an answer to the mean squared error of all targets."""

import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

from etth1_errors import mse

from narrows.tuning.series.metrics import scores
from narrows.tuning.series.reading import read_series
from narrows.tuning.series.windows import Windows


def test_the_error_is_that_of_standardised_values():
    rng = np.random.default_rng(0)
    columns = {"a": rng.normal(5, 3, 90), "b": rng.normal(-2, 0.1, 90), "c": rng.normal(size=90)}
    windows = Windows(read_series(columns, target=["a", "b"], features="c"), 6, 4, "50,20,20")
    rows = windows.parts["test"]
    actual = windows.raw_targets(rows)
    forecast = actual + rng.normal(size=actual.shape) * [2.0, 0.3]
    std = windows.scaler.std.tolist()[:2]
    z = ((forecast - actual) / std).reshape(-1)
    assert np.isclose(mse(scores(actual, forecast, windows), std), np.mean(z**2), rtol=1e-12)
