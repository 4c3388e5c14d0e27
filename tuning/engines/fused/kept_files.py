"""Files kept for later processes in the user's cache folder: a folder that is bounded, private and may fail.

Each file carries a checksum, since what it is for would not notice a truncated or garbled one; it appears
whole or not at all, so that any number of processes share the folder without a lock. Nothing here may cost
a search: whatever cannot be read or written is not kept, and nobody is told.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import zlib
from contextlib import suppress
from pathlib import Path

from ....search_spaces.whole_file import write_whole

MOST_BYTES = 256 * 2**20
"""What all files may take: some two thousand programs."""

CHECKSUM_BYTES = hashlib.sha256().digest_size
SUFFIX = ".program"


class KeptFiles:
    """The files in one folder.

    Args:
        folder: theirs alone.
        most_bytes: of all of them; beyond it those that were used longest ago go.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self.most_bytes = folder, most_bytes

    def read(self, name: str) -> bytes | None:
        """Return what was kept under `name`; None when nothing was, or when it is no longer whole."""
        path = self._path(name)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        checksum, packed = content[:CHECKSUM_BYTES], content[CHECKSUM_BYTES:]
        if hashlib.sha256(packed).digest() != checksum:
            self.drop(name)
            return None
        with suppress(OSError):
            os.utime(path)  # its age is that of its last use
        return zlib.decompress(packed)

    def write(self, name: str, content: bytes) -> None:
        """Keep `content` under `name`, if that can be done. Of two processes the last one wins."""
        packed = zlib.compress(content, 1)
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, exist_ok=True)
            write_whole(self._path(name), hashlib.sha256(packed).digest() + packed)
            self._shrink()

    def drop(self, name: str) -> None:
        """Keep nothing under `name` any longer."""
        with suppress(OSError):
            self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{SUFFIX}"

    def _shrink(self) -> None:
        """Remove what was used longest ago, as far as the bound asks for it."""
        found = []
        # What a process that was killed left half written has the suffix inside of its name.
        for path in self.folder.glob(f"*{SUFFIX}*"):
            with suppress(OSError):
                held = path.lstat()
                found.append((held.st_mtime, held.st_size, path))
        excess = sum(size for _, size, _ in found) - self.most_bytes
        for _, size, path in sorted(found):
            if excess <= 0:
                return
            with suppress(OSError):
                path.unlink()
            excess -= size


def kept_files() -> KeptFiles | None:
    """Return the files in the user's cache folder, which is made; None when that cannot be, or is not safe.

    What is kept is run as machine code. So the folder, and the one it lies in, must be folders, not links,
    of this user, which nobody else can change; the folder is closed to all others.
    """
    try:
        folder = cache_folder()
        for one in (folder.parent, folder):
            one.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_ours_alone(one.lstat()):
                return None
        if folder.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            folder.chmod(stat.S_IRWXU)
    except (OSError, RuntimeError):  # of Path.home: a user without a home
        return None
    return KeptFiles(folder)


def _is_ours_alone(found: os.stat_result) -> bool:
    """Whether nobody else can change a folder; a link is none. Windows keeps a user's folders from others."""
    foreign = os.name == "posix" and (
        found.st_uid != os.geteuid() or bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    )
    return stat.S_ISDIR(found.st_mode) and not foreign


def cache_folder() -> Path:
    """Return the folder below the user's cache folder, wherever the system has that. Makes nothing."""
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if given.is_absolute():  # else it is to be ignored, says the XDG base directory specification
        return given / "narrows" / "programs"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "narrows" / "programs"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home(), "narrows", "programs")
    return Path.home() / ".cache" / "narrows" / "programs"
