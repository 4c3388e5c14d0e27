"""The series of a run, kept beside it: exporting works after the user's file moved or changed."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ...search_spaces.whole_file import write_whole
from ..series.series import Series

_ARRAYS = ("values", "codes", "starts", "times")


def save_series(path: Path, series: Series) -> None:
    """Write `series` as .npz without pickle; the file appears whole or not at all."""
    rest = {f.name: getattr(series, f.name) for f in fields(series) if f.name not in _ARRAYS}
    arrays = {name: getattr(series, name) for name in _ARRAYS if getattr(series, name) is not None}

    def write(file: BinaryIO) -> None:
        np.savez(file, allow_pickle=False, about=np.array(json.dumps(rest)), **arrays)

    write_whole(path, write)


def load_series(path: Path) -> Series:
    """Read what `save_series` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        about = json.loads(str(stored["about"]))
        arrays = {name: stored[name] for name in _ARRAYS if name in stored.files}
    return Series(**{name: _tuples(value) for name, value in about.items()}, **arrays)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
