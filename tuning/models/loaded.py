"""Models as functions of arrays: an export that is loaded, or a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .trust import check_trusted

Predict = Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]


def exported(folder: Path, format: str, *, trust: bool = False) -> Predict:
    """Return the model of an export.

    Args:
        folder: of the export.
        format: `savedmodel` or `keras`.
        trust: load it whoever made it.

    Raises:
        UserError: when it is not one that this user exported here, see `trust`.
    """
    if not trust:
        check_trusted(folder, format)
    import tensorflow as tf

    from ...search_spaces.backend import keras

    if format == "keras":
        return as_arrays(keras.models.load_model(folder / "model.keras"))
    signature = tf.saved_model.load(str(folder)).signatures["serving_default"]
    return as_arrays(lambda inputs: signature(**inputs))


def as_arrays(model: Callable[[dict[str, Any]], dict[str, Any]]) -> Predict:
    """Return a model of tensors as one of arrays."""
    import tensorflow as tf

    def predict(inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        made = model({name: tf.constant(x) for name, x in inputs.items()})
        return {name: np.asarray(one) for name, one in made.items()}

    return predict
