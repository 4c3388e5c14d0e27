"""The database of a run: how it is opened, on read-only media too, and asked by several threads."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...search_spaces.errors import UserError

_LOOK = "SELECT 1 FROM sqlite_master LIMIT 1"
"""What SQLite opens the file for."""


class Rows(list[Any]):
    """What a statement found, all of it."""

    def fetchone(self) -> Any:
        """Return the first row, or None."""
        return self[0] if self else None


class Database:
    """A connection that several threads may use, one statement at a time.

    SQLite keeps them apart by itself, but not where a statement calls a function in Python (`sums`): that
    waits for the interpreter while another thread, which has it, waits for SQLite. So here they wait before,
    and a statement is over, all of its rows read, when the next one begins.
    """

    def __init__(self, source: str, *, uri: bool = False) -> None:
        self._db = sqlite3.connect(source, uri=uri, isolation_level=None, check_same_thread=False)
        self._one_at_a_time = threading.RLock()
        self.close = self._db.close
        self.create_function = self._db.create_function

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction has begun and not ended."""
        return self._db.in_transaction

    def execute(self, statement: str, cells: Sequence[Any] = ()) -> Rows:
        """Do one statement.

        Raises:
            OSError: when the disk is full.
        """
        try:
            with self._one_at_a_time:
                return Rows(self._db.execute(statement, cells))
        except sqlite3.OperationalError as error:
            raise _told(error) from None

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Do one statement that writes for each of some rows.

        Raises:
            OSError: when the disk is full.
        """
        try:
            with self._one_at_a_time:
                self._db.executemany(statement, rows)
        except sqlite3.OperationalError as error:
            raise _told(error) from None

    def executescript(self, statements: str) -> None:
        """Do several statements."""
        with self._one_at_a_time:
            self._db.executescript(statements)


def _told(error: sqlite3.OperationalError) -> Exception:
    """Return an error, that of a full disk as Python tells it of every other file."""
    if _code(error) != sqlite3.SQLITE_FULL:
        return error
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _code(error: sqlite3.Error) -> int:
    """Return the code of an error of SQLite; 0 where Python made it, as of a text that is none."""
    return getattr(error, "sqlite_errorcode", 0)


def open_to_write(path: Path) -> Database:
    """Open or make a database."""
    return _opened(str(path), "PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL")


def open_to_read(path: Path) -> Database:
    """Open a database that is there; another process may be writing it.

    Raises:
        UserError: when what was written last lies in the log beside it, which only a process that may write
            the folder can read.
    """
    source = f"{path.resolve().as_uri()}?mode=ro"
    try:
        return _opened(source, _LOOK, uri=True)
    except sqlite3.OperationalError as error:
        if _code(error) & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
    # A reader makes a file of locks beside the database. Where it cannot, nobody writes the database either,
    # and it may be read as what never changes, unless a log beside it holds more.
    log = path.with_name(f"{path.name}-wal")
    if log.is_file() and log.stat().st_size:
        raise UserError(
            f"{log} holds what the run wrote last, and cannot be read where nothing may be written: copy "
            f"{path.parent} to where it may"
        )
    return _opened(f"{source}&immutable=1", _LOOK, uri=True)


def _opened(source: str, *statements: str, uri: bool = False) -> Database:
    db = Database(source, uri=uri)
    try:
        for statement in ("PRAGMA busy_timeout = 10000", *statements):
            db.execute(statement)
    except (sqlite3.Error, OSError):
        db.close()  # from 3.13 on Python warns of what is left open
        raise
    return db
