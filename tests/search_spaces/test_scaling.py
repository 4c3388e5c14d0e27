"""Scaling: both formulas against loops, what goes in and out against each other, no Keras."""

import subprocess
import sys

import numpy as np
import pytest

from narrows.search_spaces.scaling import scaling_of
from narrows.search_spaces.stack_parts import SCALINGS

MEAN, STD = [5.0, -300.0, 2.0], [2.0, 0.5, 40.0]


@pytest.fixture
def windows():
    """Windows of two targets, a numeric feature and a one-hot column, with what came after them; z."""
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(size=(6, 5, 4)), rng.normal(size=(6, 3, 2))
    inputs[:, :, 3] = rng.integers(2, size=(6, 5))
    return inputs.astype(np.float32), targets.astype(np.float32)


def by_hand(name, value, last, column):
    """Of one number, what a model with this scaling has for it."""
    if name == "last":
        return value - last if column < 2 else value
    if name == "none":
        return value * STD[column] + MEAN[column] if column < 3 else value
    return value


@pytest.mark.parametrize("name", SCALINGS)
def test_each_number_is_read_and_emitted_as_by_hand(windows, name):
    inputs, targets = windows
    before = inputs.copy(), targets.copy()
    read, emitted = scaling_of(name, 4, 2, MEAN, STD).read_and_emitted(inputs, targets)
    for given, found in ((inputs, read), (targets, emitted)):
        for place, value in np.ndenumerate(given):
            window, _, column = place
            last = inputs[window, -1, column]
            assert found[place] == pytest.approx(by_hand(name, value, last, column), rel=1e-6, abs=1e-6)
    assert read.dtype == np.float32 and emitted.dtype == np.float64
    np.testing.assert_array_equal(inputs, before[0])
    np.testing.assert_array_equal(targets, before[1])


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("name", SCALINGS)
def test_a_model_that_emits_what_it_should_forecasts_the_targets(windows, name, linear):
    inputs, targets = windows
    scaling = scaling_of(name, 4, 2, MEAN, STD, linear=linear)
    beside = np.random.default_rng(1).normal(size=targets.shape) if linear else 0.0
    read, y = scaling.read_and_emitted(inputs, targets, beside)
    forecast = y * scaling.out_scale + scaling.out_shift + scaling.add_last * inputs[:, -1:, :2] + beside
    np.testing.assert_allclose(forecast, targets, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(
        read, scaling_of(name, 4, 2, MEAN, STD).read_and_emitted(inputs, targets)[0]
    )


@pytest.mark.parametrize("name", SCALINGS)
def test_a_readout_of_zeros_leaves_a_linear_forecast_as_it_is(windows, name):
    scaling = scaling_of(name, 4, 2, MEAN, STD, linear=True)
    assert not scaling.out_shift.any() and not scaling.add_last


@pytest.mark.parametrize("name", SCALINGS)
def test_without_statistics_nothing_is_scaled(name):
    scaling = scaling_of(name, 3, 1)
    assert scaling.in_scale.tolist() == [1, 1, 1] and scaling.in_shift.tolist() == [0, 0, 0]
    assert scaling.out_scale.tolist() == [1] and scaling.out_shift.tolist() == [0]
    assert scaling.keep_last == (name == "last")


def test_it_is_known_without_keras():
    script = (
        "import sys; import narrows.search_spaces.scaling; print({'keras', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
