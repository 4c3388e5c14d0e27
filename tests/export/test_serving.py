"""What a SavedModel takes, and what it says of anything else."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from narrows.tuning.models.raw import raw_model
from narrows.tuning.models.rebuilt import trained_network
from narrows.tuning.models.serving import write_savedmodel

from .conftest import of_type

VALUES = (
    "values: windows of 6 rows, the oldest first, of 3 columns \\(load, price, temperature\\) are expected"
)
ENDPOINTS = ["serve", "serving_default", "serving_float32"]


@pytest.fixture(scope="module")
def loaded(model):
    return tf.saved_model.load(str(model))


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


@pytest.mark.parametrize("shape", [(), (3,), (6, 3), (1, 4, 6, 3), (4, 6, 3, 1)])
@pytest.mark.parametrize("made", [tf.zeros, np.zeros])
def test_another_number_of_axes_is_refused_by_name(model, loaded, shape, made):
    given = {"values": made(shape, "float64"), "categories": tf.fill([4, 6, 1], "NW")}
    signature = loaded.signatures["serving_default"]
    for call in (loaded.serve, lambda given: signature(**given), keras.layers.TFSMLayer(str(model))):
        with pytest.raises(tf.errors.InvalidArgumentError, match=VALUES) as refused:
            call(given)
        assert f"(windows, rows, columns)] [{' '.join(map(str, shape))}]" in str(refused.value)


def test_one_column_is_told_as_one(numbers_only, tmp_path):
    windows = numbers_only.windows
    model = raw_model(trained_network(numbers_only, numbers_only.best), windows)
    write_savedmodel(model, windows, tmp_path / "model")
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"of 1 column \(price\) are expected; what"):
        loaded.serve({"values": np.zeros((1, 6, 2))})


def test_it_is_a_part_of_a_keras_model(model, inputs, expected):
    given = {
        "values": keras.Input((6, 3), dtype="float64", name="values"),
        "categories": keras.Input((6, 1), dtype="string", name="categories"),
    }
    layer = keras.layers.TFSMLayer(str(model), dtype="float64")
    doubled = keras.Model(given, 2 * layer(given)["forecast"])
    assert doubled.output_shape == (None, 3, 2)
    np.testing.assert_allclose(doubled(of_type(inputs, "float64")), 2 * expected, rtol=1e-9)


def test_categories_for_other_windows_are_refused_by_name(loaded, inputs):
    given = of_type(inputs, "float64", 4) | {"categories": tf.constant(inputs["categories"][:3])}
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"\(wind\) are expected, as many windows as"):
        loaded.serve(given)
