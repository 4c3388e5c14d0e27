"""What the gates of a stack of LSTM layers do at chosen steps of a few windows, from its weights, in NumPy.

    z_t = x_t K + h_{t-1} R + b        i, f, o = sigmoid(z)    g = tanh(z)
    c_t = f c_{t-1} + i g              h_t = o tanh(c_t)

Keras has the columns of K, R and b in the order input i, forget f, candidate g (there called c), output o.
For the measures, which need the last states of thousands of windows alone, `states` is quicker.

Source: Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000, as `keras.layers.LSTM`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Gates(NamedTuple):
    """One layer, float32 (windows, steps, units) each.

    Attributes:
        h: state, what the layer hands on; -1 to 1.
        c: cell state, its memory; any number.
        i: input gate, 0 to 1, as the other gates.
        f: forget gate.
        o: output gate.
    """

    h: np.ndarray
    c: np.ndarray
    i: np.ndarray
    f: np.ndarray
    o: np.ndarray


def lstm_gates(weights: Sequence[np.ndarray], inputs: np.ndarray, steps: Sequence[int]) -> list[Gates]:
    """Return the gates of each layer; each window starts from a state of zeros.

    Args:
        weights: kernel (d, 4 u), recurrent kernel (u, 4 u) and bias (4 u,) of each layer; what follows the
            last three of a kind, such as a readout, is not looked at.
        inputs: (windows, steps, channels), what the first layer reads.
        steps: places of the steps that are kept, from 0, rising.
    """
    layers = [
        [np.asarray(one, np.float32) for one in weights[k : k + 3]] for k in range(0, len(weights) - 2, 3)
    ]
    found = [Gates(*np.zeros((5, len(inputs), len(steps), len(one[1])), np.float32)) for one in layers]
    states = [np.zeros((2, len(inputs), len(one[1])), np.float32) for one in layers]
    places = {step: place for place, step in enumerate(steps)}
    for t, x in enumerate(np.asarray(inputs, np.float32).transpose(1, 0, 2)):
        for layer, state, kept in zip(layers, states, found, strict=True):
            step = _step(layer, x, state)
            state[:] = step.h, step.c
            if t in places:
                for array, values in zip(kept, step, strict=True):
                    array[:, places[t]] = values
            x = step.h
    return found


def _step(layer: Sequence[np.ndarray], x: np.ndarray, state: np.ndarray) -> Gates:
    """Return the gates, (windows, units), of one step from the state (h, c) before it."""
    kernel, recurrent, bias = layer
    h, c = state
    i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=1)
    i, f, o = _sigmoid(i), _sigmoid(f), _sigmoid(o)
    c = f * c + i * np.tanh(g)
    return Gates(o * np.tanh(c), c, i, f, o)


def _sigmoid(z: np.ndarray) -> np.ndarray:
    half: np.ndarray = np.tanh(z / 2)  # which, unlike exp, does not overflow
    return (half + 1) / 2
