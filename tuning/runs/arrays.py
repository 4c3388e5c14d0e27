"""Lists of arrays on disk, as .npz without pickle."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ...search_spaces.errors import line_of
from ...search_spaces.plain import Unreadable
from ...search_spaces.whole_file import write_whole

_FAULTS = (EOFError, KeyError, MemoryError, NotImplementedError, TypeError, ValueError, zipfile.BadZipFile)
"""What reading a file that is no .npz of ours may raise."""


def save_arrays(path: Path, arrays: Sequence[np.ndarray]) -> None:
    """Write `arrays`; the file appears whole or not at all."""

    def write(file: BinaryIO) -> None:
        np.savez(file, **{f"{place:04d}": array for place, array in enumerate(arrays)})  # type: ignore[arg-type]

    write_whole(path, write)


def load_arrays(path: Path | BinaryIO) -> list[np.ndarray]:
    """Read what `save_arrays` wrote, in order.

    Raises:
        Unreadable: when it is something else.
    """
    held = read_npz(path)
    return [held[name] for name in sorted(held)]


def read_npz(path: Path | BinaryIO) -> dict[str, np.ndarray]:
    """Return the arrays of a .npz file, by name.

    Raises:
        Unreadable: when it is none, holds objects, or was packed: nothing is written here that is larger when
            it is read than as a file.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            if not isinstance(stored, np.lib.npyio.NpzFile):
                raise Unreadable("one array, not a file of several")
            members: Any = stored.zip
            packed = [one.filename for one in members.infolist() if one.compress_type]
            if packed:
                raise Unreadable(f"{packed[0]!r} in it is packed")
            return {name: stored[name] for name in stored.files if isinstance(stored[name], np.ndarray)}
    except _FAULTS as error:
        raise Unreadable(line_of(error)) from None
