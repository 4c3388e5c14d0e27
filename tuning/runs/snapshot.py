"""The series of a run, kept beside it: exporting works after the user's file moved or changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ...search_spaces.plain import from_plain, to_json, to_plain
from ...search_spaces.whole_file import write_whole
from ..series.series import Series

_ARRAYS = ("values", "codes", "starts", "times", "filled")


def save_series(path: Path, series: Series) -> None:
    """Write `series` as .npz without pickle; the file appears whole or not at all."""
    plain = to_plain(series)
    arrays = {name: plain.pop(name) for name in _ARRAYS}
    there = {name: array for name, array in arrays.items() if array is not None}

    def write(file: BinaryIO) -> None:
        np.savez(file, allow_pickle=False, about=np.array(to_json(plain)), **there)

    write_whole(path, write)


def load_series(path: Path | BinaryIO) -> Series:
    """Read what `save_series` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        about = json.loads(str(stored["about"]))
        arrays = {name: stored[name] for name in _ARRAYS if name in stored.files}
    return from_plain(Series, about | arrays)
