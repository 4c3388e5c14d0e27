"""A full disk, as whoever met it tells it: the system, SQLite, TensorFlow, or a process started here."""

from __future__ import annotations

import errno
import os

FULL = (
    *(os.strerror(getattr(errno, name)) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)),
    "database or disk is full",
    "disk I/O error",  # SQLite on a disk that is too full for the smallest of its files
)


def told_as_full(error: BaseException) -> str:
    """Return a message for the user where an error, or one before it, came of a full disk; else nothing.

    An error while a file is closed may stand before the one that its last write met.
    """
    seen: BaseException | None = error
    while seen is not None:
        lines = str(seen).splitlines()
        if met := next((line.strip() for line in lines if any(text in line for text in FULL)), ""):
            return (
                f"the disk is full ({met[:300]}): make room and give the command again; what finished is kept"
            )
        seen = seen.__cause__ or seen.__context__
    return ""
