"""A search on what is known of the rows to forecast: run, export and forecast say the same."""

import numpy as np
import polars as pl
import pytest
import tensorflow as tf

from narrows.search_spaces.errors import UserError
from narrows.search_spaces.stacked_lstm import StackedLSTM
from narrows.search_spaces.trial import Decision
from narrows.tuning import engines, tune
from narrows.tuning.engines.base import Task
from narrows.tuning.models.forecast import forecast
from narrows.tuning.run import Run
from narrows.tuning.series.shaped import shaped

DAY = np.timedelta64(1, "D")
SPACE = {
    "num_layers": 1, "units": [4], "bottleneck": 0, "learning_rate": [0.02], "linear": ["none", "ridge"],
    "segment": [1, 3],
}  # fmt: skip


def table(rows=160, later=3):
    t = np.arange(rows)
    rng = np.random.default_rng(0)
    price = rng.integers(1, 9, rows).astype(float)
    event = np.array(["calm", "fair"])[rng.integers(0, 2, rows)]
    y = 3 * price + 5 * (event == "fair") + 0.1 * rng.normal(size=rows)
    return pl.DataFrame(
        {
            "day": np.datetime64("2024-01-01", "us") + t * DAY,
            "y": [float(one) if place < rows - later else None for place, one in enumerate(y)],
            "price": price,
            "event": event,
            "town": ["Ulm"] * rows,
        }
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    found = tune(
        table(), target="y", time="day", known="price,event", static="town", calendar="weekday", lookback=6,
        horizon=3, space=SPACE, algorithm="grid", trials=4, epochs=2, progress=False,
        out=tmp_path_factory.mktemp("known") / "run",
    )  # fmt: skip
    return Run(found.folder)


@pytest.fixture(scope="module")
def model(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("known") / "model"
    run.export(folder)
    return folder


def told(frame):
    return frame["y"].to_numpy()


def test_what_a_price_and_a_fair_decide_is_forecast(run):
    """Three times the price and five for a fair, known to the linear path; y itself is no guide."""
    scores = run.answer["scores"]
    assert scores["LSTM"]["y"]["RMSE"] < 0.3 < 5 < scores["last value"]["y"]["RMSE"]
    assert run.best.values["linear"] == "ridge"


@pytest.mark.parametrize("scaling", ["standard", "last", "none"])
@pytest.mark.parametrize("segment", [1, 3])
def test_both_engines_train_the_same(run, scaling, segment):
    windows = run.windows
    space = shaped(StackedLSTM(linear=["none", "ridge"], segment=[1, 3]), windows)
    values = run.best.values | {"scaling": scaling, "segment": segment, "linear": "none"}
    losses = {}
    for name in ("fused", "keras"):
        engine, found, tasks = engines.make(name, space, windows), [], [Task(0, values, seed=1, epochs=2)]
        engine.train(
            lambda tasks=tasks: tasks.pop() if tasks else None,
            lambda epoch, found=found: found.append(epoch.val_loss) or Decision(),
            lambda outcome: None,
        )
        losses[name] = found
    np.testing.assert_allclose(losses["fused"], losses["keras"], rtol=1e-4)


def test_a_run_and_its_export_forecast_what_rows_to_come_decide(run, model):
    price, event = table()["price"].to_numpy()[-3:], table()["event"].to_numpy()[-3:]
    expected = 3 * price + 5 * (event == "fair")
    by_run, by_model = (told(forecast(one, table())) for one in (run, model))
    np.testing.assert_allclose(by_run, expected, atol=0.5)
    np.testing.assert_allclose(by_model, by_run, rtol=1e-5)
    dearer = table().with_columns(price=pl.when(pl.col("y").is_null()).then(9.0).otherwise(pl.col("price")))
    np.testing.assert_allclose(told(forecast(model, dearer)), 27 + 5 * (event == "fair"), atol=0.6)


def test_without_rows_to_come_there_is_one_message(model):
    with pytest.raises(UserError, match="needs price, event of the next 3 rows, and 0 of 3 rows come after"):
        forecast(model, table().head(157))


def test_the_export_says_what_it_takes_of_the_rows_to_come(run, model):
    about = run.export(model, force=True)
    assert about["known"] == ["price", "event"] and about["calendar"] == ["weekday"]
    assert about["inputs"]["known"]["columns"] == ["price", "weekday sin", "weekday cos"]
    assert about["inputs"]["known_categories"]["shape"] == [None, 3, 1]
    served = tf.saved_model.load(str(model))
    given = {
        "values": np.zeros((2, 6, 4)), "categories": np.full((2, 6, 2), "calm"),
        "known": np.zeros((2, 2, 3)), "known_categories": np.full((2, 3, 1), "fair"),
    }  # fmt: skip
    with pytest.raises(tf.errors.InvalidArgumentError, match="known: the rows to forecast, 3 rows"):
        served.serve({name: tf.constant(each) for name, each in given.items()})


@pytest.mark.parametrize("format", ["tflite", "onnx"])
def test_formats_for_small_devices_read_what_is_known_too(run, tmp_path, format):
    if format == "onnx":
        pytest.importorskip("tf2onnx", reason="pip install 'narrows[onnx]'")
    about = run.export(tmp_path / "model", format=format)
    assert about["checked"]["worst_relative_difference"] <= 1e-5
    assert about["inputs"]["known_categories"]["dtype"] == "int32"
    one, other = forecast(tmp_path / "model", table()), forecast(run, table())
    np.testing.assert_allclose(one["y"], other["y"], rtol=1e-5)
