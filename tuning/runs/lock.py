"""One writer for a run: a lock that dies with its process, and beside it the name of who holds it."""

from __future__ import annotations

import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from ...search_spaces.errors import UserError
from ...search_spaces.whole_file import write_whole

MOST_NAMED = 200
"""Characters that are told of who holds it; the file may be of anybody."""


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
        UserError: where nothing can be locked.
    """
    held = FileLock(lock)
    try:
        with warnings.catch_warnings(action="ignore"):  # filelock's, of what is refused below
            held.acquire(timeout=0)
    except NotImplementedError:  # by earlier versions of filelock
        raise _no_locks(lock.parent) from None
    except Timeout:
        _refuse_no_locks(held, lock.parent)
        raise Held(lock.parent, _named(holder)) from None
    _refuse_no_locks(held, lock.parent)
    try:
        write_whole(holder, f"pid {os.getpid()} on {socket.gethostname()}".encode())
        yield
    finally:
        held.release()


def _refuse_no_locks(held: BaseFileLock, folder: Path) -> None:
    """Raise a `UserError` where the file system has no locks.

    A mere file in place of one, which is what filelock then takes, would outlive a process that is killed.
    """
    if type(held) is not FileLock:
        held.release()
        raise _no_locks(folder)


def _no_locks(folder: Path) -> UserError:
    return UserError(
        f"{folder} cannot be locked, as its file system has no locks: give another --out, on a disk of this "
        "machine"
    )


def _named(holder: Path) -> str:
    if not holder.is_file():
        return "another process"
    try:
        with holder.open(encoding="utf-8", errors="replace") as file:
            return file.readline(MOST_NAMED).strip() or "another process"
    except OSError:
        return "another process"
