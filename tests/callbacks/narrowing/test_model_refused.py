"""Models that `NarrowingProbe` does not measure, and what it says of each."""

import re

import keras
import pytest
from keras import layers

from narrows.callbacks.model_states import ModelStates
from narrows.search_spaces.errors import UserError

LOOKBACK = 9
WINDOW = (LOOKBACK, 2)


class Twice(layers.LSTM):
    """A layer of one's own, that does more than its cell."""

    def call(self, sequences, initial_state=None, mask=None, training=False):
        return 2 * super().call(sequences, initial_state, mask, training)


def sequential(*stack):
    return keras.Sequential([keras.Input(WINDOW), *stack, layers.Dense(1)])


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


REFUSED = {
    "stateful": (
        lambda: keras.Sequential(
            [keras.Input(batch_shape=(20, *WINDOW)), lstm(4, "kept", whole=False, stateful=True)]
        ),
        "'kept' (LSTM) is stateful: it goes on from the windows before",
    ),
    "stateful both ways": (
        lambda: keras.Sequential(
            [
                keras.Input(batch_shape=(20, *WINDOW)),
                layers.Bidirectional(layers.GRU(4, stateful=True), name="kept"),
            ]
        ),
        "'kept' (Bidirectional) is stateful",
    ),
    "ConvLSTM": (
        lambda: sequential(
            layers.Reshape((LOOKBACK, 2, 1)), layers.ConvLSTM1D(2, 1, name="film"), layers.Flatten()
        ),
        "'film' (ConvLSTM1D) reads pictures, not one row of numbers a step",
    ),
    "merged": (
        lambda: sequential(layers.Bidirectional(layers.LSTM(4), merge_mode="sum", name="both")),
        "'both' (Bidirectional) merges its directions by 'sum'; they are measured side by side, by 'concat'",
    ),
    "cells both ways": (
        lambda: sequential(
            layers.Bidirectional(layers.RNN([layers.LSTMCell(4), layers.LSTMCell(2)]), name="both")
        ),
        "'both' (Bidirectional) runs a stack of cells backwards; give the model a layer for each cell",
    ),
    "inside of a wrapper": (
        lambda: sequential(
            layers.Reshape((3, 3, 2)),
            layers.TimeDistributed(lstm(4, "days", whole=False), name="weeks"),
            lstm(3, "year", whole=False),
        ),
        "'weeks' (TimeDistributed) holds 'days' (LSTM) inside, where it cannot be read",
    ),
    "a stack inside of a wrapper": (
        lambda: sequential(
            layers.Reshape((3, 3, 2)),
            layers.TimeDistributed(keras.Sequential([lstm(4, "day", whole=False)]), name="weeks"),
            lstm(3, "year", whole=False),
        ),
        "'weeks' (TimeDistributed) holds 'day' (LSTM) inside, where it cannot be read",
    ),
    "a layer of one's own": (
        lambda: sequential(lstm(4, "first"), Twice(3, name="own")),
        "'own' (Twice) computes in a way of its own and hands on its last state alone",
    ),
    "initial states": (
        lambda: functional(
            lambda x: head(
                lstm(4, "decoder", whole=False)(x, initial_state=layers.LSTM(4, return_state=True)(x)[1:])
            )
        ),
        "'decoder' (LSTM) is given initial states, which are not measured",
    ),
    "initial states by position": (
        lambda: functional(
            lambda x: head(lstm(4, "decoder", whole=False)(x, layers.LSTM(4, return_state=True)(x)[1:]))
        ),
        "'decoder' (LSTM) is given initial states, which are not measured",
    ),
    "the cell's own state": (
        lambda: functional(lambda x: head(layers.LSTM(4, return_state=True, name="encoder")(x)[2])),
        "'encoder' (LSTM) hands on states of its cell besides its output, and these are not measured",
    ),
    "towers": (
        lambda: functional(lambda x: head(lstm(3, "left", whole=False)(x), lstm(3, "right", whole=False)(x))),
        "'left' and 'right' stand side by side: neither reads from the other",
    ),
    "two inputs": (
        lambda: keras.Model(
            [early := keras.Input(WINDOW, name="early"), late := keras.Input(WINDOW, name="late")],
            head(lstm(3, "first", whole=False)(layers.Add()([early, late]))),
            name="pair",
        ),
        "needs a model with one input, 'pair' has 2: early, late; put all that it reads into",
    ),
    "several faults": (
        lambda: keras.Sequential(
            [
                keras.Input(batch_shape=(20, *WINDOW)),
                lstm(4, "first", stateful=True),
                layers.Bidirectional(layers.LSTM(4), merge_mode="mul", name="second"),
            ]
        ),
        "each window must begin from zeros; 'second' (Bidirectional) merges",
    ),
}


@pytest.mark.parametrize("build, message", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_measured_is_refused_by_name(build, message):
    with pytest.raises(UserError, match=re.escape(message)):
        ModelStates(build())
