"""What an exported model takes, and what it says of anything else."""

import json
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from narrows.search_spaces.errors import UserError
from narrows.tuning.models.forecast import forecast
from narrows.tuning.models.raw import raw_inputs, raw_model
from narrows.tuning.models.rebuilt import trained_network

from .conftest import frame

VALUES = (
    "values: windows of 6 rows, the oldest first, of 3 columns \\(load, price, temperature\\) are expected"
)
ENDPOINTS = ["serve", "serving_default", "serving_float32"]


@pytest.fixture(scope="module")
def model(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("served") / "model"
    run.export(folder)
    return folder


@pytest.fixture(scope="module")
def loaded(model):
    return tf.saved_model.load(str(model))


@pytest.fixture(scope="module")
def inputs(run):
    """1,000 windows, some of them several times."""
    rows = np.resize(run.windows.parts["test"], 1000)
    given = raw_inputs(run.series, 6, rows)
    return {"values": given["values"], "categories": given["categories"].astype(str)}


@pytest.fixture(scope="module")
def expected(run, inputs):
    network = raw_model(trained_network(run, run.best), run.windows)
    return network({name: tf.constant(given) for name, given in inputs.items()})["forecast"].numpy()


def of_type(inputs, dtype, count=1000):
    return {
        "values": tf.constant(inputs["values"][:count].astype(dtype)),
        "categories": tf.constant(inputs["categories"][:count]),
    }


@pytest.mark.parametrize("count", [0, 1, 1000])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_any_number_of_windows_of_either_precision_is_served(loaded, inputs, expected, dtype, count):
    tolerance = {"float64": 1e-7, "float32": 1e-6}[dtype]
    given = of_type(inputs, dtype, count)
    signature = loaded.signatures[{"float64": "serving_default", "float32": "serving_float32"}[dtype]]
    for served in (loaded.serve(given), loaded.serving_default(given), signature(**given)):
        assert served["forecast"].shape == (count, 3, 2) and served["forecast"].dtype == tf.float64
        np.testing.assert_allclose(served["forecast"], expected[:count], rtol=tolerance)


def test_arrays_of_numpy_are_served(loaded, inputs, expected):
    np.testing.assert_allclose(loaded.serve(inputs)["forecast"], expected, rtol=1e-9)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_is_a_layer_of_keras_by_default(model, inputs, expected, endpoint, dtype):
    layer = keras.layers.TFSMLayer(str(model), call_endpoint=endpoint)
    # The layer itself makes float32 of what it is given, as every layer of Keras.
    np.testing.assert_allclose(layer(of_type(inputs, dtype))["forecast"], expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("rows", "columns", "came"),
    [(48, 3, "[2 48 3]"), (5, 3, "[2 5 3]"), (7, 3, "[2 7 3]"), (6, 2, "[2 6 2]"), (6, 4, "[2 6 4]")],
)
def test_windows_of_another_shape_are_refused_by_name(loaded, rows, columns, came):
    given = {
        "values": tf.zeros([2, rows, columns], tf.float64),
        "categories": tf.fill([2, rows, 1], "NW"),
    }
    for call in (loaded.serve, lambda given: loaded.signatures["serving_default"](**given)):
        with pytest.raises(tf.errors.InvalidArgumentError, match=VALUES) as refused:
            call(given)
        assert f"what came has (windows, rows, columns)] {came}" in str(refused.value)


def test_categories_for_other_windows_are_refused_by_name(loaded, inputs):
    given = of_type(inputs, "float64", 4) | {"categories": tf.constant(inputs["categories"][:3])}
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"\(wind\) are expected, as many windows as"):
        loaded.serve(given)


def test_a_keras_file_refuses_another_shape_too(run, inputs, expected, tmp_path):
    run.export(tmp_path / "model", format="keras")
    loaded = keras.models.load_model(tmp_path / "model" / "model.keras")
    for dtype in ("float64", "float32"):
        np.testing.assert_allclose(loaded(of_type(inputs, dtype))["forecast"], expected, rtol=1e-6)
    with pytest.raises(ValueError, match=r"expected shape=\(None, 6, 3\), found shape=\(2, 6, 2\)"):
        loaded({"values": np.zeros((2, 6, 2)), "categories": np.full((2, 6, 1), "NW")})


@pytest.fixture
def copied(model, tmp_path):
    return shutil.copytree(model, tmp_path / "copied")


@pytest.mark.parametrize(
    "change",
    [
        {"lookback": 12},
        {"horizon": 2},
        {"values": ["price", "load", "temperature"]},
        {"categories": {"wind": ["NW", "SE"]}},
        {"missing": "ffill"},
    ],
)
def test_what_is_said_of_a_model_cannot_be_another(copied, change):
    path = copied / "narrows.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(UserError, match="does not belong to the model beside it: one of the two was changed"):
        forecast(copied, frame())


def test_the_description_of_another_export_does_not_fit(run, copied, tmp_path):
    run.export(tmp_path / "other", trial=next(t.number for t in run.trials if t.number != run.best.number))
    shutil.copy(tmp_path / "other" / "narrows.json", copied)
    with pytest.raises(UserError, match="does not belong to the model beside it"):
        forecast(copied, frame())


def test_a_model_whose_file_was_changed_is_refused(copied):
    (weights,) = (copied / "variables").glob("variables.data*")
    content = bytearray(weights.read_bytes())
    content[100] ^= 1
    weights.write_bytes(content)
    with pytest.raises(UserError, match="does not belong to the model beside it"):
        forecast(copied, frame())


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "3"])
def test_a_description_that_is_none_is_told(copied, text):
    (copied / "narrows.json").write_text(text)
    with pytest.raises(UserError, match="cannot be read as that of an export: .* export the run again"):
        forecast(copied, frame())


def test_an_export_that_is_whole_forecasts(copied, run):
    assert forecast(copied, frame()) == run.forecast(frame())
