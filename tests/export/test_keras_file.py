"""What a .keras file takes, with Keras alone, and that it refuses anything else."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from .conftest import of_type


@pytest.fixture(scope="module")
def loaded(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("keras") / "model"
    run.export(folder, format="keras")
    return keras.models.load_model(folder / "model.keras")


def windows(rows, columns, category_rows=6):
    return {
        "values": tf.ones([4, rows, columns], tf.float64),
        "categories": tf.fill([4, category_rows, 1], "NW"),
    }


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_either_precision_is_served(loaded, inputs, expected, dtype):
    np.testing.assert_allclose(loaded(of_type(inputs, dtype))["forecast"], expected, rtol=1e-6)


def test_keras_itself_refuses_another_shape(loaded):
    with pytest.raises(ValueError, match=r"expected shape=\(None, 6, 3\), found shape=\(4, 6, 2\)"):
        loaded(windows(6, 2))


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ((12, 3), "axis 1 must equal 6, got shape [4,12,3]"),
        ((1, 3), "axis 1 must equal 6, got shape [4,1,3]"),
        ((3, 6), "axis 1 must equal 6, got shape [4,3,6]"),
        ((6, 1), "axis 2 must equal 3, got shape [4,6,1]"),
        ((6, 4), "axis 2 must equal 3, got shape [4,6,4]"),
        ((6, 3, 7), "axis 1 must equal 6, got shape [4,7,1]"),
    ],
)
def test_another_shape_is_refused_after_many_others_too(loaded, other, told):
    # Two shapes are enough for `predict` to leave them open, for this and for all later calls.
    loaded.predict(windows(6, 3), verbose=0)
    with pytest.raises((tf.errors.InvalidArgumentError, ValueError)):
        loaded.predict(windows(9, 9), verbose=0)
    with pytest.raises(tf.errors.InvalidArgumentError) as refused:
        loaded.predict(windows(*other), verbose=0)
    assert told in str(refused.value)
