"""The SavedModel: what it is called with is looked at inside its graph, before it forecasts.

    serve, serving_default    {"values": ..., "categories": ...}, values as float64 or float32
    serving_float32           the same

A signature has one type: `serve` and `serving_default` are float64, `serving_float32` is float32.

A recurrent layer takes windows of any length, and would forecast from 48 rows where it was trained on 24, and
be wrong by units without a word. So the shapes, and the number of axes, are left open and asserted, in a
sentence: one window without an axis of windows is told as well. Functions are what
`tf.saved_model.load(...)` and `keras.layers.TFSMLayer` call; signatures are for serving systems.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from ...search_spaces.backend import keras
from ..series.ahead import input_columns
from ..series.windows import Windows
from ..series.words import counted

Tensors = dict[str, Any]
MOST_NAMES = 20
"""Columns that a message names."""


def write_savedmodel(model: keras.Model, windows: Windows, folder: Path) -> None:
    """Write a raw model, from `raw_model`, as a SavedModel.

    Args:
        model: of raw values.
        windows: that it was trained on.
        folder: that is there and is filled.
    """
    serve = _checked(model, windows)
    every = tf.function(serve)
    for dtype in (tf.float64, tf.float32):  # the first one becomes the signature
        every.get_concrete_function(_open_shapes(model, dtype))
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("serve", every)
    archive.add_endpoint("serving_default", every)
    archive.add_endpoint(
        "serving_float32", tf.function(serve), input_signature=[_open_shapes(model, tf.float32)]
    )
    archive.write_out(str(folder), verbose=False)


def _checked(model: keras.Model, windows: Windows) -> Callable[[Tensors], Tensors]:
    columns = input_columns(windows.series)
    rows = dict.fromkeys(columns, windows.horizon) | dict.fromkeys(("values", "categories"), windows.lookback)

    def serve(inputs: Tensors) -> Tensors:
        count = _padded(inputs["values"])[0]
        ready = {}
        for name, given in inputs.items():
            held = [rows[name], len(columns[name])]
            # A shape that is known beforehand would end in an error of TensorFlow's before the assertion.
            open_shape = tf.raw_ops.PlaceholderWithDefault(input=given, shape=None)
            asserted = tf.debugging.Assert(
                tf.reduce_all(tf.equal(_padded(given), [count, *held, -1])),
                [_sentence(name, rows[name], columns[name]), tf.shape(given)],
                summarize=9,
            )
            with tf.control_dependencies([asserted]):
                ready[name] = tf.ensure_shape(tf.identity(open_shape), [None, *held])
        return model({name: _exact(each) for name, each in ready.items()})

    return serve


def _exact(given: tf.Tensor) -> tf.Tensor:
    return given if given.dtype == tf.string else tf.cast(given, tf.float64)


def _padded(given: tf.Tensor) -> tf.Tensor:
    """Return the first four axes of a tensor, int32 (4,), with -1 for those that it lacks.

    (`tf.rank` cannot be asserted: TensorFlow takes it for settled by the shape that is ensured later.)
    """
    return tf.concat([tf.shape(given), [-1] * 4], 0)[:4]


def _sentence(name: str, rows: int, columns: Sequence[str]) -> str:
    more = f" and {len(columns) - MOST_NAMES} more" if len(columns) > MOST_NAMES else ""
    named = f"{', '.join(columns[:MOST_NAMES])}{more}"
    beside = "" if name == "values" else ", as many windows as values has"
    what = "the rows to forecast," if name.startswith("known") else "windows of"
    return (
        f"{name}: {what} {counted(rows, 'row')}, the oldest first, of "
        f"{counted(len(columns), 'column')} ({named}) are expected{beside}; what came has "
        "(windows, rows, columns)"
    )


def _open_shapes(model: keras.Model, dtype: tf.DType) -> dict[str, tf.TensorSpec]:
    return {
        name: tf.TensorSpec(None, tf.string if name.endswith("categories") else dtype, name)
        for name in model.input
    }
