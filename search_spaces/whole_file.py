"""How a file appears: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO


def write_whole(path: Path, content: bytes | Callable[[BinaryIO], Any]) -> None:
    """Write a file beside `path`, flush it to disk, and put it in place in one step.

    Args:
        path: of the file; its folder is made.
        content: the bytes, or what writes them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # Made new: what has its name already, left by a killed process of the same number or put there as a
        # link by somebody, is not written through.
        beside.unlink(missing_ok=True)
        with beside.open("xb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
