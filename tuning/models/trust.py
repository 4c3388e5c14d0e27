"""Trust: which exported models are loaded.

A model is code: loading a SavedModel or a `.keras` file can run whatever its maker put into it. So an export
is loaded when this user made it on this machine, or says to trust it. What this user exported is known by the
SHA-256 of the file that holds the graph, kept in the user's own state folder; weights are numbers, and
whether they were changed since the export is told by `narrows.json` (`about`).
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from ...search_spaces.errors import UserError
from .formats import FORMATS


def check_trusted(folder: Path, format: str) -> None:
    """Raise a `UserError` unless the model in `folder` is one that this user exported here."""
    try:
        digest = _digest(folder, format)
    except OSError as error:
        raise UserError(f"{folder} holds no model that can be read: {error.strerror}") from None
    if digest not in _known():
        raise UserError(
            f"{folder} was not exported by you on this machine, and a model is code that runs when it is "
            "loaded: give --trust (from Python trust=True) if you know who made it"
        )


def remember(folder: Path, format: str) -> None:
    """Put the model in `folder` down as this user's; where that cannot be written, it is not known."""
    with suppress(OSError, RuntimeError):  # of Path.home: a user without a home
        path = exports_file()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        writing = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _NO_LINK, 0o600)
        try:
            os.write(writing, f"{_digest(folder, format)}\n".encode())  # one call: whole beside other writers
        finally:
            os.close(writing)


def exports_file() -> Path:
    """Return the list of digests, below where the system keeps a user's state. Makes nothing."""
    given = Path(os.environ.get("XDG_STATE_HOME", ""))
    if given.is_absolute():  # else it is to be ignored, says the XDG base directory specification
        folder = given
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    elif sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    else:
        folder = Path.home() / ".local" / "state"
    return folder / "narrows" / "exports"


_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def _digest(folder: Path, format: str) -> str:
    with (folder / FORMATS[format].graph).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _known() -> set[str]:
    """Return the digests of the list; none where another user may have written it."""
    try:
        reading = os.open(exports_file(), os.O_RDONLY | _NO_LINK)
    except (OSError, RuntimeError):
        return set()
    with open(reading, encoding="ascii", errors="replace") as file:
        found = os.fstat(file.fileno())
        foreign = os.name == "posix" and (
            found.st_uid != os.geteuid() or bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
        )
        return set() if foreign or not stat.S_ISREG(found.st_mode) else set(file.read().split())
