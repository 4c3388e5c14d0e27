"""How the database of a run is opened, to write it or only to read it, on read-only media too."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ...search_spaces.errors import UserError


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open or make a database."""
    db = _connected(str(path))
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    return db


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a database that is there; another process may be writing it.

    Raises:
        UserError: when what was written last lies in the log beside it, which only a process that may write
            the folder can read.
    """
    source = f"{path.resolve().as_uri()}?mode=ro"
    try:
        db = _connected(source, uri=True)
        db.execute("SELECT 1 FROM sqlite_master").fetchone()
        return db
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
    # A reader makes a file of locks beside the database. Where it cannot, nobody writes the database either,
    # and it may be read as what never changes, unless a log beside it holds more.
    log = path.with_name(f"{path.name}-wal")
    if log.is_file() and log.stat().st_size:
        raise UserError(
            f"{log} holds what the run wrote last, and cannot be read where nothing may be written: copy "
            f"{path.parent} to where it may"
        )
    return _connected(f"{source}&immutable=1", uri=True)


def _connected(source: str, *, uri: bool = False) -> sqlite3.Connection:
    # Watchers write in a thread of their own; SQLite itself keeps calls of several threads apart.
    db = sqlite3.connect(source, uri=uri, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA busy_timeout = 10000")
    return db
