"""A search on series whose features differ in size: engines, run, export and forecast count them alike."""

import numpy as np
import pytest

from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.trial import GO_ON
from narrows.tuning import engines, tune
from narrows.tuning.engines.base import Task
from narrows.tuning.models.check import validation_loss
from narrows.tuning.models.forecast import forecast
from narrows.tuning.models.rebuilt import network_of
from narrows.tuning.run import Run
from narrows.tuning.series.shaped import shaped

LEVELS = (1.0, 40.0, 3e3, 2e5)
LOOKBACK, HORIZON = 24, 6
ROLES = {"features": "stock,heat,town", "known": "price,offer", "calendar": "hour"}
SPACE = {
    "num_layers": 1, "units": 6, "bottleneck": 0, "learning_rate": 0.02, "scaling": "last", "linear": "ridge",
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory, stock_columns):
    found = tune(
        stock_columns(LEVELS, 300), target="sold", time="hour", id="shop", **ROLES, horizon=HORIZON,
        lookback=LOOKBACK, folds=1, space=SPACE, algorithm="grid", trials=1, epochs=3, cache=False,
        progress=False, out=tmp_path_factory.mktemp("features") / "run",
    )  # fmt: skip
    return Run(found.folder)


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("features") / "model"
    assert run.export(folder)["checked"]["worst_relative_difference"] < 1e-5
    return folder


def test_engines_train_alike(run):
    windows = run.windows
    space = shaped(StackedLSTM(**SPACE | {"segment": [1, 2]}), windows)
    values = run.best.values | {"lookback": 10, "segment": 2}
    losses = {}
    for name in ("fused", "keras"):
        engine, found, tasks = engines.make(name, space, windows), [], [Task(0, values, seed=3, epochs=2)]
        engine.train(
            lambda tasks=tasks: tasks.pop() if tasks else None,
            lambda epoch, found=found: found.append((epoch.loss, epoch.val_loss)) or GO_ON,
            lambda outcome: None,
        )
        losses[name] = found
    np.testing.assert_allclose(losses["fused"], losses["keras"], rtol=1e-4)


def test_the_run_opens_with_the_same_features_in_their_own_size_and_the_same_loss(run):
    assert run.windows.own.features == ("stock", "price")
    network = network_of(run, run.best, run.weights(run.best))
    assert validation_loss(network, run.windows) == pytest.approx(run.best.own_loss, rel=1e-5)


def test_what_stock_and_price_decide_is_forecast(run):
    scores = run.answer["scores"]
    assert scores["LSTM"]["sold"]["MASE"] < 0.25 * scores["last value"]["sold"]["MASE"]


def to_come(columns, rows, times=1.0):
    """Rows of series of which the last ones are still to be forecast, in a unit of `times`."""
    found = dict(columns)
    found["sold"] = np.where(np.arange(len(found["sold"])) % rows < rows - HORIZON, found["sold"], np.nan)
    return found | {name: found[name] * times for name in ("sold", "stock", "price")}


def test_a_series_times_a_thousand_has_a_forecast_times_a_thousand(run, exported, stock_columns):
    columns = stock_columns((7.0, 500.0), 60)
    once, larger = (forecast(exported, to_come(columns, 60, times)) for times in (1.0, 1e3))
    np.testing.assert_allclose(larger["sold"], 1e3 * once["sold"].to_numpy(), rtol=1e-5)
    by_run = forecast(run.folder, to_come(columns, 60))
    np.testing.assert_allclose(by_run["sold"], once["sold"], rtol=1e-5)


def test_a_series_without_rows_to_come_is_named_and_the_others_are_forecast(exported, stock_columns):
    columns, told = to_come(stock_columns(LEVELS, 60), 60), []
    there = ~((columns["shop"] == "s1") & np.isnan(columns["sold"]))
    made = forecast(exported, {name: one[there] for name, one in columns.items()}, note=told.append)
    whole = forecast(exported, columns)
    assert set(made["shop"]) == {"s0", "s2", "s3"}
    np.testing.assert_array_equal(made["sold"], whole.filter(whole["shop"] != "s1")["sold"])
    assert "1 of 4 series of data cannot be forecast" in told[0] and "'s1' (0 of 6 rows come" in told[0]
    assert len(told) == 1


@pytest.mark.parametrize("format", ["tflite", "onnx"])
def test_other_formats_count_features_so_too(run, tmp_path, format):
    if format == "onnx":
        pytest.importorskip("tf2onnx", reason="pip install 'narrows[onnx]'")
    about = run.export(tmp_path / "model", format=format)
    assert about["checked"]["worst_relative_difference"] <= 1e-5
