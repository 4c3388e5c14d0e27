"""One writer for a run: a lock that dies with its process, and beside it the name of who holds it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ...search_spaces.errors import UserError
from ...search_spaces.whole_file import write_whole


class Held(UserError):
    """Another process writes this run.

    Attributes:
        holder: its name.
    """

    def __init__(self, folder: Path, holder: str) -> None:
        super().__init__(
            f"{folder} is being written by {holder}; wait for it, stop it, or give another --out"
        )
        self.holder = holder


@contextmanager
def sole_writer(lock: Path, holder: Path) -> Iterator[None]:
    """Hold `lock` while the body runs.

    The operating system lets go of it when the process ends, however it ends, so there is never a
    stale lock to remove by hand.

    Args:
        lock: file to lock; stays there afterwards.
        holder: file that says who holds it; apart, since on Windows a locked file cannot be read.

    Raises:
        Held: naming host and pid when another process writes this run.
    """
    held = FileLock(lock)
    try:
        held.acquire(timeout=0)
    except Timeout:
        raise Held(lock.parent, _named(holder)) from None
    try:
        write_whole(holder, f"pid {os.getpid()} on {socket.gethostname()}".encode())
        yield
    finally:
        held.release()


def _named(holder: Path) -> str:
    if not holder.is_file():
        return "another process"
    try:
        return holder.read_text(encoding="utf-8", errors="replace").strip() or "another process"
    except OSError:
        return "another process"
