"""What a search says of the widths of its best trial."""

import numpy as np
import pytest

from narrows.callbacks.narrowing import Sample, lstm_states, measure
from narrows.callbacks.narrowing.measures.memory import Memory
from narrows.callbacks.narrowing.measures.target import TargetProbe
from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.linear import stack_weights
from narrows.tuning.answers.widths import reads, sentences
from narrows.tuning.engines.keras.training import Training
from narrows.tuning.models.measuring import narrowing_of
from narrows.tuning.models.samples import Reads, Samples
from narrows.tuning.series.epoch_rows import measured_rows
from narrows.tuning.series.series import Series
from narrows.tuning.series.shaped import shaped
from narrows.tuning.series.windows import Windows

ONE_LAYER = {"num_layers": 1, "units_1": 4, "scaling": "standard"}


@pytest.fixture(scope="module")
def windows():
    t = np.arange(500)
    noise = np.random.default_rng(0).normal(size=(t.size, 2))
    values = np.stack([5 + 2 * np.sin(t / 4), np.cos(t / 7)], axis=1) + 0.1 * noise
    return Windows(Series("w", ("a",), values, features=("b",)), lookback=6, horizon=2, split="0.5,0.4,0.1")


@pytest.fixture(scope="module")
def two(windows):
    """The same with two targets, which may be apart, and a feature."""
    values = np.column_stack([windows.series.values, np.sin(np.arange(500) / 3)])
    return Windows(Series("two", ("a", "b"), values, features=("c",)), 6, 2, "0.5,0.4,0.1")


READ = [{}, {"segment": 3}, {"channels": "apart"}, {"segment": 2, "channels": "apart"}]


@pytest.mark.parametrize("read", READ)
@pytest.mark.parametrize("linear", ["none", "ridge"])
@pytest.mark.parametrize("scaling", ["standard", "last", "none"])
def test_states_and_readout_give_what_the_model_forecasts_however_it_reads(two, scaling, linear, read):
    windows = two
    space = shaped(StackedLSTM(linear=linear, segment=read.get("segment", 1)), windows)
    values = {
        "num_layers": 2, "units_1": 5, "units_2": 3, "bottleneck": 0, "learning_rate": 0.01,
        "batch_size": 16, "dropout": 0.0, "scaling": scaling, "linear": linear, **read,
    }  # fmt: skip
    training = Training(space, windows)
    weights = training.build(values, seed=1).get_weights()
    weights[6] = np.random.default_rng(2).normal(size=weights[6].shape).astype(np.float32)
    rows = windows.parts["validation"]
    inputs, emitted = Samples(windows, "mse").read_and_emitted(Reads.of(values, windows), rows)
    final = lstm_states(stack_weights(weights, 2), inputs).layers[-1][:, -1]
    readout = (final @ weights[6] + weights[7]).reshape(emitted.shape)
    error = training.predict(values, weights, rows) - windows.targets(rows)
    # One straight line from what the readout emits to z serves forecasts and targets alike.
    error *= windows.scaler.std[:2] if scaling == "none" else 1
    missed = readout - emitted
    if "channels" in read:
        missed = missed.reshape(len(rows), 2, 2).transpose(0, 2, 1)
    np.testing.assert_allclose(missed, error, rtol=1e-3, atol=2e-5)


def test_targets_apart_are_measured_as_windows_of_one_time(two):
    weights = [np.random.default_rng(0).normal(size=shape) for shape in ((4, 16), (4, 16), 16, (4, 2), 2)]
    values = ONE_LAYER | {"segment": 2, "channels": "apart"}
    samples = Samples(two, "mse")
    sample = samples.of(values, weights)
    rows = len(two.parts["validation"])
    assert sample.inputs.shape == (2 * rows, 3, 4) and sample.targets.shape == (2 * rows, 2)
    # None is learned from at a time at which another is judged.
    assert not set(sample.split.train // 2) & set(sample.split.test // 2)
    found = narrowing_of(values, weights, samples, full=True)
    assert found.rows == 2 * rows and found.layers[0][Memory].lags == (0, 2, 4)


def test_what_a_state_stands_for_is_said_where_it_is_not_a_row_of_all_columns():
    assert reads({}, 1) == reads({"segment": 1, "channels": "together"}, 3) == []
    assert reads({"channels": "apart"}, 1) == []
    segment, apart = reads({"segment": 24, "channels": "apart"}, 7)
    assert segment.startswith("The LSTM reads 24 rows at a step")
    assert apart.startswith("Each of the 7 targets is forecast by itself")


def test_the_sentences_tell_the_units_in_use_and_each_layer():
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
    assert len(said) == 3 and ". Layer 1 (6 units)" in said[1] and ". Layer 2 (2 units)" in said[2]


def test_the_same_windows_are_measured_each_time(windows):
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=shape) for shape in ((2, 16), (4, 16), 16, (4, 2), 2)]
    first, again = (
        narrowing_of(ONE_LAYER | {"scaling": "last"}, weights, Samples(windows, "mse")) for _ in range(2)
    )
    assert first.to_plain() == again.to_plain()
    assert first.rows == len(windows.parts["validation"])


def panel(series=20, rows=160, timed=True):
    """Series of common shocks and a little noise of their own: nothing to be learned."""
    rng = np.random.default_rng(0)
    values = np.tile(rng.normal(size=rows), series) + 0.1 * rng.normal(size=series * rows)
    return Series(
        "panel",
        ("y",),
        values[:, None],
        starts=np.arange(series) * rows,
        ids=tuple(map(str, range(series))),
        times=np.tile(np.arange(rows), series) if timed else None,
    )


@pytest.mark.parametrize("timed", [True, False])
def test_shocks_that_many_series_share_are_nothing_that_can_be_read(timed):
    rng = np.random.default_rng(0)
    windows = Windows(panel(timed=timed), lookback=6, horizon=1, split="0.2,0.7,0.1")
    weights = [rng.normal(size=shape) for shape in ((1, 128), (32, 128), 128, (32, 1), 1)]
    found = narrowing_of(ONE_LAYER, weights, Samples(windows, "mse"), full=True)
    # Where the same days stood on both sides of the split it was above 0.1.
    assert found.layers[0][TargetProbe].instant.value < 0.05


def test_windows_of_series_that_take_turns_share_rows_for_longer():
    times = np.concatenate([np.arange(0, 400, 2), np.arange(1, 400, 2)])
    values = np.random.default_rng(0).normal(size=(400, 1))
    series = Series("turns", ("y",), values, starts=np.array([0, 200]), ids=("a", "b"), times=times)
    windows = Windows(series, lookback=6, horizon=2, split="0.1,0.8,0.1")
    sample = Samples(windows, "mse").of(ONE_LAYER, [np.zeros((1, 16)), np.zeros((4, 16))] + [0] * 3)
    rows = measured_rows(windows, len(sample.targets))
    assert (np.diff(windows.moments[rows]) == 1).all()
    train, test = (windows.moments[rows][part] for part in (sample.split.train, sample.split.test))
    # The 8 rows of a window are 15 steps apart, and the other series knows nothing of them.
    assert np.abs(train[:, None] - test).min() >= 15


def test_a_network_is_held_against_what_training_windows_tell():
    # From the validation part on, the series goes on the other way: what it was tells nothing of what it is.
    rng = np.random.default_rng(0)
    x = rng.normal(size=1000)
    y = np.roll(x, 1) * np.where(np.arange(1000) < 500, 1, -1)
    windows = Windows(
        Series("turned", ("y",), np.stack([y, x], axis=1), features=("x",)), 4, 1, "0.5,0.4,0.1"
    )
    weights = [rng.normal(size=shape) for shape in ((2, 16), (4, 16), 16, (4, 1), 1)]
    sample = Samples(windows, "mse").of(ONE_LAYER, weights)
    assert sample.told.estimate.value == pytest.approx(-3, abs=0.3)
    within = Sample(sample.inputs, sample.targets, span=5)
    assert within.told.estimate.value > 0.99


@pytest.mark.parametrize(("loss", "told"), [("mse", (0.0, 0.5)), ("mae", (0.85, 1.0))])
def test_networks_that_mind_outliers_little_are_measured_without_them(loss, told):
    rng = np.random.default_rng(0)
    x = rng.normal(size=4000)
    y = np.roll(x, 1) + np.where(rng.random(4000) < 0.01, rng.choice((-30, 30), 4000), 0)
    windows = Windows(Series("spiky", ("y",), np.stack([y, x], axis=1), features=("x",)), 4, 1, "0.5,0.4,0.1")
    weights = [rng.normal(size=shape) for shape in ((2, 16), (4, 16), 16, (4, 1), 1)]
    sample = Samples(windows, loss).of(ONE_LAYER, weights, full=True)
    assert told[0] <= sample.told.estimate.value <= told[1]
