"""Which models `NarrowingProbe` measures, and that the states it reads are what Keras' own layers hand on."""

import keras
import numpy as np
import pytest
from keras import layers

from narrows.callbacks.model_states import ModelStates

LOOKBACK = 9
WINDOW = (LOOKBACK, 2)


@keras.saving.register_keras_serializable("narrows_tests")
class Leaky(layers.Layer):
    """A cell of one's own: its output is not its state."""

    state_size, output_size = 5, 3

    def __init__(self):
        super().__init__()
        self.enter, self.leave = layers.Dense(5), layers.Dense(3)

    def build(self, shape):
        self.enter.build(shape)
        self.leave.build((None, 5))

    def call(self, x, states):
        state = 0.5 * states[0] + keras.ops.tanh(self.enter(x))
        return self.leave(state), [state]


class Twice(layers.LSTM):
    """A layer of one's own, that does more than its cell."""

    def call(self, sequences, initial_state=None, mask=None, training=False):
        return 2 * super().call(sequences, initial_state, mask, training)


@pytest.fixture(scope="module")
def x():
    """Windows whose first two rows are all zeros: what a mask leaves out."""
    windows = np.random.default_rng(0).normal(size=(40, *WINDOW)).astype("float32")
    windows[:, :2] = 0
    return windows


def sequential(*stack):
    return keras.Sequential([keras.Input(WINDOW), *stack, layers.Dense(1)])


def drawn(model):
    """The model with weights of which none is 0, so that no bias is left out unseen."""
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 0.4, weight.shape) for weight in model.get_weights()])
    return model


def states(model, x):
    return ModelStates(model).states(x)


KINDS = {
    "LSTM": lambda last: layers.LSTM(4, return_sequences=not last),
    "GRU": lambda last: layers.GRU(4, return_sequences=not last),
    "GRU, reset before": lambda last: layers.GRU(4, reset_after=False, return_sequences=not last),
    "SimpleRNN": lambda last: layers.SimpleRNN(4, return_sequences=not last),
    "relu": lambda last: layers.LSTM(4, activation="relu", return_sequences=not last),
    "unrolled": lambda last: layers.LSTM(4, unroll=True, return_sequences=not last),
    "backwards": lambda last: layers.LSTM(4, go_backwards=True, return_sequences=not last),
    "dropout": lambda last: layers.LSTM(4, dropout=0.5, recurrent_dropout=0.5, return_sequences=not last),
    "RNN(LSTMCell)": lambda last: layers.RNN(layers.LSTMCell(4), return_sequences=not last),
    "RNN(GRUCell)": lambda last: layers.RNN(layers.GRUCell(4), return_sequences=not last),
    "RNN(cell of one's own)": lambda last: layers.RNN(Leaky(), return_sequences=not last),
    "half precision": lambda last: layers.LSTM(4, dtype="mixed_float16", return_sequences=not last),
    "bfloat16": lambda last: layers.GRU(4, dtype="mixed_bfloat16", return_sequences=not last),
}
MASKS = {"no mask": [], "mask": [layers.Masking()]}


@pytest.mark.parametrize("masking", MASKS.values(), ids=MASKS.keys())
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_the_states_of_a_layer_are_those_that_it_hands_on_when_it_returns_sequences(x, kind, masking):
    """The last layer hands on one state alone; the same layer is asked for all of them, with its weights."""
    masks = [type(layer)() for layer in masking]
    model = drawn(sequential(*masks, kind(last=False), kind(last=True)))
    told = keras.Sequential(
        [keras.Input(WINDOW), *[type(layer)() for layer in masking], kind(False), kind(False)]
    )
    told.set_weights(model.get_weights()[:-2])
    found = states(model, x)
    first, second = (layer for layer in told.layers if isinstance(layer, layers.RNN))
    theirs = keras.Model(told.inputs[0], [first.output, second.output])(x)
    exact = {"atol": 1e-5} if first.compute_dtype == "float32" else {"atol": 0.05}
    np.testing.assert_allclose(found.layers[0], np.asarray(theirs[0], "float32")[:, -7:], **exact)
    np.testing.assert_allclose(found.layers[1], np.asarray(theirs[1], "float32")[:, -7:], **exact)
    assert found.layers[1].dtype == np.float32
    assert found.sequences == (True, False) and not found.around
    np.testing.assert_allclose(found.inputs, x, atol=1e-2)


@pytest.mark.parametrize("masking", [False, True])
@pytest.mark.parametrize("whole", [False, True], ids=["last state", "sequences"])
def test_both_directions_stand_side_by_side_each_in_the_order_in_which_it_reads(x, whole, masking):
    both = layers.Bidirectional(layers.LSTM(3, return_sequences=whole))
    model = drawn(sequential(*[layers.Masking()] * masking, both, *[layers.LSTM(2)] * whole))
    found = states(model, x)
    out = keras.Model(model.inputs[0], both.output)(x).numpy()
    assert ModelStates(model).units[0] == 6
    if whole:
        np.testing.assert_allclose(found.layers[0][..., :3], out[:, -7:, :3], atol=1e-6)
        np.testing.assert_allclose(found.layers[0][..., 3:], out[:, :7, 3:][:, ::-1], atol=1e-6)
    else:
        np.testing.assert_allclose(found.layers[0][:, -1], out, atol=1e-6)
        alone = layers.LSTM(3, go_backwards=True, return_sequences=True)
        backward = keras.Sequential([keras.Input(WINDOW), *[layers.Masking()] * masking, alone])
        backward.set_weights(both.backward_layer.get_weights())
        np.testing.assert_allclose(found.layers[0][..., 3:], backward(x).numpy()[:, -7:], atol=1e-6)


@pytest.mark.parametrize("masking", [False, True])
def test_a_stack_of_cells_is_a_stack_of_layers(x, masking):
    cells = layers.RNN([layers.LSTMCell(4), layers.GRUCell(2), layers.LSTMCell(5)])
    model = drawn(sequential(*[layers.Masking()] * masking, cells))
    found = states(model, x)
    assert [layer.shape[2] for layer in found.layers] == [4, 2, 5]
    assert found.sequences == (True, True, False)
    out = keras.Model(model.inputs[0], cells.output)(x).numpy()
    np.testing.assert_allclose(found.layers[2][:, -1], out, atol=1e-6)
    # The first cell alone, as a layer of its own with the same weights.
    first = keras.Sequential([keras.Input(WINDOW), *[layers.Masking()] * masking, layers.LSTM(4)])
    first.set_weights(model.get_weights()[:3])
    np.testing.assert_allclose(found.layers[0][:, -1], first(x).numpy(), atol=1e-6)


NESTED = {
    "the stack": lambda: sequential(
        keras.Sequential([layers.LSTM(4, return_sequences=True, name="first"), layers.LSTM(3, name="second")])
    ),
    "one layer each": lambda: sequential(
        keras.Sequential([layers.LSTM(4, return_sequences=True, name="first")]),
        keras.Sequential([layers.Dropout(0.1), layers.LSTM(3, name="second")]),
    ),
    "two walls": lambda: sequential(
        layers.LSTM(4, return_sequences=True, name="first"),
        keras.Sequential([keras.Sequential([layers.LSTM(3, name="second")]), layers.Dense(2)]),
    ),
    "masked outside": lambda: sequential(
        layers.Masking(),
        keras.Sequential(
            [layers.LSTM(4, return_sequences=True, name="first"), layers.LSTM(3, name="second")]
        ),
    ),
    "masked inside": lambda: sequential(
        keras.Sequential([layers.Masking(), layers.LSTM(4, return_sequences=True, name="first")]),
        layers.LSTM(3, name="second"),
    ),
}


def found_inside(model, name):
    return next(layer for layer in model._flatten_layers() if layer.name == name)


@pytest.mark.parametrize("build", NESTED.values(), ids=NESTED.keys())
@pytest.mark.filterwarnings(
    "ignore:.*was passed an input with a mask attached"
)  # Keras' own, of `masked outside`
def test_layers_of_models_inside_a_model_are_measured(x, build):
    """Held against the same layers in one flat model, and against what the model makes of its state."""
    model = drawn(build())
    masked = any(isinstance(layer, layers.Masking) for layer in model._flatten_layers())
    flat = keras.Sequential(
        [
            keras.Input(WINDOW),
            *[layers.Masking()] * masked,
            layers.LSTM(4, return_sequences=True),
            layers.LSTM(3, return_sequences=True),
        ]
    )
    flat.set_weights(found_inside(model, "first").get_weights() + found_inside(model, "second").get_weights())
    found = states(model, x)
    theirs = keras.Model(flat.inputs[0], [layer.output for layer in flat.layers[-2:]])(x)
    np.testing.assert_allclose(found.layers[0], theirs[0].numpy()[:, -7:], atol=1e-6)
    np.testing.assert_allclose(found.layers[1], theirs[1].numpy()[:, -7:], atol=1e-6)
    assert found.sequences == (True, False) and not found.around
    np.testing.assert_array_equal(found.inputs, x)
    dense = [layer for layer in model._flatten_layers() if isinstance(layer, layers.Dense)]
    made = found.layers[1][:, -1]
    for layer in sorted(dense, key=lambda layer: layer.kernel.shape[0], reverse=True):
        made = layer(made)
    np.testing.assert_allclose(made, model(x), atol=1e-5)


def functional(build):
    """A model of a window; `build` tells what it makes of it."""
    window = keras.Input(WINDOW, name="window")
    return keras.Model(window, build(window), name="net")


def lstm(units, name, whole=True, **told):
    return layers.LSTM(units, return_sequences=whole, name=name, **told)


def head(*tensors):
    return layers.Dense(1, name="head")(
        tensors[0] if len(tensors) == 1 else layers.Concatenate(name="joined")(tensors)
    )


def test_a_last_state_taken_from_what_a_layer_returns_besides_is_the_last_state_alone(x):
    def build(window):
        _, state = layers.GRU(4, return_sequences=True, return_state=True)(window)
        return head(state)

    assert states(functional(build), x).sequences == (False,)


def test_a_layer_of_ones_own_that_returns_sequences_is_read_as_it_is(x):
    model = drawn(sequential(Twice(3, name="own", return_sequences=True), lstm(2, "last", whole=False)))
    told = keras.Model(model.inputs[0], model.get_layer("own").output)(x)
    np.testing.assert_allclose(states(model, x).layers[0], told.numpy()[:, -7:], atol=1e-6)


ONE_INPUT = {
    "as a list": lambda window, y: keras.Model([window], y),
    "as a dict": lambda window, y: keras.Model({"window": window}, y),
    "of a fixed batch": lambda window, y: keras.Model(window, y),
}


@pytest.mark.parametrize("kind", ONE_INPUT)
def test_one_input_is_read_however_the_model_wants_it_given(x, kind):
    window = keras.Input(batch_shape=(20 if kind == "of a fixed batch" else None, *WINDOW), name="window")
    plain = lstm(4, "first", whole=False)
    model = drawn(ONE_INPUT[kind](window, head(plain(window))))
    np.testing.assert_allclose(states(model, x).layers[0][:, -1], plain(x).numpy(), atol=1e-6)


def test_words_are_read_through_their_embedding_and_its_mask(x):
    tokens = np.random.default_rng(0).integers(0, 5, (40, LOOKBACK, 1)).astype("float32")
    embed, last = layers.Embedding(5, 3, mask_zero=True), layers.LSTM(4)
    model = drawn(
        keras.Sequential(
            [keras.Input((LOOKBACK, 1)), layers.Reshape((LOOKBACK,)), embed, lstm(4, "first"), last]
        )
    )
    found = states(model, tokens)
    np.testing.assert_allclose(found.inputs, embed(tokens[..., 0]).numpy(), atol=1e-6)
    np.testing.assert_allclose(found.layers[1][:, -1], model(tokens).numpy(), atol=1e-6)


def test_what_the_model_makes_of_a_window_is_told_where_it_has_one_output(x):
    def two(window):
        last = lstm(4, "last", whole=False)(window)
        return [layers.Dense(1, name="mean")(last), layers.Dense(1, name="spread")(last)]

    model = drawn(sequential(lstm(3, "last", whole=False)))
    np.testing.assert_allclose(states(model, x).outputs, model(x), atol=1e-6)
    assert states(functional(two), x).outputs is None


def test_one_layer_called_twice_is_two_layers(x):
    again = lstm(2, "again")
    model = drawn(functional(lambda window: head(layers.Flatten()(again(again(window))))))
    once, twice = states(model, x).layers
    np.testing.assert_allclose(once, again(x).numpy()[:, -7:], atol=1e-6)
    np.testing.assert_allclose(twice, again(again(x)).numpy()[:, -7:], atol=1e-6)


def test_weights_are_read_anew_and_the_model_stays_as_it_was(x):
    model = drawn(sequential(layers.LSTM(4, return_sequences=True), layers.LSTM(3)))
    reader, config, names = ModelStates(model), model.to_json(), [weight.path for weight in model.weights]
    before = reader.states(x).layers[1]
    model.set_weights([2 * weight for weight in model.get_weights()])
    after = reader.states(x).layers[1]
    assert np.abs(after - before).max() > 0.01
    np.testing.assert_allclose(after[:, -1], model.layers[1](model.layers[0](x)), atol=1e-6)
    assert model.to_json() == config and [weight.path for weight in model.weights] == names
    assert [len(layer._inbound_nodes) for layer in model.layers] == [1, 1, 1]


@pytest.mark.parametrize("walls", [False, True], ids=["flat", "inside a model"])
def test_a_mask_that_a_layer_is_given_by_hand_counts_as_its_own(x, walls):
    last = lstm(4, "last", whole=False)

    def build(window):
        return last(window, mask=keras.ops.any(window[..., :1] > 0.5, axis=-1))

    def wrapped(window):
        inner = keras.Input(WINDOW)
        return keras.Model(inner, build(inner))(window)

    model = drawn(functional(wrapped if walls else build))
    np.testing.assert_allclose(states(model, x).layers[0][:, -1], model(x).numpy(), atol=1e-6)


@pytest.mark.parametrize("kind", [layers.LSTM, lambda units: layers.Bidirectional(layers.LSTM(units))])
def test_a_layer_keeps_its_precision_whatever_is_set_for_new_ones(x, kind):
    model = drawn(sequential(kind(4)))
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        found = states(model, x).layers[0][:, -1]
    finally:
        keras.config.set_dtype_policy(before)
    np.testing.assert_allclose(found, keras.Model(model.inputs[0], model.layers[0].output)(x), atol=1e-6)
