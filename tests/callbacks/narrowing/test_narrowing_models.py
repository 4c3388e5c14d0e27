"""Stacks of several kinds are measured, and a layer that something goes around is not blamed."""

import keras
import numpy as np
import pytest
from keras import layers

from narrows.callbacks import NarrowingProbe
from narrows.callbacks.model_states import ModelStates
from narrows.callbacks.narrowing.verdict import BYPASSED, NOTHING_LOST, NOTHING_TO_GAIN, TOO_NARROW
from narrows.tuning.series.synthetic import make

STEPS, CHANNELS = 9, 2


def window():
    return keras.Input((STEPS, CHANNELS), name="window")


def stack(*recurrent):
    return keras.Sequential([window(), *recurrent, layers.Dense(1)])


MEASURED = {
    "SimpleRNN": (lambda: stack(layers.SimpleRNN(5, return_sequences=True), layers.SimpleRNN(3)), (5, 3)),
    "RNN of one cell": (
        lambda: stack(layers.RNN(layers.LSTMCell(4), return_sequences=True), layers.RNN(layers.GRUCell(3))),
        (4, 3),
    ),
    "kinds side by side": (lambda: stack(layers.GRU(4, return_sequences=True), layers.LSTM(2)), (4, 2)),
    "masking before": (
        lambda: stack(layers.Masking(), layers.LSTM(4, return_sequences=True), layers.LSTM(2)),
        (4, 2),
    ),
    "dense steps between": (
        lambda: stack(
            layers.LSTM(4, return_sequences=True), layers.TimeDistributed(layers.Dense(3)), layers.LSTM(2)
        ),
        (4, 2),
    ),
}


@pytest.mark.parametrize("build, units", MEASURED.values(), ids=MEASURED.keys())
def test_stacks_of_these_kinds_are_measured_and_hold_what_keras_says(build, units):
    model = build()
    reader = ModelStates(model)
    assert reader.units == units
    x = np.random.default_rng(0).normal(size=(20, STEPS, CHANNELS)).astype("float32")
    states = reader.states(x)
    recurrent = [layer for layer in model.layers if isinstance(layer, layers.RNN)]
    last = keras.Model(model.inputs[0], recurrent[-1].output)(x)
    np.testing.assert_allclose(states.layers[-1][:, -1], last, atol=1e-6)
    np.testing.assert_allclose(states.outputs, model(x), atol=1e-6)
    assert states.around == ()


def test_a_layer_that_something_goes_around_is_not_blamed():
    """Four streams through a last layer of one unit; with the window beside it nothing is missing."""
    values = make("synthetic:streams,n=4,rows=2000").values.astype("float32")
    x = np.stack([values[row - 3 : row, 4:] for row in range(3, 2000)])
    y = values[3:, :4]
    words = {}
    for skips in (False, True):
        keras.utils.set_random_seed(0)
        given = keras.Input((3, 4))
        held = layers.LSTM(1)(layers.LSTM(8, return_sequences=True)(given))
        read = layers.concatenate([held, layers.Flatten()(given)]) if skips else held
        model = keras.Model(given, layers.Dense(4)(read))
        model.compile(keras.optimizers.Adam(0.02), "mse")
        probe = NarrowingProbe(x[1200:], y[1200:], span=4)
        model.fit(x[:1200], y[:1200], epochs=6, verbose=0, callbacks=[probe])
        words[skips] = probe.narrowing.boundaries[0].verdict.word
    assert words[False] == TOO_NARROW
    assert words[True] in (NOTHING_LOST, NOTHING_TO_GAIN, BYPASSED)
