"""A small run with two targets, a feature and a category."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from narrows.tuning import tune

ROWS = 240
SPACE = {
    "num_layers": 1,
    "units": [3],
    "bottleneck": 0,
    "learning_rate": [0.02],
    "scaling": ["last", "none", "standard"],
}


def frame(rows=ROWS):
    t = np.arange(rows)
    wind = np.array(["NW", "SE", "cv", "NE"], dtype=object)[(t // 5) % 4]
    wind[rows // 2 :: 7] = "calm"  # a category that training hardly knows
    start = np.datetime64("2021-01-30T00", "us")
    return pl.DataFrame(
        {
            "when": start + (t * 3600 * 1_000_000).astype("timedelta64[us]"),
            "load": 500 + 40 * np.sin(t / 4),
            "price": 3 + np.cos(t / 9),
            "temperature": 280 + 10 * np.sin(t / 24),
            "wind": wind.astype(str),
        }
    )


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    return tune(
        frame(), target=["load", "price"], time="when", features=["temperature", "wind"],
        lookback=6, horizon=3, space=SPACE, algorithm="grid", trials=3, epochs=2,
        out=tmp_path_factory.mktemp("run") / "run",
    )  # fmt: skip
