"""One writer for a run: a lock that names its holder and dies with its process."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...search_spaces.errors import UserError


@contextmanager
def sole_writer(lock: Path) -> Iterator[None]:
    """Hold `lock` while the body runs.

    The operating system lets go of it when the process ends, however it ends, so there is never a
    stale lock to remove by hand.

    Raises:
        UserError: naming host and pid when another process writes this run.
    """
    with lock.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise UserError(
                f"{lock.parent} is being written by {holder}; wait for it, stop it, or give another --out"
            ) from None
        file.truncate(0)
        file.write(f"pid {os.getpid()} on {socket.gethostname()}")
        file.flush()
        yield
