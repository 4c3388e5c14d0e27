"""What the system refuses and no change of the program would mend, as a message for the user.

A full disk is told in several ways: by the system, SQLite, TensorFlow, or a process that was started here.
"""

from __future__ import annotations

import errno
import os

FULL = (
    *(os.strerror(getattr(errno, name)) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)),
    "database or disk is full",
    "disk I/O error",  # SQLite on a disk that is too full for the smallest of its files
)
REFUSED = {
    getattr(errno, name, None)
    for name in ("EACCES", "EPERM", "EROFS", "ENAMETOOLONG", "ELOOP", "EIO", "ESTALE", "EMFILE", "ENFILE")
}


def told_of_system(error: BaseException) -> str:
    """Return a message where an error, or one before it, is the system's refusal; else nothing.

    An error while a file is closed may stand before the one that its last write met.
    """
    seen: BaseException | None = error
    while seen is not None:
        if told := _told(seen):
            return told
        seen = seen.__cause__ or seen.__context__
    return ""


def _told(error: BaseException) -> str:
    lines = str(error).splitlines()
    if met := next((line.strip() for line in lines if any(text in line for text in FULL)), ""):
        return f"the disk is full ({met[:300]}): make room and give the command again; what finished is kept"
    if isinstance(error, OSError) and error.errno in REFUSED:
        where = "" if error.filename is None else f"{str(error.filename)[:300]}: "
        return f"{where}the system says: {error.strerror}"
    return ""
