"""Models as functions of arrays: an export that is loaded, or a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ...search_spaces.errors import UserError, line_of
from .trust import check_trusted

ENDS = ("forecast", "lower", "upper")
Predict = Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]


def exported(folder: Path, format: str, shape: tuple[int, int], *, trust: bool = False) -> Predict:
    """Return the model of an export.

    Args:
        folder: of the export.
        format: `savedmodel` or `keras`.
        shape: (horizon, targets) of its forecasts.
        trust: load it whoever made it.

    Raises:
        UserError: when it is not one that this user exported here, see `trust`, or cannot be loaded; and from
            what is returned, when it does not forecast what it is said to.
    """
    if not trust:
        check_trusted(folder, format)
    import tensorflow as tf

    from ...search_spaces.backend import keras

    try:
        if format == "keras":
            return _told(folder, as_arrays(keras.models.load_model(folder / "model.keras")), shape)
        signature = tf.saved_model.load(str(folder)).signatures["serving_default"]
    except Exception as error:  # of any class: it is the code of whoever made it
        raise UserError(f"{folder} holds no model that can be loaded: {line_of(error)}") from None
    return _told(folder, as_arrays(lambda inputs: signature(**inputs)), shape)


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
