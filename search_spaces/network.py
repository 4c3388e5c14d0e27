"""The network of one trial: scaled window -> stacked LSTM -> the whole horizon at once.

Input and output are in training standard deviations (z). What a scaling means stands in
`search_spaces.scaling`; here `standard` adds no layer, `last` a few operations, `none` two layers. Segments
and channels apart (`search_spaces.reading`) are a few operations before and after the stack. Beside a linear
forecast (`search_spaces.linear`), one or two frozen layers, the stack begins with a readout of zeros:
it begins at the linear forecast and learns what that misses.

Only built-in Keras layers and operations are used, so a saved model loads without this package.
Initial weights depend on `seed` and the widths alone: glorot uniform kernels, orthogonal recurrent
kernels, zero biases with forget bias 1, as `keras.layers.LSTM` has them. With `even_start` the first
kernel's spread does not depend on the layer's units, so that widths can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .backend import keras
from .linear import Linear
from .profile import Profile
from .reading import Reading
from .scaling import scaling_of


def build_network(
    profile: Profile,
    input_shape: tuple[int, int],
    output_shape: tuple[int, int],
    *,
    reading: Reading | None = None,
    scaling: str = "standard",
    dropout: float = 0.0,
    seed: int = 0,
    even_start: bool = False,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    linear: Linear | None = None,
) -> keras.Model:
    """Return the uncompiled functional model.

    Args:
        profile: units of the LSTM layers.
        input_shape: (lookback, inputs); the target channels are the first inputs.
        output_shape: (horizon, targets).
        reading: what is read of a window, and how; None is all of it, row by row.
        scaling: `standard`, `last` or `none`.
        dropout: fraction of each layer's outputs dropped while training.
        seed: of the initial weights and the dropout masks.
        even_start: whether what the first layer reads comes in equally strong whatever its units.
        mean: raw mean of each numeric input; needed for `none` only, missing ones count as 0.
        std: raw standard deviation of each numeric input; missing ones count as 1.
        linear: a forecast that the stack adds to; None is none.

    Returns:
        A model from float32 (batch, lookback, inputs) to float32 (batch, horizon, targets).
    """
    horizon, targets = output_shape
    reading = reading or Reading.of({}, input_shape, output_shape)
    window = keras.Input(input_shape, name="window")
    numbers = scaling_of(scaling, input_shape[1], targets, mean, std, linear=linear is not None)
    x = window if reading.lookback == input_shape[0] else window[:, -reading.lookback :]
    if scaling == "last":
        last = _last_targets(window, targets)
        x = x - keras.ops.pad(last, [[0, 0], [0, 0], [0, input_shape[1] - targets]])
    elif scaling == "none":
        x = keras.layers.Rescaling(numbers.in_scale.tolist(), numbers.in_shift.tolist(), name="raw")(x)
    if reading.apart:
        x = _apart(x, targets)
    if reading.segment > 1:
        x = keras.layers.Reshape((reading.steps, reading.width), name="segments")(x)
    for layer, units in enumerate(profile.units):
        x = keras.layers.LSTM(
            units,
            return_sequences=layer < profile.num_layers - 1,
            kernel_initializer=_kernel(seed, layer, even_start),
            recurrent_initializer=_orthogonal(seed, layer),
            name=f"lstm_{layer + 1}",
        )(x)
        if dropout:
            x = keras.layers.Dropout(dropout, seed=_seed(seed, layer, 2), name=f"dropout_{layer + 1}")(x)
    x = keras.layers.Dense(
        reading.outputs,
        kernel_initializer=_glorot(seed, profile.num_layers) if linear is None else "zeros",
        name="readout",
    )(x)
    if reading.apart:
        y = keras.ops.transpose(keras.ops.reshape(x, (-1, targets, horizon)), (0, 2, 1))
    else:
        y = keras.layers.Reshape(output_shape, name="forecast")(x)
    if scaling == "none":
        back = keras.layers.Rescaling(numbers.out_scale.tolist(), numbers.out_shift.tolist(), name="standard")
        y = back(y)
    if linear is not None:
        y = keras.layers.Add(name="with_linear")([y, *_linear(window, linear)])
    elif scaling == "last":
        y = y + last
    return keras.Model(window, y, name=f"stack_{profile}")


def _apart(x: keras.KerasTensor, targets: int) -> keras.KerasTensor:
    """Return windows with one target each, (batch x targets, lookback, 1 + features)."""
    lookback, inputs = x.shape[1:]
    own = keras.ops.reshape(keras.ops.transpose(x[:, :, :targets], (0, 2, 1)), (-1, lookback, 1))
    if inputs == targets:
        return own
    features = keras.ops.repeat(keras.ops.expand_dims(x[:, :, targets:], 1), targets, axis=1)
    return keras.ops.concatenate([own, keras.ops.reshape(features, (-1, lookback, inputs - targets))], axis=2)


def _linear(window: keras.KerasTensor, linear: Linear) -> list[keras.KerasTensor]:
    """Return the terms of a linear forecast, each (batch, horizon, targets), of frozen layers."""
    horizon, targets = linear.bias.shape
    newest = window[:, -linear.rows :]
    shape = {"output_shape": (horizon, targets), "trainable": False}
    own = keras.layers.EinsumDense("blt,lth->bht", bias_axes="ht", name="linear", **shape)
    terms = [own(newest[:, :, :targets])]
    kernels = [linear.weights[:2]]
    layers = [own]
    if linear.features is not None:
        layers.append(keras.layers.EinsumDense("blf,lfht->bht", name="linear_features", **shape))
        terms.append(layers[1](newest[:, :, targets:]))
        kernels.append(linear.weights[2:])
    for layer, kernel in zip(layers, kernels, strict=True):
        layer.set_weights(kernel)
    return terms


def linear_model(input_shape: tuple[int, int], linear: Linear) -> keras.Model:
    """Return a linear forecast alone as a model, from and to what `build_network`'s are.

    Args:
        input_shape: (lookback, inputs).
        linear: the forecast.
    """
    window = keras.Input(input_shape, name="window")
    terms = _linear(window, linear)
    y = keras.layers.Add(name="both")(terms) if len(terms) > 1 else terms[0]
    return keras.Model(window, y, name="linear_forecast")


def initial_weights(
    profile: Profile,
    inputs: int,
    outputs: int,
    seed: int,
    *,
    even_start: bool = False,
    linear: bool = False,
) -> list[np.ndarray]:
    """Return the weights `build_network` starts from, in Keras order, without building a model.

    Args:
        profile: units of the LSTM layers.
        inputs: numbers that enter the first layer at a step.
        outputs: numbers the readout emits.
        seed: as for `build_network`.
        even_start: as there.
        linear: whether the stack adds to a linear forecast.

    Returns:
        kernel (d, 4 u), recurrent kernel (u, 4 u) and bias (4 u,) of each layer, then kernel and bias
        of the readout; float32. Those of the linear forecast are not among them.
    """
    weights: list[np.ndarray] = []
    width = inputs
    for layer, units in enumerate(profile.units):
        forget = np.repeat(np.array([0, 1, 0, 0], np.float32), units)
        # The type is said, because a draw in another type is another draw.
        drawn = (
            _kernel(seed, layer, even_start)((width, 4 * units), dtype="float32"),
            _orthogonal(seed, layer)((units, 4 * units), dtype="float32"),
        )
        weights += [*(keras.ops.convert_to_numpy(weight) for weight in drawn), forget]
        width = units
    readout = np.zeros((width, outputs), np.float32)
    if not linear:
        drawn_readout = _glorot(seed, profile.num_layers)((width, outputs), dtype="float32")
        readout = keras.ops.convert_to_numpy(drawn_readout)
    return [*weights, readout, np.zeros(outputs, np.float32)]


def _kernel(seed: int, layer: int, even_start: bool) -> keras.initializers.Initializer:
    """Glorot's spread falls with the units of a layer, 4 u gates wide: for the few columns that enter the
    first layer that is a handicap of wide layers, from 0.63 for one unit to 0.12 for 32 at one column."""
    if layer or not even_start:
        return _glorot(seed, layer)
    drawn = {"scale": 1.0, "mode": "fan_in", "distribution": "uniform", "seed": _seed(seed, layer, 0)}
    return keras.initializers.VarianceScaling(**drawn)


def _glorot(seed: int, layer: int) -> keras.initializers.Initializer:
    return keras.initializers.GlorotUniform(seed=_seed(seed, layer, 0))


def _orthogonal(seed: int, layer: int) -> keras.initializers.Initializer:
    return keras.initializers.Orthogonal(seed=_seed(seed, layer, 1))


def _last_targets(window: keras.KerasTensor, targets: int) -> keras.KerasTensor:
    """Last value of each target channel, (batch, 1, targets)."""
    return window[:, -1:, :targets]


def _seed(seed: int, layer: int, use: int) -> int:
    """One seed for each random draw of a network, so that widening one layer moves no other draw."""
    return int(np.random.SeedSequence([seed, layer, use]).generate_state(1)[0] >> 1)
