"""Exported models that are something else than what is said of them: one message says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

from .made_exports import LOOKBACK, TEXTS, VALUES, last, save, told, told_of


def nothing(values: Any, categories: Any) -> dict[str, Any]:
    """A model that gives something else."""
    return {"other": last(values, categories)}


def of(change: Callable[[Any], Any]) -> Callable[..., dict[str, Any]]:
    """Return a model whose forecast is changed."""
    return lambda values, categories: {"forecast": change(last(values, categories))}


def loops(values: Any, categories: Any) -> dict[str, Any]:
    """A model that fails when it forecasts."""
    with tf.control_dependencies([tf.debugging.assert_equal(tf.shape(values)[0], 77)]):
        return {"forecast": last(values, categories)}


OTHERS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "another name": (of(lambda y: y), {"name": "other"}),
    "another output": (nothing, {}),
    "text": (of(lambda y: tf.strings.as_string(y)), {}),
    "whole numbers": (of(lambda y: tf.cast(y, tf.int32)), {}),
    "complex": (of(lambda y: tf.cast(y, tf.complex128)), {}),
    "one number": (of(lambda y: tf.reduce_sum(y)), {}),
    "one row": (of(lambda y: y[:1, :1]), {}),
    "no rows": (of(lambda y: y[:0]), {}),
    "an error": (loops, {}),
    "one input": (lambda values: {"forecast": last(values, None)}, {"values": VALUES}),
    "an input more": (
        lambda values, categories, more: {"forecast": last(values, categories) + more},
        {"values": VALUES, "categories": TEXTS, "more": tf.TensorSpec((), tf.float64)},
    ),
    "numbers for texts": (
        lambda values, categories: {"forecast": last(values, categories)},
        {"values": VALUES, "categories": tf.TensorSpec((None, LOOKBACK, 1), tf.float64)},
    ),
    "an interval of another shape": (
        lambda values, categories: of(lambda y: y)(values, categories) | {"lower": tf.zeros(3, tf.float64)},
        {},
    ),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_a_model_with_another_signature_is_told(kind: str, tmp_path: Path) -> None:
    function, more = OTHERS[kind]
    save(tmp_path / "model", function, **more)
    told_of(tmp_path / "model")
    assert "the model in" in (said := told(tmp_path / "model")) or "holds no model that can be loaded" in said
