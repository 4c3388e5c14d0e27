"""A sum over every row of the store, so that what was altered on disk is told instead of read.

SQLite finds damage of its pages, but reads a loss with a flipped bit as another loss. So for each row of each
table there is a sum over its cells in the table `sums`, kept by triggers of the connection that writes: no
statement that writes a row has to think of it.

    sums (of, row, sum)     of which table, the row's key as text, CRC-32 of its cells

A sum finds what happened by accident or by an editor, not what somebody forged: whoever can write the store
can write the sums.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import cache

from .database import Database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sums (
    of TEXT NOT NULL, row TEXT NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (of, row)
) WITHOUT ROWID;
"""


def know_sums(db: Database) -> None:
    """Let statements of `db` call `row_sum`; once, as it cannot be told anew while a statement is at work."""
    db.create_function("row_sum", -1, lambda *cells: zlib.crc32(repr(cells).encode()), deterministic=True)


def keep_sums(db: Database, tables: Sequence[str]) -> None:
    """Have every change of a row through `db` change its sum, in the same transaction.

    Args:
        db: see `know_sums`.
        tables: of which there are rows.
    """
    db.executescript(_SCHEMA)
    for table in tables:
        cells, keys = _columns(db, table)
        where = " AND ".join(f'"{key}" = NEW."{key}"' for key in keys)
        put = f"INSERT OR REPLACE INTO sums SELECT '{table}', {_row(keys)}, row_sum({cells}) FROM \"{table}\""
        for event in ("INSERT", "UPDATE"):
            # Of the row as it is kept, not of NEW, which has not been given the types of its columns.
            db.execute(
                f'CREATE TEMP TRIGGER {table}_{event} AFTER {event} ON main."{table}" '
                f"BEGIN {put} WHERE {where}; END"
            )
        gone = f"DELETE FROM sums WHERE of = '{table}' AND row = {_row(keys, 'OLD.')}"
        db.execute(f'CREATE TEMP TRIGGER {table}_DELETE AFTER DELETE ON main."{table}" BEGIN {gone}; END')


def altered(db: Database, table: str, where: str = "", arguments: Sequence[object] = ()) -> bool:
    """Return whether a row is not as it was written.

    Args:
        db: see `know_sums`.
        table: whose rows.
        where: a condition on the rows to look at; empty for all of them, and then none may be missing.
        arguments: of the condition.
    """
    cells, keys = _columns(db, table)
    wrong = (
        f"SELECT EXISTS (SELECT 1 FROM \"{table}\" LEFT JOIN sums ON of = '{table}' AND row = {_row(keys)} "
        f"WHERE sum IS NOT row_sum({cells}) {where and f'AND {where}'})"
    )
    if db.execute(wrong, arguments).fetchone()[0]:
        return True
    counted = f"(SELECT COUNT(*) FROM \"{table}\") <> (SELECT COUNT(*) FROM sums WHERE of = '{table}')"
    return not where and bool(db.execute(f"SELECT {counted}").fetchone()[0])


def wrong_rows(db: Database, table: str) -> list[str]:
    """Return the keys, as text, of the rows that are not as they were written, and of those that are gone.

    Args:
        db: see `know_sums`.
        table: whose rows.
    """
    cells, keys = _columns(db, table)
    key = _row(keys)
    found = db.execute(
        f"SELECT {key} FROM \"{table}\" LEFT JOIN sums ON of = '{table}' AND row = {key} "
        f"WHERE sum IS NOT row_sum({cells}) "
        f"UNION SELECT row FROM sums WHERE of = '{table}' AND row NOT IN (SELECT {key} FROM \"{table}\")"
    )
    return [row[0] for row in found]


def drop_rows(db: Database, table: str, rows: Sequence[str]) -> None:
    """Remove rows, by their keys as text, with their sums.

    Args:
        db: without triggers that keep sums.
        table: whose rows.
        rows: from `wrong_rows`.
    """
    key = _row(_columns(db, table)[1])
    for row in rows:
        db.execute(f'DELETE FROM "{table}" WHERE {key} = ?', (row,))
        db.execute("DELETE FROM sums WHERE of = ? AND row = ?", (table, row))


def damage(db: Database, schema: str, tables: Iterable[str]) -> str:
    """Return what is wrong with a database; empty when nothing is.

    Args:
        db: see `know_sums`.
        schema: that it was made by.
        tables: of which each row is looked at.
    """
    if _made(db) != _made_by(schema):
        return "tables"
    # The last line says what; the one before it may say in which database.
    (told,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    if told != "ok":
        return str(told).splitlines()[-1]
    return ", ".join(table for table in sorted(tables) if altered(db, table))


def is_table(db: Database, schema: str, name: str) -> bool:
    """Return whether `name` is the table that `schema` makes of it."""
    known = {one[1]: one for one in _made_by(schema)}
    return known[name] in _made(db)


def _made(db: Database) -> list[tuple[str, str, str]]:
    """Return kind, name and definition of each table and index."""
    return db.execute("SELECT type, name, COALESCE(sql, '') FROM main.sqlite_master ORDER BY name")


@cache
def _made_by(schema: str) -> list[tuple[str, str, str]]:
    with closing(Database(":memory:")) as db:
        db.executescript(schema + _SCHEMA)
        return _made(db)


def _columns(db: Database, table: str) -> tuple[str, list[str]]:
    """Return the columns of a table as a list in SQL, and those of its key."""
    known = db.execute(f'PRAGMA main.table_info("{table}")')
    return ", ".join(f'"{one[1]}"' for one in known), [one[1] for one in known if one[5]]


def _row(keys: Sequence[str], of: str = "") -> str:
    return "'' || " + " || ' ' || ".join(f'{of}"{key}"' for key in keys)
