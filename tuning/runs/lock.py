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

MOST_NAMED = 200
"""Characters that are told of who holds it; the file may be of anybody."""


@contextmanager
def sole_writer(lock: Path, holder: Path) -> Iterator[None]:
    """Hold `lock` while the body runs.

    The operating system lets go of it when the process ends, however it ends, so there is never a
    stale lock to remove by hand.

    Args:
        lock: file to lock; stays there afterwards.
        holder: file that says who holds it; apart, since on Windows a locked file cannot be read.

    Raises:
        UserError: naming host and pid when another process writes this run; where nothing can be locked.
    """
    held = FileLock(lock)
    try:
        held.acquire(timeout=0)
    except Timeout:
        raise UserError(
            f"{lock.parent} is being written by {_named(holder)}; wait for it, stop it, or give another --out"
        ) from None
    except NotImplementedError:
        raise UserError(
            f"{lock.parent} cannot be locked, as its file system has no locks: give another --out, on a disk "
            "of this machine"
        ) from None
    try:
        write_whole(holder, f"pid {os.getpid()} on {socket.gethostname()}".encode())
        yield
    finally:
        held.release()


def _named(holder: Path) -> str:
    if not holder.is_file():
        return "another process"
    try:
        with holder.open(encoding="utf-8", errors="replace") as file:
            return file.readline(MOST_NAMED).strip() or "another process"
    except OSError:
        return "another process"
