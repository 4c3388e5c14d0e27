"""A search on series of very different size, from data to answer, export and forecast."""

import numpy as np
import pytest
import tensorflow as tf

from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import GO_ON
from narrows.tuning import engines, tune
from narrows.tuning.engines.base import Task
from narrows.tuning.engines.keras.training import Training
from narrows.tuning.models.check import validation_loss
from narrows.tuning.models.forecast import forecast
from narrows.tuning.models.rebuilt import network_of
from narrows.tuning.series.shaped import shaped

LEVELS = (1.0, 40.0, 3e3, 2e5)
ASKED = {"target": "sold", "time": "hour", "id": "shop", "horizon": 6, "lookback": 24, "folds": 1}
SPACE = {
    "num_layers": 1,
    "units": 6,
    "bottleneck": 0,
    "learning_rate": [0.01, 0.02],
    "scaling": "last",
    "linear": "ridge",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory, panel_columns):
    folder = tmp_path_factory.mktemp("panel") / "run"
    return tune(
        panel_columns(LEVELS, 320),
        **ASKED,
        space=SPACE,
        trials=2,
        epochs=3,
        cache=False,
        out=folder,
        progress=False,
    )


def test_engines_train_alike(run):
    windows = run.windows
    space = shaped(StackedLSTM(num_layers=1, units=6, bottleneck=0, linear=["none", "ridge"]), windows)
    fused, keras = engines.make("fused", space, windows), Training(space, windows)
    for values in ({"linear": "ridge", "scaling": "last"}, {"linear": "none", "scaling": "standard"}):
        values |= {"num_layers": 1, "units_1": 6, "bottleneck": 0, "dropout": 0.0}
        values |= {"learning_rate": 0.01, "batch_size": 32, "lookback": 10}
        task, told = Task(0, values, 2, seed=3), {"fused": [], "keras": []}
        waiting = [task]
        fused.train(
            lambda waiting=waiting: waiting.pop() if waiting else None,
            lambda epoch, told=told: told["fused"].append((epoch.loss, epoch.val_loss)) or GO_ON,
            lambda outcome: None,
        )
        keras.train(
            task, lambda epoch, told=told: told["keras"].append((epoch.loss, epoch.val_loss)) or GO_ON
        )
        np.testing.assert_allclose(told["fused"], told["keras"], rtol=1e-4)


def test_the_run_opens_with_the_same_windows_and_losses(run):
    assert run.job["identity"]["levels"] == "own" and run.windows.own is not None
    assert run.answer["metric"] == "MASE" and run.answer["by_series"]["sold"].keys() == {
        "s0",
        "s1",
        "s2",
        "s3",
    }
    assert any(
        said.startswith("Over 4 series the errors of the LSTM are ") for said in run.answer["sentences"]
    )
    network = network_of(run, run.best, run.weights(run.best))
    assert validation_loss(network, run.windows) == pytest.approx(run.best.own_loss, rel=1e-5)


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("panel") / "model"
    assert run.export(folder)["checked"]["worst_relative_difference"] < 1e-5
    return tf.saved_model.load(str(folder))


def test_the_export_is_as_exact_for_each_series(run, exported):
    windows = run.windows
    rows = windows.parts["test"]
    past = windows.series.values[rows[:, None] + np.arange(-24, 0)]
    made = exported.serve({"values": tf.constant(past)})
    engine = engines.make("fused", shaped(StackedLSTM(**SPACE), windows), windows)
    expected = windows.raw(engine.predict(run.best.values, run.weights(run.best), rows), rows)
    scale = windows.size(rows).scale
    assert np.abs((made["forecast"].numpy() - expected) / scale).max() < 1e-5
    wide = (made["upper"] - made["lower"]).numpy() / scale
    np.testing.assert_allclose(wide, np.broadcast_to(wide[:1], wide.shape), rtol=1e-5)


def test_an_unknown_series_is_forecast_in_its_own_size(exported, panel_columns):
    past = panel_columns((1.0,), 24)["sold"].reshape(1, 24, 1)
    once, larger = (exported.serve({"values": tf.constant(past * times)}) for times in (1.0, 1e4))
    for name in ("forecast", "lower", "upper"):
        np.testing.assert_allclose(larger[name], 1e4 * once[name].numpy(), rtol=1e-5)


def test_series_that_are_too_short_are_named_and_the_others_forecast(run, panel_columns):
    columns, told = panel_columns(LEVELS, 60), []
    kept = np.ones(240, bool)
    kept[:50], kept[118:120] = False, False  # the first has ten rows left, the second ends two hours early
    made = forecast(run.folder, {name: one[kept] for name, one in columns.items()}, note=told.append)
    assert set(made[made.columns[0]]) == {"s1", "s2", "s3"}
    assert "1 of 4 series of data cannot be forecast" in told[0] and "'s0' (10 rows)" in told[0]
    assert "for 1 of 3 series that is before 2024-03-03 11:00: 's1' (2024-03-03 09:00)" in told[1]
    with pytest.raises(UserError, match="4 of 4 series of data cannot be forecast"):
        forecast(run.folder, panel_columns(LEVELS, 20))


@pytest.mark.parametrize("format", ["tflite", "onnx"])
def test_formats_for_small_devices_know_the_size_of_a_window_too(run, tmp_path, format):
    if format == "onnx":
        pytest.importorskip("tf2onnx", reason="pip install 'narrows[onnx]'")
    about = run.export(tmp_path / "model", format=format)
    assert about["checked"]["worst_relative_difference"] <= 1e-5
