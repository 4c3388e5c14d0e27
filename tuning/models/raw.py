"""The model that is handed over: raw values in, raw values out.

    values      float64 (batch, lookback, columns)      targets, then numeric features, as measured
    categories  string  (batch, lookback, categorical)  only when the run has categorical features
    known       float64 (batch, horizon, numeric features that are known ahead), when there are any
    known_categories    string, likewise (batch, horizon, categorical ones)
    forecast    float64 (batch, horizon, targets)       in the unit of each target
    lower       likewise                                ends of the prediction interval, where there is one
    upper       likewise

For portable formats (`formats`) numbers may be float32, and categories int32: the place of a text among those
that training saw. Scaling, by the window's own size too, one-hot columns and the last-value handling are
inside. Only built-in Keras layers and operations are used: it loads in a process that has never heard of this
package.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...search_spaces.backend import keras
from ..series.ahead import ahead_columns, ahead_names, known_ahead, own_columns
from ..series.own_scale import Size, picked
from ..series.scaler import category_texts
from ..series.series import Series
from ..series.windows import Windows, ahead, past
from .intervals import Interval


def raw_model(
    network: keras.Model,
    windows: Windows,
    interval: Interval | None = None,
    *,
    dtype: str = "float64",
    numbered: bool = False,
) -> keras.Model:
    """Return `network` (scaled in, scaled out) between the conversions from and to raw values.

    Args:
        network: whose forecasts are wanted.
        windows: the data.
        interval: of the forecasts; None leaves `lower` and `upper` out.
        dtype: of values and forecasts.
        numbered: whether categories are int32 in the place of texts.
    """
    series, scaler = windows.series, windows.scaler
    if getattr(network, "inputs", None):
        # A fresh model of the same layers is not compiled, so no optimizer is saved with it.
        # Its own name, `stack_3` say, may be that of an operation of Keras beside it.
        network = keras.Model(network.inputs[0], network.outputs[0], name="network")
    targets = len(series.targets)
    shape = windows.lookback, len(series.columns)
    values = keras.Input(shape, dtype=dtype, name="values")
    z = keras.layers.Rescaling(
        (1 / scaler.std).tolist(), (-scaler.mean / scaler.std).tolist(), dtype=dtype, name="to_scaled"
    )(_exactly(shape, values))
    inputs, columns = {"values": values}, [z]
    if series.categorical:
        shape = windows.lookback, len(series.categorical)
        inputs["categories"] = keras.Input(shape, dtype="int32" if numbered else "string", name="categories")
        texts = _exactly(shape, inputs["categories"])
        columns += _one_hot(texts, category_texts(series, scaler), "category", dtype, numbered=numbered)
    if series.ahead:
        later = _known_ahead(windows, dtype, numbered=numbered)
        inputs |= later
        z = _joined(columns)
        columns = [picked(z, own_columns(series, scaler), keras.ops)]
        columns.append(_looking_ahead(z, later, windows, dtype, numbered=numbered))
    z, size = _joined(columns), None
    if windows.own is not None:
        z, size = windows.own.counted.applied(z, windows.own.floor.astype(dtype), keras.ops)
        size = Size(*(one[:, :, :targets] for one in size))
    y = network(keras.ops.cast(z, "float32"))
    y = keras.layers.Rescaling(
        scaler.std[:targets].tolist(), scaler.mean[:targets].tolist(), dtype=dtype, name="to_raw"
    )(y)
    if size is not None:
        y = y * size.scale + size.level
    outputs = {"forecast": y}
    if interval is not None:
        for name, off in (("lower", interval.lower), ("upper", interval.upper)):
            if size is not None:
                outputs[name] = y + size.scale * off.astype(dtype)
            else:
                outputs[name] = keras.layers.Rescaling(1.0, off.tolist(), dtype=dtype, name=name)(y)
    return keras.Model(inputs, outputs, name="narrows")


def window_inputs(series: Series, lookback: int, horizon: int, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return all that a raw model takes, for windows whose first target rows are `rows`."""
    return raw_inputs(series, lookback, rows) | known_ahead(series, ahead(rows, horizon))


def raw_inputs(series: Series, lookback: int, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return what a raw model takes of the rows before, for windows whose first target rows are `rows`.

    What it takes of the rows to forecast comes from `series.ahead`.
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


def _joined(columns: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
    return keras.ops.concatenate(columns, axis=-1) if len(columns) > 1 else columns[0]


def _known_ahead(windows: Windows, dtype: str, *, numbered: bool) -> dict[str, keras.KerasTensor]:
    """Return the inputs of what is known of the rows to forecast."""
    names = {kind: names for kind, names in ahead_names(windows.series).items() if names}
    dtypes = {"known": dtype, "known_categories": "int32" if numbered else "string"}
    return {
        kind: keras.Input((windows.horizon, len(each)), dtype=dtypes[kind], name=kind)
        for kind, each in names.items()
    }


def _looking_ahead(
    x: keras.KerasTensor, given: dict[str, keras.KerasTensor], windows: Windows, dtype: str, *, numbered: bool
) -> keras.KerasTensor:
    """Return the columns beside the inputs of a window, shifted by the horizon; see `series.ahead`.

    Args:
        x: (batch, lookback, inputs), all other columns, in `dtype`.
        given: raw values of the rows to forecast.
        windows: the data.
        dtype: of raw numbers.
        numbered: whether categories are int32 in the place of texts.
    """
    series, scaler, horizon = windows.series, windows.scaler, windows.horizon
    names, ahead = ahead_names(series), []
    if "known" in given:
        places = [series.columns.index(name) for name in names["known"]]
        mean, std = scaler.mean[places], scaler.std[places]
        to_scaled = keras.layers.Rescaling(
            (1 / std).tolist(), (-mean / std).tolist(), dtype=dtype, name="known_to_scaled"
        )
        ahead.append(to_scaled(_exactly((horizon, len(places)), given["known"])))
    if "known_categories" in given:
        every = dict(zip(series.categorical, category_texts(series, scaler), strict=True))
        known = [every[name] for name in names["known_categories"]]
        texts = _exactly((horizon, len(known)), given["known_categories"])
        ahead += _one_hot(texts, known, "known_category", dtype, numbered=numbered)
    newest = _joined(ahead)
    # What older rows look ahead to are rows of the window itself.
    inside = [x[:, horizon:, place : place + 1] for place in ahead_columns(series, scaler)]
    if windows.lookback == horizon:
        return newest
    return keras.ops.concatenate([_joined(inside), newest], axis=1)


def _one_hot(
    categories: keras.KerasTensor, known: list[Sequence[str]], name: str, dtype: str, *, numbered: bool
) -> list[keras.KerasTensor]:
    """Return the one-hot columns of categorical features.

    Args:
        categories: (batch, rows, features), texts or numbers.
        known: texts of each feature that training saw.
        name: of the layers.
        dtype: of the columns.
        numbered: whether they are numbers, the place of each text, -1 for any other.
    """
    columns = []
    for place, texts in enumerate(known):
        if not texts:
            continue
        if numbered:
            # Compared, since the formats do not agree on what `one_hot` makes of -1.
            each = np.arange(len(texts), dtype="int32")
            columns.append(keras.ops.cast(keras.ops.equal(categories[:, :, place : place + 1], each), dtype))
            continue
        lookup = keras.layers.StringLookup(vocabulary=list(texts), num_oov_indices=1, name=f"{name}_{place}")
        codes = lookup(categories[:, :, place])
        # Code 0 is every text that training never saw; without its column it is a row of zeros.
        columns.append(keras.ops.one_hot(codes, len(texts) + 1, dtype=dtype)[:, :, 1:])
    return columns
