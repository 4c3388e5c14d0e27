"""The formats of an export: which file holds the graph, and what it takes and gives.

Portable ones, which are run without TensorFlow, take categories as int32: the place of a text in its list in
`narrows.json`, -1 for any other text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


def numbered(inputs: Mapping[str, np.ndarray], categories: Sequence[Sequence[str]]) -> dict[str, np.ndarray]:
    """Return the inputs of a raw model with categories as portable formats take them, int32.

    Args:
        inputs: as `raw.raw_inputs` returns them.
        categories: texts of each categorical feature, as `narrows.json` lists them.
    """
    if "categories" not in inputs:
        return dict(inputs)
    texts = inputs["categories"]
    numbers = np.full(texts.shape, -1, np.int32)
    for feature, known in enumerate(categories):
        for number, text in enumerate(known):
            numbers[..., feature][texts[..., feature] == text] = number
    return {**inputs, "categories": numbers}


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
