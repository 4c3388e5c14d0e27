"""The Keras callback in plain `model.fit`, and the NumPy forward pass against Keras."""

import re

import keras
import numpy as np
import pytest
from keras import layers

from narrows.callbacks.model_states import ModelStates
from narrows.callbacks.narrowing import Sample, lstm_states
from narrows.callbacks.narrowing.measures.memory import Memory
from narrows.callbacks.narrowing.measures.redundancy import Redundancy
from narrows.callbacks.narrowing.measures.target import TargetProbe
from narrows.callbacks.narrowing.verdict import TOO_NARROW
from narrows.callbacks.narrowing_probe import NarrowingProbe
from narrows.search_spaces import Profile
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.network import build_network
from narrows.search_spaces.reading import Reading
from narrows.tuning.series.synthetic import make

LOOKBACK = 3


@pytest.fixture(scope="module")
def streams():
    """Windows of four streams, and the row that each must repeat, as inputs and targets."""
    values = make("synthetic:streams,n=4,rows=3000").values.astype("float32")
    x = values[:, 4:]
    return np.stack([x[row - LOOKBACK : row] for row in range(LOOKBACK, 3000)]), values[LOOKBACK:, :4]


def trained(model, data, probe, epochs=1, rate=0.02):
    x, y = data
    model.compile(keras.optimizers.Adam(rate), "mse")
    return model.fit(x, y, epochs=epochs, batch_size=32, verbose=0, callbacks=[probe])


@pytest.fixture
def small():
    rng = np.random.default_rng(0)
    return rng.normal(size=(300, 9, 2)).astype("float32"), rng.normal(size=(300, 1)).astype("float32")


@pytest.mark.parametrize("width, narrow", [(2, True), (4, False)])
def test_a_trained_last_layer_of_fewer_units_than_streams_is_too_narrow_one_of_as_many_is_not(
    streams, width, narrow
):
    x, y = streams
    keras.utils.set_random_seed(0)
    model = build_network(Profile((8, width)), (LOOKBACK, 4), (1, 4), seed=1)
    probe = NarrowingProbe(x[1500:], y[1500:], span=LOOKBACK + 1)
    trained(model, (x[:1500], y[:1500, None]), probe, epochs=8)
    (boundary,) = probe.narrowing.boundaries
    assert (boundary.verdict.word == TOO_NARROW) == narrow
    reads = probe.narrowing.layers[1][TargetProbe].instant
    assert reads.value == pytest.approx(min(width / 4, 1), abs=0.06)


def test_the_states_in_numpy_are_those_of_keras():
    model = build_network(Profile((6, 1, 9)), (20, 3), (4, 2), seed=3)
    weights = [
        weight + 0.3 * np.random.default_rng(0).normal(size=weight.shape) for weight in model.get_weights()
    ]
    model.set_weights(weights)
    x = np.random.default_rng(1).normal(size=(300, 20, 3)).astype("float32")
    ours = lstm_states(weights, x)
    lstm = [layer for layer in model.layers if isinstance(layer, layers.LSTM)]
    theirs = keras.Model(model.inputs, [layer.output for layer in lstm]).predict(x, verbose=0)
    np.testing.assert_allclose(ours.layers[0], theirs[0][:, -7:], atol=1e-5)
    np.testing.assert_allclose(ours.layers[1], theirs[1][:, -7:], atol=1e-5)
    np.testing.assert_allclose(ours.layers[2][:, -1], theirs[2], atol=1e-5)


def test_it_measures_while_a_model_trains_and_puts_the_summary_into_the_logs(small):
    model = keras.Sequential(
        [layers.LSTM(5, return_sequences=True), layers.Dropout(0.1), layers.GRU(3), layers.Dense(1)]
    )
    probe = NarrowingProbe(*small, every=1)
    history = trained(model, small, probe, epochs=2).history
    assert probe.narrowing.rows == 300
    assert [layer.units for layer in probe.narrowing.layers] == [5, 3]
    assert probe.narrowing.boundaries[0].handed_on == "instant"
    assert probe.narrowing.layers[0][Redundancy].saturated is None
    assert history["narrowest"] == [3, 3] and len(history["worst_kept"]) == 2
    assert history["effective_units_1"][0] != history["effective_units_1"][1]
    assert history["effective_units_2"][1] == pytest.approx(probe.narrowing.effective_widths[1])
    assert len(model.layers) == 4


@pytest.mark.parametrize(("loss", "name"), [("mse", "mse"), ("MAE", "mae"), (keras.losses.Huber(), "huber")])
def test_the_loss_is_that_of_the_model(small, loss, name, monkeypatch):
    found = []
    made = Sample.__init__
    monkeypatch.setattr(
        Sample, "__init__", lambda *given, **named: found.append(named.get("loss")) or made(*given, **named)
    )
    model = keras.Sequential([layers.LSTM(3), layers.Dense(1)])
    model.compile("adam", loss)
    model.fit(*small, epochs=1, verbose=0, callbacks=[NarrowingProbe(*small)])
    assert found[-1] == name


def test_a_study_is_asked_for_by_a_command_that_works_without_a_run(tmp_path):
    from typer.testing import CliRunner

    from narrows.tuning.cli import app

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 9, 2)), rng.normal(size=(60, 1))
    model = keras.Sequential([layers.LSTM(5, return_sequences=True), layers.GRU(3), layers.Dense(1)])
    probe = NarrowingProbe(x, y)
    trained(model, (x, y), probe)
    found = [probe.narrowing.entry, *probe.narrowing.boundaries]
    said = [re.search("narrows (study DATA .*)", one.verdict.sentence)[1] for one in found]
    assert said == [f"study DATA --profile 5-3 --layer {layer}" for layer in (1, 2)]

    command = said[1].replace("DATA", "synthetic:random_walk,rows=300").split()
    fast = ["--widths", "2,3", "--seeds", "3", "--rates", "1", "--steps", "2", "--out", str(tmp_path / "run")]
    ran = CliRunner().invoke(app, [*command, *fast], catch_exceptions=False)
    assert ran.exit_code == 0 and "layer 2 of 5-3" in ran.output.lower()


def test_the_own_r2_is_that_of_what_the_model_predicts(small):
    x, _ = small
    model = keras.Sequential([keras.Input((9, 2)), layers.LSTM(4), layers.Dense(1)])
    forecasts = model.predict(x, verbose=0)
    np.testing.assert_allclose(ModelStates(model).states(x).outputs, forecasts, atol=1e-6)
    for target, own in [(forecasts, 1), (forecasts.mean() + 2 * (forecasts - forecasts.mean()), 0.75)]:
        probe = NarrowingProbe(x, target)
        probe.set_model(model)
        probe.on_train_begin()
        probe.on_train_end()
        assert probe.narrowing.own.value == pytest.approx(own, abs=0.05)


def test_functional_models_are_read_whatever_their_layers_return(small):
    window = keras.Input((9, 2))
    x = layers.Dense(4)(window)
    x, *_ = layers.GRU(6, return_sequences=True, return_state=True)(x)
    x = layers.LayerNormalization()(x)
    x = layers.LSTM(4, return_sequences=True)(x)
    model = keras.Model(window, layers.Dense(1)(layers.Flatten()(x)))
    probe = NarrowingProbe(*small)
    trained(model, small, probe)
    assert probe.narrowing.boundaries[0].handed_on == "trajectory"
    states = probe._reader.states(small[0])
    dense, gru, lstm = model.layers[1], model.layers[2], model.layers[4]
    theirs = keras.Model(window, [dense.output, gru.output[0], lstm.output]).predict(small[0], verbose=0)
    np.testing.assert_allclose(states.inputs, theirs[0], atol=1e-6)
    np.testing.assert_allclose(states.layers[0], theirs[1][:, -7:], atol=1e-6)
    np.testing.assert_allclose(states.layers[1], theirs[2][:, -7:], atol=1e-6)


def test_an_encoder_hands_on_its_last_state_alone(small):
    model = keras.Sequential(
        [keras.Input((9, 2)), layers.LSTM(4), layers.RepeatVector(3), layers.LSTM(2, return_sequences=True)]
    )
    probe = NarrowingProbe(*small)
    probe.set_model(model)
    probe.on_train_begin()
    assert probe._reader.states(small[0]).sequences == (False, True)


def test_a_diverged_network_warns_and_has_no_narrowing(small):
    model = keras.Sequential([keras.Input((9, 2)), layers.LSTM(2), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.layers[0].set_weights([np.full_like(weight, np.nan) for weight in model.layers[0].get_weights()])
    probe = NarrowingProbe(*small)
    probe.set_model(model)
    probe.on_train_begin()
    with pytest.warns(UserWarning, match="measured nothing: the states of layer 1 hold NaN or infinity"):
        probe.on_train_end({})
    assert probe.narrowing is None


@pytest.mark.parametrize("which", ["inputs", "targets"])
def test_data_that_are_not_finite_are_refused_at_once(small, which):
    x, y = small
    {"inputs": x, "targets": y}[which].reshape(-1)[3] = np.nan
    with pytest.raises(UserError, match=f"needs finite x and y: the {which} hold NaN or infinity"):
        NarrowingProbe(x, y)


@pytest.mark.parametrize(
    "head, claimed",
    [
        ([layers.Dropout(0.1), layers.Dense(4)], True),
        ([layers.Dense(16, activation="relu"), layers.Dense(4)], False),
    ],
    ids=["linear", "not linear"],
)
def test_what_few_units_can_never_tell_is_claimed_of_linear_readouts_only(streams, head, claimed):
    x, y = streams
    model = keras.Sequential(
        [keras.Input((LOOKBACK, 4)), layers.LSTM(8, return_sequences=True), layers.LSTM(1), *head]
    )
    probe = NarrowingProbe(x[:1000], y[:1000], span=LOOKBACK + 1)
    probe.set_model(model)
    probe.on_train_begin()
    probe.on_train_end({})
    sentence = probe.narrowing.boundaries[0].verdict.sentence
    assert ("however it is trained, " in sentence) == claimed


def branches():
    window = keras.Input((9, 2))
    both = layers.concatenate([layers.LSTM(3, name="left")(window), layers.LSTM(3, name="right")(window)])
    return keras.Model(window, layers.Dense(1)(both))


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.lstm, self.dense = layers.LSTM(3), layers.Dense(1)

    def call(self, x):
        return self.dense(self.lstm(x))


REFUSED = {
    "without": (
        lambda: keras.Sequential([keras.Input((9, 2)), layers.Flatten(), layers.Dense(1)], name="plain"),
        "NarrowingProbe needs a model with LSTM or GRU layers, 'plain' has none among its layers: flatten",
    ),
    "branches": (branches, "'left' and 'right' stand side by side: neither reads from the other"),
    "of one's own class": (
        Own,
        "NarrowingProbe needs a Sequential or functional model with its LSTM or GRU layers in a row",
    ),
}


@pytest.mark.parametrize("build, message", REFUSED.values(), ids=REFUSED.keys())
def test_models_it_cannot_read_are_refused_before_they_train(small, build, message):
    probe = NarrowingProbe(*small)
    probe.set_model(build())
    with pytest.raises(UserError, match=re.escape(message)):
        probe.on_train_begin()


def pair():
    both = [keras.Input((9, 2), name="sales"), keras.Input((9, 2), name="weather")]
    return keras.Model(both, layers.Dense(1)(layers.LSTM(3)(layers.Add()(both))), name="pair")


UNTRAINED = {
    "list of inputs": (pair, lambda x: [x, x], "'pair' has 2: sales, weather"),
    "dict of inputs": (pair, lambda x: {"sales": x, "weather": x}, "'pair' has 2: sales, weather"),
    "another lookback": (
        lambda: keras.Sequential(
            [keras.Input((8, 2)), layers.Flatten(), layers.Reshape((8, 2)), layers.LSTM(3)]
        ),
        lambda x: x[:, 1:],
        "needs x as 'seq' reads it, (None, 8, 2); a first row of shape (9, 2) ended with: ",
    ),
}


@pytest.mark.parametrize("build, given, message", UNTRAINED.values(), ids=UNTRAINED.keys())
def test_what_the_model_cannot_make_of_x_ends_fit_before_it_trains(small, build, given, message):
    model, (x, y) = build(), small
    model.name = "pair" if build is pair else "seq"
    model.compile("sgd", "mse")
    batches = []
    count = keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: batches.append(batch))
    with pytest.raises(UserError, match=re.escape(message)):
        model.fit(given(x), y, verbose=0, callbacks=[NarrowingProbe(x, y), count])
    assert not batches


def test_a_model_whose_shapes_are_not_known_yet_is_built_for_x(small):
    inner = keras.Sequential([layers.Bidirectional(layers.GRU(2, return_sequences=True)), layers.LSTM(3)])
    probe = NarrowingProbe(*small)
    trained(keras.Sequential([inner, layers.Dense(1)]), small, probe)
    assert [layer.units for layer in probe.narrowing.layers] == [4, 3]


def test_inputs_that_fit_is_given_by_name_or_in_a_list_are_read_as_x(small):
    x, y = small
    for kind, given in (("dict", {"window": x}), ("list", [x])):
        window = keras.Input((9, 2), name="window")
        asked = {"window": window} if kind == "dict" else [window]
        model = keras.Model(asked, layers.Dense(1)(layers.LSTM(3)(window)))
        model.compile("sgd", "mse")
        probe = NarrowingProbe(x, y)
        model.fit(given, y, verbose=0, callbacks=[probe])
        assert [layer.units for layer in probe.narrowing.layers] == [3]


SEVERAL = {
    "a dict": (lambda x, y: ({"a": x, "b": x}, y), "x as one array of numbers, not as a dict of 'a', 'b'"),
    "lists of different shapes": (
        lambda x, y: ([x, x[:, 1:]], y),
        "x as one array of numbers, not as a list of arrays of different shapes",
    ),
    "a list": (lambda x, y: ([x, x], y), "and as many rows of y, not (2, 300, 9, 2) and (300, 1)"),
    "targets by name": (lambda x, y: (x, {"mean": y}), "y as one array of numbers, not as a dict of 'mean'"),
    "words": (lambda x, y: (x, y.astype(str)), "y as one array of numbers, not as a ndarray"),
    "an iterator": (lambda x, y: (iter(x), y), "x as one array of numbers, not as a "),
}


@pytest.mark.parametrize("given, message", SEVERAL.values(), ids=SEVERAL.keys())
def test_several_arrays_in_place_of_one_are_refused_at_once(small, given, message):
    with pytest.raises(UserError, match=re.escape(message)):
        NarrowingProbe(*given(*small))


@pytest.mark.parametrize("x, y", [((300, 9), (300,)), ((300, 9, 2), (299,)), ((0, 9, 2), (0,))])
def test_x_and_y_that_do_not_fit_are_refused(x, y):
    with pytest.raises(UserError, match=re.escape(f"as many rows of y, not {x} and {y}")):
        NarrowingProbe(np.zeros(x), np.zeros(y))


def test_the_memory_of_a_layer_that_reads_segments_is_told_in_rows(small):
    x, y = small
    reading = Reading.of({"segment": 3}, (9, 2), (1, 1))
    model = build_network(Profile((4,)), (9, 2), (1, 1), reading=reading)
    probe = NarrowingProbe(x, y[:, None])
    trained(model, (x, y[:, None]), probe, epochs=1)
    assert probe.narrowing.layers[0][Memory].lags == (0, 3, 6)


def test_a_model_that_makes_several_sequences_of_a_window_is_refused_as_training_begins(small):
    x, _ = small
    reading = Reading.of({"channels": "apart"}, (9, 2), (1, 2))
    model = build_network(Profile((4,)), (9, 2), (1, 2), reading=reading)
    with pytest.raises(UserError, match="makes 2 sequences of each, as of targets that are forecast apart"):
        trained(model, (x, x[:, -1:]), NarrowingProbe(x, x[:, -1:]), epochs=1)
