"""An export takes raw values, gives raw values, and gives the engine's own numbers elsewhere."""

import importlib
import json
import shutil
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning import Run, tune
from narrows.tuning.cli.forecast_file import csv_of
from narrows.tuning.models.check import forecast_elsewhere, worst_difference
from narrows.tuning.models.forecast import forecast
from narrows.tuning.models.raw import raw_inputs
from narrows.tuning.models.rebuilt import engine_of_run, trained_network
from narrows.tuning.models.rebuilt import test_forecast as engine_forecast
from narrows.tuning.runs.start import held

from .conftest import SPACE, frame

_ELSEWHERE = """
import sys
sys.modules["narrows"] = None
import numpy as np, tensorflow as tf
with np.load(sys.argv[2]) as stored:
    inputs = {name: tf.constant(stored[name]) for name in stored.files}
signature = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
given = signature.structured_input_signature[1].items()
assert {name: s.dtype.name for name, s in given} == {"values": "float64", "categories": "string"}
np.save(sys.argv[3], signature(**inputs)["forecast"].numpy())
"""


def test_every_scaling_gives_the_engines_test_forecasts_in_a_process_without_this_package(run, tmp_path):
    rows = run.windows.parts["test"]
    inputs = raw_inputs(run.series, 6, rows)
    np.savez(
        tmp_path / "inputs.npz",
        **{name: np.asarray(x, x.dtype if x.dtype != object else str) for name, x in inputs.items()},
    )
    assert {row.values["scaling"] for row in run.trials} == {"last", "none", "standard"}
    for row in run.trials:
        about = run.export(tmp_path / f"model-{row.number}", trial=row.number)
        assert about["checked"]["worst_relative_difference"] <= 1e-5
    command = [
        sys.executable,
        "-c",
        _ELSEWHERE,
        str(tmp_path / "model-0"),
        str(tmp_path / "inputs.npz"),
        str(tmp_path / "out.npy"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    expected = engine_forecast(run, engine_of_run(run), run.trial(0))
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), expected, rtol=1e-5)


def test_what_a_user_must_know_stands_beside_the_model(run, tmp_path):
    run.export(tmp_path / "model")
    about = json.loads((tmp_path / "model" / "narrows.json").read_text())
    assert about["values"] == ["load", "price", "temperature"]
    assert about["targets"] == ["load", "price"]
    assert about["categories"] == {"wind": ["NE", "NW", "SE", "calm", "cv"]}
    assert (about["lookback"], about["horizon"], about["frequency"], about["season"]) == (6, 3, "1h", 24)
    assert about["test_scores"] == run.answer["scores"]
    assert about["inputs"]["values"] == {
        "dtype": "float64 or float32", "shape": [None, 6, 3], "columns": ["load", "price", "temperature"]
    }  # fmt: skip
    assert set(about["versions"]) == {"narrows", "tensorflow", "keras", "numpy"}


def test_a_synthetic_series_that_brings_its_times_is_forecast(tmp_path):
    source = "synthetic:seasonal_sales,rows=120"
    space = {"num_layers": 1, "units": 2, "bottleneck": 0, "learning_rate": 0.01, "scaling": "last"}
    run = tune(
        source, space=space, lookback=7, horizon=2, trials=1, epochs=1, progress=False, out=tmp_path / "r"
    )
    head, *rows = csv_of(run.forecast(source)).splitlines()
    assert len(rows) == 2 and head.endswith("units") and rows[0].startswith("20")


def test_the_keras_format_gives_the_same_numbers(run, monkeypatch, tmp_path):
    # Read by a TensorFlow that starts: the process of the proof has Keras 2 for tf.keras, or none.
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")
    about = run.export(tmp_path / "model", format="keras")
    assert about["checked"]["worst_relative_difference"] <= 1e-5
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["model.keras", "narrows.json"]


def test_the_proof_is_made_on_the_cpu_beside_a_gpu_too(monkeypatch, tmp_path):
    asked = []

    def run(command, *, env, **options):
        asked.append(env["CUDA_VISIBLE_DEVICES"])
        np.save(command[-1], np.ones(3))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    forecast_elsewhere(tmp_path, "savedmodel", {"values": np.ones((1, 2, 3))})
    assert asked == ["-1"]


def test_a_model_with_other_numbers_is_never_left_behind(run, tmp_path, monkeypatch):
    home = importlib.import_module("narrows.tuning.models.export")
    wrong = engine_forecast(run, engine_of_run(run), run.best) * 1.001
    monkeypatch.setattr(home, "forecast_elsewhere", lambda *args: wrong)
    with pytest.raises(RuntimeError, match="in a fresh process .* nothing was exported"):
        run.export(tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_refused_and_only_an_export_is_replaced(run, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="exists; give another folder, or --force"):
        run.export(tmp_path / "model")
    with pytest.raises(UserError, match="is not an earlier export"):
        run.export(tmp_path / "model", force=True)
    with pytest.raises(UserError, match=r"no export format 'h5'; known: savedmodel, keras, tflite, onnx"):
        run.export(tmp_path / "other", format="h5")
    with pytest.raises(UserError, match="has no trial 77; it has trials 0 to 2"):
        run.export(tmp_path / "other", trial=77)


def test_weights_that_were_not_kept_are_told(run, tmp_path):
    worst, folder = run.store.best(3)[-1], shutil.copytree(run.folder, tmp_path / "run")
    with held(folder) as copy:
        copy.files.remove(copy.paths.weights(worst.number))
    with pytest.raises(UserError, match=r"are not there: they were damaged or removed; export another trial"):
        Run(folder).export(tmp_path / "model", trial=worst.number)
    assert list(tmp_path.iterdir()) == [folder]


def test_a_forecast_comes_with_the_times_after_the_data(run, tmp_path):
    run.export(tmp_path / "model")
    frame().write_csv(tmp_path / "data.csv")
    made = forecast(tmp_path / "model", tmp_path / "data.csv")
    lines = csv_of(made).splitlines()
    assert lines[0] == "when,load,load-lo-90,load-hi-90,price,price-lo-90,price-hi-90"
    assert [line.split(",")[0] for line in lines[1:]] == [f"2021-02-09 0{hour}:00:00" for hour in range(3)]
    assert made.equals(forecast(run.folder, frame())), "run and export forecast the same"
    # The last window by hand, through the engine: the rows after the last one are not in the series.
    z = run.windows.data[-6:][None]
    expected = run.windows.raw(trained_network(run, run.best)(z).numpy(), np.array([len(run.windows.data)]))[
        0
    ]
    np.testing.assert_allclose(made.select("load", "price").to_numpy(), expected, rtol=1e-5)


def test_new_data_may_stand_still(run):
    still = frame().with_columns(pl.lit(7.0).alias("load"))
    assert len(forecast(run.folder, still)) == 3


def test_short_data_are_told_how_many_rows_a_forecast_needs(run):
    with pytest.raises(UserError, match="has 5 unbroken rows at its end; a forecast looks back on 6"):
        forecast(run.folder, frame(5))


def test_a_difference_is_measured_against_the_forecast_or_the_spread():
    expected = np.array([[[100.0], [0.0]]])
    assert worst_difference(expected + 0.001, expected, np.array([1.0])) == pytest.approx(1e-3)
    assert worst_difference(expected + 0.001, expected, np.array([1000.0])) == pytest.approx(1e-6)


def test_several_series_are_each_forecast_with_their_name(tmp_path):
    t = np.tile(np.arange(60), 2)
    data = pl.DataFrame(
        {"shop": ["a"] * 60 + ["b"] * 60, "day": t, "sold": np.sin(t / 3) + np.repeat([5, 9], 60)}
    )
    space = SPACE | {"scaling": ["last"], "segment": 2}
    run = tune(
        data,
        target="sold",
        time="day",
        id="shop",
        lookback=4,
        horizon=2,
        space=space,
        trials=1,
        epochs=1,
        out=tmp_path / "run",
    )
    made = run.forecast(data)
    assert made.columns == ["shop", "day", "sold"]
    assert list(made.select("shop", "day").iter_rows()) == [("a", 60), ("a", 61), ("b", 60), ("b", 61)]
