"""TensorFlow Lite and ONNX give the network's own numbers, or one sentence says which formats do."""

import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from narrows.search_spaces.errors import UserError
from narrows.tuning import tune
from narrows.tuning.models.formats import FORMATS, check_format, numbered
from narrows.tuning.models.intervals import interval_of
from narrows.tuning.models.loaded import ENDS, exported
from narrows.tuning.models.raw import raw_inputs, raw_model
from narrows.tuning.models.rebuilt import engine_of_run, trained_network
from narrows.tuning.models.rebuilt import test_forecast as engine_forecast
from narrows.tuning.models.writing import write_model
from narrows.tuning.series.series import Series

from .conftest import frame

ONE_TARGET = {
    "num_layers": 1, "units": 3, "bottleneck": 0, "scaling": "last", "linear": "ridge", "segment": 3
}  # fmt: skip
PORTABLE = [format for format, kind in FORMATS.items() if kind.portable]


@pytest.fixture(params=PORTABLE)
def format(request):
    if request.param == "onnx":
        pytest.importorskip("tf2onnx", reason="pip install 'narrows[onnx]'")
        pytest.importorskip("onnxruntime", reason="pip install 'narrows[onnx]'")
    return request.param


@pytest.fixture(scope="module")
def one_target(tmp_path_factory):
    """One target over a horizon, beside a linear forecast: what most users have."""
    return tune(
        frame(), target="price", time="when", lookback=6, horizon=3, space=ONE_TARGET, trials=1, epochs=1,
        folds=1, progress=False, out=tmp_path_factory.mktemp("one") / "run",
    )  # fmt: skip


@pytest.mark.parametrize("which", ["run", "numbers_only", "one_target"])
def test_every_kind_of_network_gives_its_own_numbers(request, which, format, tmp_path):
    run = request.getfixturevalue(which)
    windows, kind, series = run.windows, FORMATS[format], run.series
    network = trained_network(run, run.best)
    random = np.random.default_rng(0)
    network.set_weights([random.normal(size=one.shape) / 3 for one in network.get_weights()])
    interval = interval_of(windows, engine_forecast(run, engine_of_run(run), run.best), 90)
    texts = raw_inputs(series, windows.lookback, windows.parts["test"][:9])
    given = {name: tf.constant(one) for name, one in texts.items()}
    expected = {end: y.numpy() for end, y in raw_model(network, windows, interval)(given).items()}
    model = raw_model(network, windows, interval, dtype=kind.forecast, numbered=kind.portable)
    write_model(model, windows, tmp_path, format)
    known = {name: list(all) for name, all in zip(series.categorical, series.categories, strict=True)}
    said = {"format": format, "horizon": 3, "targets": series.targets, "categories": known, "known": []}
    made = exported(tmp_path, said, trust=True)(texts)
    assert list(made) == list(ENDS)
    for end, y in expected.items():
        np.testing.assert_allclose(made[end], y, rtol=1e-5, err_msg=end)
    assert np.ptp(expected["forecast"], axis=0).min() > 0.01, "the weights matter"


def test_an_export_is_proved_elsewhere_and_forecasts(run, format, tmp_path):
    about = run.export(tmp_path / "model", format=format)
    assert about["checked"]["worst_relative_difference"] <= 1e-5
    kind = FORMATS[format]
    assert about["files"] == [kind.graph]
    assert about["inputs"] == {
        "values": {
            "dtype": kind.values, "shape": [kind.windows, 6, 3], "columns": ["load", "price", "temperature"]
        },
        "categories": {"dtype": "int32", "shape": [kind.windows, 6, 1], "columns": ["wind"]},
    }  # fmt: skip
    assert about["outputs"]["lower"] == {"dtype": kind.forecast, "shape": [kind.windows, 3, 2]}


def test_a_category_is_its_place_in_the_list_and_any_other_text_is_none():
    texts = np.array([[["SE", "b"], ["calm", "a"]], [["", "b"], ["NW", "SE"]]], dtype=object)
    made = numbered(texts, [["NW", "SE"], ["a", "b"]])
    np.testing.assert_array_equal(made, [[[1, 1], [-1, 0]], [[-1, 1], [0, -1]]])
    assert made.dtype == np.int32


@pytest.mark.parametrize(("level", "allowed"), [(0, True), (1e3, True), (1e8, False), (1e60, False)])
def test_numbers_that_float32_does_not_tell_apart_are_refused_for_tensorflow_lite(level, allowed):
    series = Series("load", ("MW",), level + np.arange(20.0)[:, None], starts=np.array([0]), ids=("",))
    check_format("savedmodel", series)
    if allowed:
        check_format("tflite", series)
        return
    with pytest.raises(UserError, match=r"MW: values up to 1e\+.* float32.* give --format onnx, savedmodel"):
        check_format("tflite", series)


def test_what_a_format_does_not_know_is_told_with_those_that_do(numbers_only, format, tmp_path):
    window = keras.Input(numbers_only.windows.input_shape, name="window")
    odd = keras.ops.erfinv(keras.ops.tanh(window[:, -3:, :]))
    model = raw_model(keras.Model(window, odd), numbers_only.windows, dtype=FORMATS[format].forecast)
    with pytest.raises(UserError, match="cannot be written as .*; --format savedmodel and keras take any"):
        write_model(model, numbers_only.windows, tmp_path, format)
    assert list(tmp_path.iterdir()) == []


def test_what_onnx_takes_is_told_where_it_is_not_installed(numbers_only, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(UserError, match=r"not installed .*: pip install 'narrows\[onnx\]'"):
        numbers_only.export(tmp_path / "model", format="onnx")
    assert list(tmp_path.iterdir()) == []
