"""Models as functions of arrays: an export that is loaded, or a network."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...search_spaces.errors import UserError, line_of
from ...search_spaces.quiet import quietly
from .formats import FORMATS, check_onnx, taken
from .trust import check_trusted

ENDS = ("forecast", "lower", "upper")
Predict = Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]


def exported(folder: Path, about: Mapping[str, Any], *, trust: bool = False) -> Predict:
    """Return the model of an export, which takes categories as texts.

    Args:
        folder: of the export.
        about: what its `narrows.json` says.
        trust: load it whoever made it.

    Raises:
        UserError: when it is not one that this user exported here, see `trust`, or cannot be loaded; and from
            what is returned, when it does not forecast what it is said to.
    """
    format = about["format"]
    if not trust:
        check_trusted(folder, format)
    if format == "onnx":
        check_onnx()
    try:
        predict = _LOADERS[format](folder)
    except Exception as error:  # of any class: it is the code of whoever made it
        raise UserError(f"{folder} holds no model that can be loaded: {line_of(error)}") from None
    told = _told(folder, predict, (about["horizon"], len(about["targets"])))
    return lambda inputs: told(taken(inputs, about))


def _savedmodel(folder: Path) -> Predict:
    import tensorflow as tf

    signature = tf.saved_model.load(str(folder)).signatures["serving_default"]
    return as_arrays(lambda inputs: signature(**inputs))


def _keras(folder: Path) -> Predict:
    from ...search_spaces.backend import keras

    return as_arrays(keras.models.load_model(folder / FORMATS["keras"].graph))


def _tflite(folder: Path) -> Predict:
    import tensorflow as tf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # LiteRT, a package of its own, has the same interpreter
        serve = tf.lite.Interpreter(str(folder / FORMATS["tflite"].graph)).get_signature_runner()

    def predict(inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        with quietly():
            made = [
                serve(**{name: x[window : window + 1] for name, x in inputs.items()})
                for window in range(len(inputs["values"]))
            ]
        return {name: np.concatenate([one[name] for one in made]) for name in made[0]}

    return predict


def _onnx(folder: Path) -> Predict:
    import onnxruntime

    session = onnxruntime.InferenceSession(
        str(folder / FORMATS["onnx"].graph), providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    return lambda inputs: dict(zip(names, session.run(None, inputs), strict=True))


_LOADERS = {"savedmodel": _savedmodel, "keras": _keras, "tflite": _tflite, "onnx": _onnx}


def _told(folder: Path, predict: Predict, shape: tuple[int, int]) -> Predict:
    """Return a model that says in one message what it cannot forecast."""

    def told(inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        wanted = (len(inputs["values"]), *shape)
        try:
            made = predict(inputs)
            found = {end: made[end] for end in ENDS if end in made or end == "forecast"}
        except Exception as error:  # likewise
            raise UserError(
                f"the model in {folder} cannot forecast what its narrows.json tells of: {line_of(error)}"
            ) from None
        odd = {end: one.shape for end, one in found.items() if one.shape != wanted or one.dtype.kind != "f"}
        if odd:
            raise UserError(f"the model in {folder} gives {odd}, where numbers of the shape {wanted} belong")
        return found

    return told


def as_arrays(model: Callable[[dict[str, Any]], dict[str, Any]]) -> Predict:
    """Return a model of tensors as one of arrays."""
    import tensorflow as tf

    def predict(inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        made = model({name: tf.constant(x) for name, x in inputs.items()})
        return {name: np.asarray(one) for name, one in made.items()}

    return predict
