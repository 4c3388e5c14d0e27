"""The series of a run, kept beside it: exporting works after the user's file moved or changed."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np

from ...search_spaces.plain import Unreadable, from_json, from_plain, to_json, to_plain
from ...search_spaces.whole_file import write_whole
from ..series.series import Series
from .arrays import read_npz

_ARRAYS = {
    "values": ("float64",),
    "codes": ("int32", "int64"),
    "starts": ("int64",),
    "times": ("datetime64[us]", "int64", "float64"),
    "filled": ("int8",),
}
"""Names of the arrays of a series, and what each may be made of."""


def save_series(path: Path, series: Series) -> None:
    """Write `series` as .npz without pickle; the file appears whole or not at all."""
    plain = to_plain(series)
    arrays = {name: plain.pop(name) for name in _ARRAYS}
    there = {name: array for name, array in arrays.items() if array is not None}

    def write(file: BinaryIO) -> None:
        np.savez(file, allow_pickle=False, about=np.array(to_json(plain)), **there)

    write_whole(path, write)


def load_series(path: Path | BinaryIO) -> Series:
    """Read what `save_series` wrote.

    Raises:
        Unreadable: when it is something else.
    """
    held = read_npz(path)
    if "about" not in held:
        raise Unreadable("'about' is not there")
    for name, kinds in _ARRAYS.items():
        if name in held and str(held[name].dtype) not in kinds:
            raise Unreadable(f"{name!r} are {held[name].dtype}")
    about = from_json(dict, str(held["about"]))
    return from_plain(Series, about | {name: held[name] for name in _ARRAYS if name in held})
