"""Ways around a recurrent layer of a model are found, named, and those alone."""

import keras
import numpy as np
import pytest
from keras import layers

from narrows.callbacks.model_states import ModelStates

LOOKBACK = 9
WINDOW = (LOOKBACK, 2)


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(40, *WINDOW)).astype("float32")


def drawn(model):
    """The model with weights of which none is 0, so that no bias is left out unseen."""
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 0.4, weight.shape) for weight in model.get_weights()])
    return model


def states(model, x):
    return ModelStates(model).states(x)


def found_inside(model, name):
    return next(layer for layer in model._flatten_layers() if layer.name == name)


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


def in_a_row(x):
    return head(lstm(3, "second", whole=False)(lstm(4, "first")(x)))


def masked(x):
    return in_a_row(layers.Masking()(x))


def attention(x):
    first = lstm(4, "first")(x)
    second = lstm(4, "second")(first)
    return head(layers.Flatten()(layers.Attention(name="looks_back")([second, first])))


def residual(x):
    first = lstm(4, "first")(x)
    return head(lstm(3, "third", whole=False)(layers.Add(name="sum")([first, lstm(4, "second")(first)])))


def dense_skip(x):
    return head(lstm(3, "second", whole=False)(lstm(4, "first")(x)), layers.Dense(2)(layers.Flatten()(x)))


def input_again(x):
    first = lstm(4, "first")(x)
    return head(lstm(3, "second", whole=False)(layers.concatenate([first, x], name="again")))


def first_to_the_head(x):
    first = lstm(4, "first")(x)
    return head(lstm(3, "second", whole=False)(first), first[:, -1])


def by_operators(x):
    return head(lstm(3, "second", whole=False)(lstm(4, "first")(x))) + x[:, -1, :1]


def tower_without_memory(x):
    return head(
        lstm(3, "second", whole=False)(lstm(4, "first")(x)),
        layers.GlobalAveragePooling1D()(layers.Conv1D(2, 3)(x)),
    )


def twice_around(x):
    first = lstm(4, "first")(x)
    second = lstm(4, "second")(first)
    third = lstm(4, "third")(layers.Add(name="sum")([first, second]))
    return head(lstm(2, "last", whole=False)(layers.Add(name="late")([first, third])))


def skip_inside_a_model(x):
    return head(keras.Model(*_inner())(x))


def skip_around_a_model(x):
    inner = keras.Sequential([lstm(4, "first"), lstm(2, "second")], name="inner")
    return head(layers.Flatten()(layers.Add(name="sum")([x, inner(x)])))


def _inner():
    window = keras.Input(WINDOW)
    first = lstm(4, "first")(window)
    return window, layers.concatenate([lstm(3, "second", whole=False)(first), first[:, -1]], name="inside")


def two_outputs(x):
    first = lstm(4, "first")(x)
    return [
        layers.Dense(1, name="early")(first[:, -1]),
        layers.Dense(1, name="late")(lstm(3, "second", whole=False)(first)),
    ]


WAYS = {
    in_a_row: (),
    masked: (),
    residual: ("", "sum", ""),
    dense_skip: ("joined", "joined"),
    input_again: ("again", ""),
    first_to_the_head: ("", "joined"),
    by_operators: ("add", "add"),
    attention: ("", "looks_back"),
    tower_without_memory: ("joined", "joined"),
    twice_around: ("", "sum and late", "late", ""),
    skip_inside_a_model: ("", "inside"),
    skip_around_a_model: ("sum", "sum"),
    two_outputs: ("", "early"),
}


@pytest.mark.parametrize("build, around", WAYS.items(), ids=[build.__name__ for build in WAYS])
def test_ways_around_a_layer_are_found_and_named(x, build, around):
    keras.backend.clear_session(free_memory=False)  # Operators are numbered by session: `add`, `add_1`.
    found = states(functional(build), x)
    assert found.around == around


@pytest.mark.parametrize(
    "build", [build for build, around in WAYS.items() if around], ids=lambda build: build.__name__
)
def test_a_way_around_a_layer_is_one_that_carries_something(x, build):
    """By trial: with the layer silenced, the output tells windows apart where one is named, else not."""
    model = functional(build)
    for name, around in zip(("first", "second"), states(model, x).around, strict=False):
        drawn(model)
        silent = found_inside(model, name)
        silent.set_weights([np.zeros_like(weight) for weight in silent.get_weights()])
        made = np.concatenate(
            [np.reshape(part, (len(x), -1)) for part in keras.tree.flatten(model(x))], axis=1
        )
        assert (np.ptp(made, axis=0).max() > 1e-6) == bool(around), name


@pytest.mark.parametrize(
    "end, linear",
    [
        (lambda state: layers.Dense(2)(layers.Dropout(0.1)(state)), True),
        (lambda state: layers.Dense(2)(layers.Dense(8, activation="relu")(state)), False),
        (lambda state: layers.Dense(2)(keras.ops.relu(state)), False),
    ],
    ids=["linear", "layer", "operation"],
)
def test_a_readout_is_linear_only_where_all_after_the_stack_is_and_nothing_goes_around_it(end, linear, x):
    def build(window):
        return end(lstm(3, "last", whole=False)(layers.Dense(4, activation="relu")(window)))

    assert states(functional(build), x).linear_readout == linear
    assert not states(
        functional(lambda window: head(build(window), layers.Flatten()(window))), x
    ).linear_readout


def test_a_readout_is_not_called_linear_where_another_output_goes_around_the_stack(x):
    assert not states(functional(two_outputs), x).linear_readout
