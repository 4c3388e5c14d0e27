"""The workloads of the benchmarks: data, space and epochs. Imports TensorFlow with the package.

`small` is 2,000 training windows of 32 rows and 2 columns, batch 32, 1 to 3 layers of 4 to 64 units;
`etth1` the oil temperature of the ETTh1 file, lookback 96, horizon 24, batch 128, 16 to 64 units.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SMALL: dict[str, Any] = {"target": "a", "features": "b"}
SMALL_WINDOWS: dict[str, Any] = {"lookback": 32, "horizon": 1, "split": "2032,400,100"}
ETTH1 = Path(__file__).resolve().parents[2] / "shared" / "data" / "ETTh1.csv"
OT: dict[str, Any] = {"target": "OT", "time": "date"}
OT_WINDOWS: dict[str, Any] = {"lookback": 96, "horizon": 24, "split": "8640,2880,2880"}


@dataclass(frozen=True)
class Workload:
    """What both sides of a comparison train on.

    Args:
        data: `Windows`.
        space: `StackedLSTM`, shaped for the data.
        epochs: of each trial.
    """

    data: Any
    space: Any
    epochs: int


def small(epochs: int = 10) -> Workload:
    """Return the small workload: sines with a noise of a hundredth, so that trainings differ, not luck."""
    from narrows.tuning.series.reading import read_series
    from narrows.tuning.series.windows import Windows

    data = Windows(read_series(small_columns(), **SMALL), **SMALL_WINDOWS)
    return _workload(data, epochs, units=(4, 64), batch_size=32)


def small_columns() -> dict[str, np.ndarray]:
    """Return the series of the small workload as a user would give it."""
    t = np.arange(32 + 2000 + 400 + 100)
    noise = 0.01 * np.random.default_rng(0).normal(size=(2, t.size))
    return {"a": np.sin(t / 7) + 0.5 * np.sin(t / 3.1) + noise[0], "b": np.cos(t / 11) + noise[1]}


def etth1(epochs: int = 2) -> Workload:
    """Return the compute-bound workload.

    Raises:
        FileNotFoundError: without the file, which is not part of this repository.
    """
    from narrows.tuning.series.reading import read_series
    from narrows.tuning.series.windows import Windows

    return _workload(Windows(read_series(ETTH1, **OT), **OT_WINDOWS), epochs, (16, 64), 128)


def _workload(data: Any, epochs: int, units: tuple[int, int], batch_size: int) -> Workload:
    from narrows.search_spaces import StackedLSTM

    space = StackedLSTM(
        num_layers=(1, 3), units=units, bottleneck=0, batch_size=batch_size, scaling="standard"
    )
    return Workload(data, space.shaped(data.input_shape, data.output_shape), epochs)
