"""Lists of arrays on disk, as .npz without pickle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ...search_spaces.whole_file import write_whole


def save_arrays(path: Path, arrays: Sequence[np.ndarray]) -> None:
    """Write `arrays`; the file appears whole or not at all."""

    def write(file: BinaryIO) -> None:
        np.savez(file, **{f"{place:04d}": array for place, array in enumerate(arrays)})  # type: ignore[arg-type]

    write_whole(path, write)


def load_arrays(path: Path | BinaryIO) -> list[np.ndarray]:
    """Read what `save_arrays` wrote, in order."""
    with np.load(path, allow_pickle=False) as stored:
        return [stored[name] for name in sorted(stored.files)]
