"""A raw model as a file of each format (`formats`).

    saved_model.pb, variables/    see `serving`
    model.keras                   of Keras itself
    model.tflite                  TensorFlow Lite: built-in operations alone (no Flex), for small devices
    model.onnx                    ONNX, for whatever runs it without TensorFlow

In the last two weights are constants: a loop of TensorFlow Lite cannot read a variable. Their converters may
not know an operation of a network of the user's own; then a `UserError` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

from ...search_spaces.backend import keras
from ...search_spaces.errors import UserError, line_of
from ...search_spaces.quiet import quietly
from ..series.windows import Windows
from .formats import FORMATS
from .serving import write_savedmodel

OPSET = 18
"""Version of ONNX's operations; the newest that tf2onnx 1.17 knows."""


def write_model(model: keras.Model, windows: Windows, folder: Path, format: str) -> None:
    """Write a raw model, from `raw_model` with what the format takes, into a folder that is there.

    Raises:
        UserError: when the format has no operation that the network needs.
    """
    if format == "savedmodel":
        write_savedmodel(model, windows, folder)
        return
    path = folder / FORMATS[format].graph
    if format == "keras":
        model.save(path)
        return
    try:
        path.write_bytes(_tflite(model) if format == "tflite" else _onnx(model))
    except (OSError, MemoryError):
        raise
    except Exception as error:  # of any class: the converters do not say which
        raise UserError(
            f"this network cannot be written as {format}: {line_of(error)}; "
            "--format savedmodel and keras take any"
        ) from None


def _tflite(model: keras.Model) -> bytes:
    holder = tf.Module()
    holder.serve = tf.function(_frozen(model))
    with _plain_sums():
        serve = holder.serve.get_concrete_function(*_signature(model, 1))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([serve], holder)
    with quietly():
        written: bytes = converter.convert()
    return written


@contextmanager
def _plain_sums() -> Iterator[None]:
    """Have Keras add, while the body runs, with operations that TensorFlow Lite has.

    Keras takes the forecast of one target, (1, horizon, 1) for one window, for a bias of channels that come
    first, and calls `bias_add` so; TensorFlow Lite adds such a bias to pictures alone.
    """
    before = tf.nn.bias_add

    def plain(value: tf.Tensor, bias: tf.Tensor, data_format: str = "NHWC") -> tf.Tensor:
        behind = len(value.shape) - 2 if data_format == "NCHW" else 0
        return tf.add(value, tf.reshape(bias, [-1] + [1] * behind))

    tf.nn.bias_add = plain
    try:
        yield
    finally:
        tf.nn.bias_add = before


def _onnx(model: keras.Model) -> bytes:
    import onnxruntime
    import tf2onnx

    serve = tf.function(_frozen(model))
    with quietly():
        written, _ = tf2onnx.convert.from_function(serve, _signature(model, None), opset=OPSET)
        found: bytes = written.SerializeToString()
        onnxruntime.InferenceSession(found)  # tf2onnx writes an operation that ONNX lacks as it stands
    return found


def _frozen(model: keras.Model) -> Callable[..., dict[str, tf.Tensor]]:
    """Return a model as a function of its inputs, in the order of `_signature`, with weights as constants."""
    weights = [
        [keras.ops.convert_to_numpy(variable) for variable in variables]
        for variables in (model.trainable_variables, model.non_trainable_variables)
    ]

    def serve(*tensors: tf.Tensor) -> dict[str, tf.Tensor]:
        # Made here they are constants of the graph; made outside, tf2onnx would take them for inputs.
        trained, fixed = ([tf.constant(one) for one in some] for some in weights)
        inputs = dict(zip(model.input, tensors, strict=True))
        made: dict[str, tf.Tensor] = model.stateless_call(trained, fixed, inputs)[0]
        return made

    return serve


def _signature(model: keras.Model, batch: int | None) -> list[tf.TensorSpec]:
    return [
        tf.TensorSpec((batch, *tensor.shape[1:]), tensor.dtype, name) for name, tensor in model.input.items()
    ]
