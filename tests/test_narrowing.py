"""What a search says of the widths of its best trial."""

import numpy as np
import pytest

from narrows.callbacks.narrowing import Sample, lstm_states, measure
from narrows.search_spaces import StackedLSTM
from narrows.tuning.answers.widths import sentences
from narrows.tuning.engines.keras.training import Training
from narrows.tuning.models.measuring import Samples, narrowing_of, read_and_emitted
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows


@pytest.fixture(scope="module")
def windows():
    t = np.arange(500)
    noise = np.random.default_rng(0).normal(size=(t.size, 2))
    values = np.stack([5 + 2 * np.sin(t / 4), np.cos(t / 7)], axis=1) + 0.1 * noise
    return Windows(Series("w", ("a",), values, features=("b",)), lookback=6, horizon=2, split="0.5,0.4,0.1")


@pytest.mark.parametrize("scaling", ["standard", "last", "none"])
def test_states_and_readout_give_what_the_model_forecasts_under_every_scaling(windows, scaling):
    mean, std = windows.scaler.mean.tolist(), windows.scaler.std.tolist()
    space = StackedLSTM().shaped(windows.input_shape, windows.output_shape, mean, std)
    values = {
        "num_layers": 2, "units_1": 5, "units_2": 3, "bottleneck": 0, "learning_rate": 0.01,
        "batch_size": 16, "dropout": 0.0, "scaling": scaling,
    }  # fmt: skip
    training = Training(space, windows)
    weights = training.build(values, seed=1).get_weights()
    rows = windows.parts["validation"]
    inputs, emitted = read_and_emitted(scaling, windows, rows)
    final = lstm_states(weights, inputs).layers[-1][:, -1]
    readout = (final @ weights[-2] + weights[-1]).reshape(emitted.shape)
    forecast = training.predict(values, weights, rows)
    # One straight line from what the readout emits to z serves forecasts and targets alike.
    slope = windows.scaler.std[0] if scaling == "none" else 1
    np.testing.assert_allclose(
        (readout - emitted) / slope, forecast - windows.targets(rows), rtol=1e-3, atol=2e-5
    )


def test_the_sentences_tell_effective_widths_and_each_boundary():
    rng = np.random.default_rng(0)
    inputs, weights = rng.normal(size=(600, 8, 1)), []
    for before, units in ((1, 6), (6, 2)):
        weights += [
            rng.normal(size=(before, 4 * units)),
            rng.normal(size=(units, 4 * units)),
            np.zeros(4 * units),
        ]
    sample = Sample(inputs, inputs[:, -1], span=9)
    said = sentences(measure(lstm_states(weights, inputs), sample))
    assert said[0].startswith("Units that do different work, layer by layer: ")
    assert said[0].endswith(" of 2.")
    assert len(said) == 2 and ". Layer 2 (2 units)" in said[1]


def test_the_same_windows_are_measured_each_time(windows):
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=shape) for shape in ((2, 16), (4, 16), 16, (4, 2), 2)]
    first, again = (narrowing_of({"scaling": "last"}, weights, Samples(windows)) for _ in range(2))
    assert first.to_plain() == again.to_plain()
    assert first.rows == len(windows.parts["validation"])
