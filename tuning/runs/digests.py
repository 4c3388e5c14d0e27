"""The files of a run beside its store: each is what the run wrote, or it is refused by name.

When a file is written its digest goes into the store, in the transaction that tells of it where there is
one; when it is read it is compared. A file that the store has no digest of is what a killed process left, or
not of this run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ...search_spaces.errors import UserError
from ...search_spaces.plain import Unreadable
from .arrays import load_arrays, save_arrays
from .paths import RunPaths
from .store import Store


class KeptFiles:
    """The files of a run.

    Args:
        folder: of the run.
        store: of the run.
    """

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder, self._store = folder, store

    def save(self, path: Path, arrays: Sequence[np.ndarray]) -> None:
        """Write `arrays`; the file appears whole or not at all.

        Raises:
            UserError: when the run was removed meanwhile; nothing is made anew.
        """
        self._store.check_there()
        save_arrays(path, arrays)
        self.wrote(path)

    def load(self, path: Path) -> list[np.ndarray]:
        """Read what `save` wrote, in order.

        Raises:
            UserError: when the file is not what the run wrote.
        """
        with self.opened(path) as file:
            return load_arrays(file)

    @contextmanager
    def opened(self, path: Path) -> Iterator[BinaryIO]:
        """Open a file to read it.

        Raises:
            UserError: when it is not what the run wrote.
        """
        try:
            # What is no file may never end (a pipe, a device).
            if path.exists() and not path.is_file():
                raise UserError(f"{path} cannot be read: it is not a file")
            file = path.open("rb")
        except OSError as error:
            self._store.check_there()
            raise UserError(f"{path} cannot be read: {error.strerror}") from None
        with file:
            # What is read is what was compared, also where the file is replaced meanwhile.
            self._compare(path, hashlib.file_digest(file, "sha256").hexdigest())
            file.seek(0)
            try:
                yield file
            except Unreadable as error:
                raise UserError(
                    f"{path} is not what narrows writes there ({error}): put the file back as it was, or "
                    "search again in another folder"
                ) from None

    def check(self, path: Path) -> None:
        """Raise a `UserError` when a file is not what the run wrote."""
        with self.opened(path):
            pass

    def check_all(self, *, but: Sequence[Path] = ()) -> None:
        """Raise a `UserError` when one of the files that are there is not what the run wrote.

        Args:
            but: folders of trials in training, whose files a process may have replaced and been killed before
                it said so; they are written again.
        """
        for name in self._store.digests():
            path = self._folder / name
            if path.exists() and path.parent not in but:
                self.check(path)

    def wrote(self, path: Path) -> None:
        """Keep the digest of a file that was just written."""
        with path.open("rb") as file:
            self._store.set_digest(self._name(path), hashlib.file_digest(file, "sha256").hexdigest())

    def will_write(self, path: Path, content: bytes) -> None:
        """Keep the digest of what a file is going to hold, beside that of what it holds.

        Whenever the process dies, the file has one of the two.
        """
        known = [hashlib.sha256(path.read_bytes()).hexdigest()] if path.exists() else []
        self._store.set_digest(self._name(path), " ".join([*known, hashlib.sha256(content).hexdigest()]))

    def remove(self, path: Path) -> None:
        """Remove a file, if it is there, and its folder, if it was the last one in it."""
        # The digest goes first: a digest without its file would be a file that somebody took away.
        self._store.set_digest(self._name(path), None)
        path.unlink(missing_ok=True)
        _leave(path.parent)

    def set_aside(self, path: Path) -> None:
        """Move what is in the place of a damaged file out of the way; the run has no such file any more."""
        aside = RunPaths(self._folder).aside(self._name(path))
        aside.parent.mkdir(parents=True, exist_ok=True)
        path.rename(aside)
        self.forget(path)

    def forget(self, path: Path) -> None:
        """Have the run know no more of a file that is gone."""
        self._store.set_digest(self._name(path), None)
        _leave(path.parent)

    def has(self, path: Path) -> bool:
        """Whether the run wrote this file and did not remove it."""
        return self._store.digest(self._name(path)) is not None

    def _name(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def _compare(self, path: Path, digest: str) -> None:
        known = self._store.digest(self._name(path))
        if known is None or digest not in known.split():
            raise UserError(
                f"{path} is not what this run wrote: it was changed, replaced or copied here since; put the "
                "file back as it was, or search again in another folder"
            )


def _leave(folder: Path) -> None:
    """Remove a folder that is empty; one that is written into meanwhile is made again (`write_whole`)."""
    with suppress(OSError):
        folder.rmdir()
