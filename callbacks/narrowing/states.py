"""The states of a stack of LSTM layers, from its weights, in NumPy.

    z_t = x_t K + h_{t-1} R + b        i, f, o = sigmoid(z)    g = tanh(z)
    c_t = f c_{t-1} + i g              h_t = o tanh(c_t)

Gates stand in Keras' order: input i, forget f, candidate g, output o. All layers walk the window
together, a few hundred windows at a time, so that what a step needs stays in the processor's cache;
only the last `steps` states are kept. With sigmoid(z) = (tanh(z / 2) + 1) / 2 all gates of a step are
one call of tanh.

Source: Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000, as `keras.layers.LSTM`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

STEPS = 7
"""How many of the last states make a trajectory: the present one and six before it."""

WINDOWS_AT_ONCE = 512
SHUT, OPEN = 0.1, 0.9
"""A gate below is left-saturated, one above right-saturated (Karpathy, Johnson & Li 2015)."""


@dataclass(frozen=True, eq=False)
class States:
    """What a stack of recurrent layers saw and held at the end of each window.

    Args:
        inputs: float32 (rows, lookback, channels), what the first layer reads, oldest first.
        layers: for each layer float32 (rows, steps, units), its last states; the last one is the
            present. Every layer has the same number of steps, at least 1.
        saturated: for each layer float (2, 3, units): the share of the kept steps in which the input,
            forget and output gate is left-saturated ([0]) or right-saturated ([1]); None where the
            gates are not known.
        sequences: for each layer whether what follows it reads all its states, not the last one alone;
            empty where every layer but the last is read whole.
        linear_readout: whether the targets are a linear function of the last layer's present state.
        outputs: float (rows, outputs), what the network makes of each window, in the unit of the targets;
            None where that is not known.
        around: for each layer where something that went around it comes back in, so that the forecast sees
            what it reads by another way too: the names of the layers there, such as `add`; "" for a layer
            that nothing goes around. Empty where nothing goes around any.
    """

    inputs: np.ndarray
    layers: tuple[np.ndarray, ...]
    saturated: tuple[np.ndarray, ...] | None = None
    sequences: tuple[bool, ...] = ()
    linear_readout: bool = True
    outputs: np.ndarray | None = None
    around: tuple[str, ...] = ()


def lstm_states(weights: Sequence[np.ndarray], inputs: np.ndarray, steps: int = STEPS) -> States:
    """Return the states of a stacked LSTM; each window starts from a state of zeros.

    Args:
        weights: kernel (d, 4 u), recurrent kernel (u, 4 u) and bias (4 u,) of each layer, in Keras'
            order, then kernel and bias of a linear readout, if there is one.
        inputs: (rows, lookback, channels), what the first layer reads. Scaling inside of a model
            (`last`, `none`) is to be done before.
        steps: how many last states to keep; a shorter lookback keeps all.

    Returns:
        `States` with the gates' saturation; float32, equal to Keras to rounding (about 1e-6).
    """
    inputs = np.ascontiguousarray(inputs, np.float32)
    layers = [_Layer(*weights[first : first + 3]) for first in range(0, len(weights) // 3 * 3, 3)]
    rows, lookback, _ = inputs.shape
    steps = min(steps, lookback)
    kept = tuple(np.empty((rows, steps, layer.units), np.float32) for layer in layers)
    counts = tuple(np.zeros((2, 3, layer.units)) for layer in layers)
    for start in range(0, rows, WINDOWS_AT_ONCE):
        part = slice(start, start + WINDOWS_AT_ONCE)
        _walk(layers, inputs[part], [states[part] for states in kept], counts)
    readout = weights[len(layers) * 3 :]
    return States(
        inputs,
        kept,
        tuple(count / max(rows * steps, 1) for count in counts),
        outputs=kept[-1][:, -1] @ readout[0] + readout[1] if len(readout) == 2 else None,
    )


def _walk(
    layers: Sequence[_Layer], x: np.ndarray, kept: Sequence[np.ndarray], counts: Sequence[np.ndarray]
) -> None:
    """Walk some windows from the first step to the last; write the states, count the gates."""
    running = [_Running(layer, len(x)) for layer in layers]
    first = x.shape[1] - kept[0].shape[1]
    by_step = np.ascontiguousarray(x.transpose(1, 2, 0))
    for t, below in enumerate(by_step):
        for layer, states, count in zip(running, kept, counts, strict=True):
            below = layer.step(below)
            if t >= first:
                states[:, t - first] = below.T
                layer.count(count)


class _Layer:
    """The weights of one layer as one matrix for (x, h, 1), the sigmoid gates' rows halved."""

    def __init__(self, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray) -> None:
        self.units = len(recurrent)
        self.inputs = len(kernel)
        halves = np.repeat(np.array([0.5, 0.5, 1, 0.5], np.float32), self.units)
        matrix = np.concatenate([kernel, recurrent, bias[None]]).astype(np.float32) * halves
        self.matrix = np.ascontiguousarray(matrix.T)


class _Running:
    """A layer on its way through some windows; its arrays are used again at each step.

    Windows are the last axis, so that a gate of few units is still one long stretch of memory.
    """

    def __init__(self, layer: _Layer, windows: int) -> None:
        self.layer, units = layer, layer.units
        self.read = np.zeros((layer.inputs + units + 1, windows), np.float32)
        self.read[-1] = 1
        self.z = np.empty((4 * units, windows), np.float32)
        self.c = np.zeros((units, windows), np.float32)
        self.work = np.empty((units, windows), np.float32)

    def step(self, x: np.ndarray) -> np.ndarray:
        """Return h_t, (units, windows), a view that the next step overwrites.

        A gate is half of tanh + 1, so c_t = ((t_f + 1) c + (t_i + 1) g) / 2, and h_t likewise.
        """
        units, inputs = self.layer.units, self.layer.inputs
        self.read[:inputs] = x
        np.matmul(self.layer.matrix, self.read, out=self.z)
        np.tanh(self.z, out=self.z)
        i, f, g, o = self.z.reshape(4, units, -1)
        np.add(f, 1, out=self.work)
        self.c *= self.work
        np.add(i, 1, out=self.work)
        self.work *= g
        self.c += self.work
        self.c *= 0.5
        h = self.read[inputs : inputs + units]
        np.tanh(self.c, out=self.work)
        np.add(o, 1, out=h)
        h *= self.work
        h *= 0.5
        return h

    def count(self, total: np.ndarray) -> None:
        """Add to `total` (2, 3, units) how many windows have each gate shut, and open."""
        gates = self.z.reshape(4, self.layer.units, -1)[[0, 1, 3]]
        total[0] += np.count_nonzero(gates < 2 * SHUT - 1, axis=2)
        total[1] += np.count_nonzero(gates > 2 * OPEN - 1, axis=2)
