"""Exports that were made without a search: a small model of the kind, and what `narrows.json` says of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import tensorflow as tf

from narrows.search_spaces.errors import UserError
from narrows.tuning.models import about as abouts
from narrows.tuning.models.forecast import forecast

ABOUT = "narrows.json"
LOOKBACK, HORIZON = 4, 2
SAID: dict[str, Any] = {
    "format": "savedmodel", "lookback": LOOKBACK, "horizon": HORIZON, "targets": ["y"],
    "values": ["y", "price"], "categories": {"shop": ["a", "b"]}, "known": [], "static": [], "calendar": [],
    "time": ["day"], "id": None, "frequency": "1d", "season": 7, "zone": None, "missing": "error",
    "conventions": {}, "unseen": "none", "wide": None, "level": 90.0,
    "trial": "t0001 8",
}  # fmt: skip
ROWS = 12
DATA = pl.DataFrame({
    "y": np.arange(ROWS) / 3, "price": np.arange(ROWS) % 5, "shop": ["a", "b"] * (ROWS // 2),
    "day": pl.Series(np.datetime64("2021-01-01") + np.arange(ROWS)),
})  # fmt: skip


def last(values: Any, categories: Any) -> Any:
    """Return what the models forecast: the last value, again and again."""
    return tf.repeat(values[:, -1:, :1], HORIZON, axis=1)


class Served(tf.Module):
    """A model with one function as its signature."""

    def __init__(self, function: Callable[..., Any], **inputs: tf.TensorSpec) -> None:
        super().__init__()
        self.weight = tf.Variable(np.ones(1000))
        self.served = tf.function(lambda **given: function(**given) | {"w": self.weight})
        self.signature = self.served.get_concrete_function(
            **{name: tf.TensorSpec(spec.shape, spec.dtype, name) for name, spec in inputs.items()}
        )


VALUES = tf.TensorSpec((None, LOOKBACK, 2), tf.float64)
TEXTS = tf.TensorSpec((None, LOOKBACK, 1), tf.string)


def save(folder: Path, function: Callable[..., Any], name: str = "serving_default", **inputs: Any) -> None:
    """Write a SavedModel."""
    served = Served(function, **(inputs or {"values": VALUES, "categories": TEXTS}))
    tf.saved_model.save(served, str(folder), signatures={name: served.signature})


def told_of(folder: Path, **said: Any) -> None:
    """Say of a model what its files need, with the digest of what is there."""
    (folder / ABOUT).unlink(missing_ok=True)
    abouts.write_about(folder, SAID | said)


def told(folder: Path) -> str:
    """Return the message of a forecast, none where there is one."""
    try:
        rows = forecast(folder, DATA, trust=True)
    except UserError as error:
        assert str(error) and len(str(error)) < 2000
        return str(error)
    assert len(rows) == HORIZON, rows
    return ""
