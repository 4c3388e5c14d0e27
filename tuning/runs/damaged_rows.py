"""Rows of a store that are damaged, while the database around them is whole, and letting go of some.

`Store` does not open such a database. What it holds can partly be made again from the rest: what was
measured, trainings, studies, the answer, digests of files. Where no other row is damaged, the store opens
again without these.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from .database import open_to_read, open_to_write
from .schema import SCHEMA, TABLES, VERSION
from .sums import damage, drop_rows, know_sums, wrong_rows

Rows = Mapping[str, Sequence[str]]
"""Keys of rows, as text, by table."""


def damaged_rows(path: Path) -> Rows | None:
    """Return the damaged rows of a store; None where more than rows is damaged.

    Args:
        path: of the store.

    Raises:
        UserError: see `database.open_to_read`.
    """
    try:
        with closing(open_to_read(path)) as db:
            know_sums(db)
            if damage(db, SCHEMA, ()):
                return None
            found = {table: wrong_rows(db, table) for table in TABLES}
            version = db.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
    except sqlite3.DatabaseError:
        return None
    is_ours = version is not None and version[0] == str(VERSION)
    return {table: rows for table, rows in found.items() if rows} if is_ours else None


def drop(path: Path, rows: Rows) -> None:
    """Remove rows from a store, all or none of them.

    Args:
        path: of the store, which nobody else writes.
        rows: to remove.
    """
    with closing(open_to_write(path)) as db:
        know_sums(db)
        db.execute("BEGIN IMMEDIATE")
        for table, keys in rows.items():
            drop_rows(db, table, keys)
        db.execute("COMMIT")
