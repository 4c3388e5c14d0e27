"""A small run with two targets, a feature and a category."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import tensorflow as tf

from narrows.tuning import tune
from narrows.tuning.models.raw import raw_inputs, raw_model
from narrows.tuning.models.rebuilt import trained_network

ROWS = 240
SPACE = {
    "num_layers": 1,
    "units": [3],
    "bottleneck": 0,
    "learning_rate": [0.02],
    "scaling": ["last", "none", "standard"],
    "linear": "ridge",
    "segment": 3,
    "channels": "apart",
}
PLAIN = SPACE | {"linear": "none", "segment": 1, "channels": "together"}


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


@pytest.fixture(scope="session")
def numbers_only(tmp_path_factory):
    """One target, and nothing else."""
    return tune(
        frame(), target="price", time="when", lookback=6, horizon=3, space=PLAIN,
        algorithm="grid", trials=3, epochs=1, progress=False, out=tmp_path_factory.mktemp("numbers") / "run",
    )  # fmt: skip


@pytest.fixture(scope="session")
def model(run, tmp_path_factory):
    """The folder of the run's SavedModel."""
    folder = tmp_path_factory.mktemp("served") / "model"
    run.export(folder)
    return folder


@pytest.fixture(scope="session")
def inputs(run):
    """1,000 windows, some of them several times."""
    rows = np.resize(run.windows.parts["test"], 1000)
    given = raw_inputs(run.series, 6, rows)
    return {"values": given["values"], "categories": given["categories"].astype(str)}


@pytest.fixture(scope="session")
def expected(run, inputs):
    """What the model forecasts for `inputs` before it is written, (1000, 3, 2)."""
    network = raw_model(trained_network(run, run.best), run.windows)
    return network({name: tf.constant(given) for name, given in inputs.items()})["forecast"].numpy()


def of_type(inputs, dtype, count=1000):
    """The first windows as tensors, with values of `dtype`."""
    return {
        "values": tf.constant(inputs["values"][:count].astype(dtype)),
        "categories": tf.constant(inputs["categories"][:count]),
    }
