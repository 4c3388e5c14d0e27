"""The NumPy forward pass against the equations of an LSTM, one window and one unit at a time."""

import numpy as np
import pytest

from narrows.callbacks.narrowing import lstm_states


def weights_of(units, channels, seed=0, scale=1.0):
    """Random weights in Keras' order, with the kernel and bias of a readout behind them."""
    rng, found = np.random.default_rng(seed), []
    for width in units:
        found += [
            rng.normal(0, scale, (channels, 4 * width)),
            rng.normal(0, scale / np.sqrt(width), (width, 4 * width)),
            rng.normal(0, scale, 4 * width),
        ]
        channels = width
    return [*found, rng.normal(size=(channels, 3)), np.zeros(3)]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def naive(weights, window):
    """States (time, units) and gates (time, 3, units) of each layer for one window, in float64."""
    found, x = [], window.astype(float)
    for kernel, recurrent, bias in zip(weights[0:-2:3], weights[1:-2:3], weights[2:-2:3], strict=True):
        h = c = np.zeros(len(recurrent))
        states, gates = [], []
        for x_t in x:
            i, f, g, o = np.split(x_t @ kernel + h @ recurrent + bias, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            states.append(h)
            gates.append([sigmoid(i), sigmoid(f), sigmoid(o)])
        x = np.array(states)
        found.append((x, np.array(gates)))
    return found


@pytest.mark.parametrize("units, lookback", [((5,), 9), ((6, 1, 4), 12), ((3, 3), 4), ((2,), 1)])
def test_states_and_saturation_are_those_of_the_equations(units, lookback):
    rng = np.random.default_rng(1)
    weights, inputs = weights_of(units, 2, scale=2.0), rng.normal(size=(7, lookback, 2)).astype(np.float32)
    found = lstm_states(weights, inputs)
    steps = min(7, lookback)
    for layer in range(len(units)):
        states, gates = (
            np.array(parts)
            for parts in zip(*(naive(weights, window)[layer] for window in inputs), strict=True)
        )
        assert found.layers[layer].dtype == np.float32
        np.testing.assert_allclose(found.layers[layer], states[:, -steps:], atol=2e-6)
        shares = [(gates[:, -steps:] < 0.1).mean(axis=(0, 1)), (gates[:, -steps:] > 0.9).mean(axis=(0, 1))]
        np.testing.assert_allclose(found.saturated[layer], shares)


def test_windows_do_not_depend_on_those_beside_them():
    weights, inputs = weights_of((4, 2), 3), np.random.default_rng(2).normal(size=(600, 5, 3))
    every = lstm_states(weights, inputs)
    for part in (slice(0, 1), slice(250, 270), slice(599, 600)):
        alone = lstm_states(weights, inputs[part])
        for one, other in zip(alone.layers, every.layers, strict=True):
            np.testing.assert_allclose(one, other[part], atol=1e-6)


def test_the_inputs_are_kept_as_the_first_layer_reads_them():
    inputs = np.random.default_rng(3).normal(size=(4, 6, 2))
    found = lstm_states(weights_of((3,), 2), inputs)
    np.testing.assert_array_equal(found.inputs, inputs.astype(np.float32))


def test_outputs_are_what_the_readout_makes_of_the_last_state():
    rng = np.random.default_rng(1)
    weights, inputs = weights_of((5, 4), 2), rng.normal(size=(7, 9, 2)).astype(np.float32)
    weights[-1] = rng.normal(size=3)
    found = lstm_states(weights, inputs)
    by_hand = [naive(weights, window)[-1][0][-1] @ weights[-2] + weights[-1] for window in inputs]
    np.testing.assert_allclose(found.outputs, by_hand, atol=1e-5)
    assert lstm_states(weights[:-2], inputs).outputs is None
