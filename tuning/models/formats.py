"""The formats of an export: which file holds the graph, and what it takes and gives.

Portable ones, which are run without TensorFlow, take categories as int32: the place of a text in its list in
`narrows.json`, -1 for any other text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...search_spaces.errors import UserError, line_of
from ..series.series import Series


@dataclass(frozen=True)
class Format:
    """One format.

    Args:
        graph: name of the file that holds it.
        values: dtypes that it takes values in.
        forecast: dtype that it gives.
        windows: how many it takes a call; None is any number.
        portable: whether it takes categories as numbers.
    """

    graph: str
    values: str = "float64"
    forecast: str = "float64"
    windows: int | None = None
    portable: bool = True


FORMATS = {
    "savedmodel": Format("saved_model.pb", "float64 or float32", portable=False),
    "keras": Format("model.keras", "float64 or float32", portable=False),
    "tflite": Format("model.tflite", "float32", "float32", windows=1),
    "onnx": Format("model.onnx"),
}

FEWEST_STEPS = 1000
"""Steps of float32 in which a column must be able to move over its spread."""


def taken(inputs: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the inputs of a raw model as a format takes them.

    Args:
        inputs: from `raw`.
        about: `format`, `categories` and `known` of `narrows.json`.
    """
    kind, every = FORMATS[about["format"]], about["categories"]
    texts = {
        "categories": list(every.values()),
        "known_categories": [known for name, known in every.items() if name in about["known"]],
    }
    return {
        name: array.astype(kind.forecast)
        if name not in texts
        else numbered(array, texts[name])
        if kind.portable
        else array
        for name, array in inputs.items()
    }


def numbered(texts: np.ndarray, known: Sequence[Sequence[str]]) -> np.ndarray:
    """Return the place of each text among those of its feature, int32 of the same shape; -1 for any other.

    Args:
        texts: (windows, rows, features).
        known: of each feature.
    """
    numbers = np.full(texts.shape, -1, np.int32)
    for feature, each in enumerate(known):
        for number, text in enumerate(each):
            numbers[..., feature][texts[..., feature] == text] = number
    return numbers


def check_format(format: str, series: Series) -> None:
    """Raise a `UserError` for a format that is none, or that these data or this machine do not allow."""
    if format not in FORMATS:
        raise UserError(f"there is no export format {format!r}; known: {', '.join(FORMATS)}")
    if format == "onnx":
        check_onnx()
    if FORMATS[format].forecast == "float32":
        _check_float32(series)


def check_onnx() -> None:
    """Raise a `UserError` where a package is missing that ONNX takes."""
    try:
        import onnxruntime  # noqa: F401
        import tf2onnx  # noqa: F401
    except ImportError as error:
        raise UserError(
            f"ONNX takes packages that are not installed ({line_of(error)}): pip install 'narrows[onnx]'"
        ) from None


def _check_float32(series: Series) -> None:
    """Raise a `UserError` for columns whose changes float32, with 24 binary digits, does not tell apart."""
    largest, spread = np.abs(series.values).max(axis=0), series.values.std(axis=0)
    for column, far, wide in zip(series.columns, largest, spread, strict=True):
        step = float(np.spacing(np.float32(far))) if far < np.finfo(np.float32).max else math.inf
        if 0 < wide < FEWEST_STEPS * step:
            raise UserError(
                f"{column}: values up to {far:.4g} that differ by about {wide:.2g} are not told apart in "
                f"float32, whose steps are {step:.2g} there, and TensorFlow Lite computes in it; give "
                "--format onnx, savedmodel or keras, or take a fixed amount off the column"
            )
