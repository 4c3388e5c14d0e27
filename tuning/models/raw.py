"""The model that is handed over: raw values in, raw values out.

    values      float64 (batch, lookback, columns)      targets, then numeric features, as measured
    categories  string  (batch, lookback, categorical)  only when the run has categorical features
    forecast    float64 (batch, horizon, targets)       in the unit of each target
    lower       likewise                                ends of the prediction interval, where there is one
    upper       likewise

Scaling, by the window's own size too, one-hot columns and the last-value handling are inside. Only built-in
Keras layers and operations are used: it loads in a process that has never heard of this package.
"""

from __future__ import annotations

import numpy as np

from ...search_spaces.backend import keras
from ..series.own_scale import scaled, size_of
from ..series.scaler import Scaler, category_texts
from ..series.series import Series
from ..series.windows import Windows, past
from .intervals import Interval


def raw_model(network: keras.Model, windows: Windows, interval: Interval | None = None) -> keras.Model:
    """Return `network` (scaled in, scaled out) between the conversions from and to raw values.

    Args:
        network: whose forecasts are wanted.
        windows: the data.
        interval: of the forecasts; None leaves `lower` and `upper` out.
    """
    series, scaler = windows.series, windows.scaler
    if getattr(network, "inputs", None):
        # A fresh model of the same layers is not compiled, so no optimizer is saved with it.
        # Its own name, `stack_3` say, may be that of an operation of Keras beside it.
        network = keras.Model(network.inputs[0], network.outputs[0], name="network")
    targets = len(series.targets)
    shape = windows.lookback, len(series.columns)
    values = keras.Input(shape, dtype="float64", name="values")
    z = keras.layers.Rescaling(
        (1 / scaler.std).tolist(), (-scaler.mean / scaler.std).tolist(), dtype="float64", name="to_scaled"
    )(_exactly(shape, values))
    size, own = None, windows.own
    if own is not None:
        size = size_of(z[:, -own.rows :, :targets], own.floor, keras.ops)
        z = keras.ops.concatenate([scaled(z[:, :, :targets], size, keras.ops), z[:, :, targets:]], axis=-1)
    inputs, parts = {"values": values}, [keras.ops.cast(z, "float32")]
    if series.categorical:
        shape = windows.lookback, len(series.categorical)
        inputs["categories"] = keras.Input(shape, dtype="string", name="categories")
        parts += _one_hot(_exactly(shape, inputs["categories"]), series, scaler)
    y = network(keras.ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0])
    y = keras.layers.Rescaling(
        scaler.std[:targets].tolist(), scaler.mean[:targets].tolist(), dtype="float64", name="to_raw"
    )(y)
    if size is not None:
        y = y * size.scale + size.level
    outputs = {"forecast": y}
    if interval is not None:
        for name, off in (("lower", interval.lower), ("upper", interval.upper)):
            if size is not None:
                outputs[name] = y + size.scale * off
            else:
                outputs[name] = keras.layers.Rescaling(1.0, off.tolist(), dtype="float64", name=name)(y)
    return keras.Model(inputs, outputs, name="narrows")


def raw_inputs(series: Series, lookback: int, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return what a raw model takes, for windows whose first target rows are `rows`.

    A missing category is the empty text, which no model knows: it becomes a row of zeros.
    """
    read = past(rows, lookback)
    inputs = {"values": series.values[read]}
    if series.categorical:
        texts = [
            np.array([*known, ""], dtype=object)[codes]
            for known, codes in zip(series.categories, series.codes.T, strict=True)
        ]
        inputs["categories"] = np.stack(texts, axis=-1)[read]
    return inputs


def _exactly(shape: tuple[int, int], given: keras.KerasTensor) -> keras.KerasTensor:
    """Return `given` itself, (batch, *shape), of a model that refuses any other shape whenever it runs.

    Keras compares shapes when a model is called, but `predict` leaves them open once it was given windows of
    several lengths: a model of 24 rows then forecast from 48. "Input shape axis 1 must equal 24" it says now.
    """
    for axis, size in enumerate(shape, 1):
        given = keras.ops.stack(keras.ops.unstack(given, size, axis=axis), axis=axis)
    return given


def _one_hot(categories: keras.KerasTensor, series: Series, scaler: Scaler) -> list[keras.KerasTensor]:
    columns = []
    for place, texts in enumerate(category_texts(series, scaler)):
        if not texts:
            continue
        lookup = keras.layers.StringLookup(
            vocabulary=list(texts), num_oov_indices=1, name=f"category_{place}"
        )
        codes = lookup(categories[:, :, place])
        # Code 0 is every text that training never saw; without its column it is a row of zeros.
        columns.append(keras.ops.one_hot(codes, len(texts) + 1)[:, :, 1:])
    return columns
