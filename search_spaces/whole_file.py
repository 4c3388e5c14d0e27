"""How a file appears: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

_TRIES = 1000
"""Another thread may remove the folder, which is empty until the file is there."""


def write_whole(path: Path, content: bytes | Callable[[BinaryIO], Any]) -> None:
    """Write a file beside `path`, flush it to disk, and put it in place in one step.

    Args:
        path: of the file; its folder is made.
        content: the bytes, or what writes them.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with _made(beside) as file:
            if callable(content):
                content(file)
            else:
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _made(path: Path) -> BinaryIO:
    """Make a new file to write, and its folder."""
    for _ in range(_TRIES):
        with suppress(FileNotFoundError, FileExistsError):
            return _made_once(path)
    return _made_once(path)


def _made_once(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    # What has its name already, left by a killed process of the same number or put there as a link by
    # somebody, is not written through.
    path.unlink(missing_ok=True)
    return path.open("xb")
