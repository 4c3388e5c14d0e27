"""The store: trials, epochs, narrowings and studies of a run, in SQLite.

Only it, `database` and `sums` for it, and `damaged_rows`, speak SQL.

Each report is one transaction, together with the algorithm's state. So whenever the process dies,
the run opens again, nothing finished is lost or trained twice, and what was running is known.
One thread writes; others may read.
"""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...callbacks.curve import Losses
from ...search_spaces.errors import UserError, line_of
from ...search_spaces.plain import Unreadable, from_plain, read_json, to_json
from ...search_spaces.trial import Epoch, Trial
from .database import open_to_read, open_to_write
from .kept import read_answer
from .ranking import Ranking, trained_again
from .schema import HAS_RANK, SCHEMA, TABLES, VERSION
from .sums import altered, damage, is_table, keep_sums, know_sums, wrong_rows

_COLUMNS = tuple(field.name for field in fields(Trial))
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)
_OF_EPOCH = tuple(field.name for field in fields(Epoch) if field.name != "standing")
_MARKS = ", ".join("?" * len(_COLUMNS))
_REMEMBERED = 256
"""Rows: the best trials are asked for several times at each end of one, and to read them is most of that."""
_JSON = ("values", "units", "again", "folds", "repeated")


class Store:
    """The database of one run.

    Raises:
        UserError: when the file is not a database of this package, was altered, or is of another version.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.closed = False
        self._ranking = Ranking(remembers=not read_only)
        is_new = not read_only and not (path.is_file() and path.stat().st_size)
        try:
            self._db = open_to_read(path) if read_only else open_to_write(path)
            # Runs are opened to be read and simply dropped; from 3.13 on Python warns of each left open.
            weakref.finalize(self, self._db.close)
            know_sums(self._db)
            self._opened = None if read_only else os.stat(path)
            if is_new:
                self._db.executescript(SCHEMA)
                keep_sums(self._db, TABLES)
                self.set_meta("version", VERSION)
            # What is called a table may be a view that never ends.
            if not is_table(self._db, SCHEMA, "meta"):
                raise self._altered("tables")
            version = self.meta("version")
            # Epochs, the most rows by far, are looked at when they are read.
            if version == VERSION and (found := damage(self._db, SCHEMA, set(TABLES) - {"epochs"})):
                raise self._altered(found)
            if version == VERSION and not (read_only or is_new):
                keep_sums(self._db, TABLES)
        except (sqlite3.DatabaseError, ValueError) as error:
            raise UserError(f"{path} cannot be read as the store of a run: {line_of(error)}") from None
        if version != VERSION:
            raise UserError(
                f"{path} was written by another version of narrows (store {version}, here {VERSION})"
            )

    def _altered(self, what: str) -> UserError:
        return UserError(
            f"{self.path} is damaged, or was changed by another program ({what}): put back a copy of it, or "
            "search again in another folder"
        )

    @contextmanager
    def reading(self, what: str) -> Iterator[None]:
        """Tell what the body cannot read of what the run keeps, such as `trials`, as the user can mend it."""
        try:
            yield
        except Unreadable as error:
            raise self._altered(f"{what}: {error}") from None

    def check_there(self) -> None:
        """Raise a `UserError` when the file that is written is no longer there, or is another one.

        The operating system would go on writing what nobody can find any more.
        """
        try:
            there = self._opened is None or os.path.samestat(os.stat(self.path), self._opened)
        except OSError:
            there = False
        if not there:
            raise UserError(
                f"{self.path.parent} was removed or replaced while it was being written; what was found "
                "since then is lost"
            )

    def close(self) -> None:
        """Close the database."""
        self._db.close()
        self.closed = True

    def meta(self, key: str, kind: Any = Any) -> Any:
        """Return the value kept under `key`, which is of this `kind`, or None."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        with self.reading(key):
            found = None if row is None else read_json(row[0])
            return None if found is None else from_plain(kind, found)

    def answer(self) -> dict[str, Any] | None:
        """Return what the search ended with, or None."""
        found = self.meta("answer")
        if found is None:
            return None
        with self.reading("answer"):
            answer = read_answer(found)
            of = self.trial(answer["trial"])
            if of is None or of.score is None or of.name != answer["name"]:
                raise Unreadable(f"it tells of {answer['name']!r}, which is no trial with a score")
            return answer

    def notes(self) -> dict[str, str]:
        """Return what the user wrote of trials, by their number as text."""
        with self.reading("notes"):
            return from_plain(dict[str, str], self.meta("notes") or {})

    def set_meta(self, key: str, value: Any) -> None:
        """Keep a JSON-able `value` under `key`."""
        self._change("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, to_json(value)))

    def begin(self, trial: Trial, algorithm: Mapping[str, Any]) -> None:
        """Record that a trial starts, with the algorithm's state after it was proposed."""
        with self.transaction():
            self._put(trial, algorithm)

    def go_back(self, number: int, epoch: int) -> None:
        """Forget the epochs of a trial after one that it goes on from; after -1, all."""
        with self.transaction():
            self._db.execute("DELETE FROM epochs WHERE number = ? AND epoch > ?", (number, epoch))

    def epoch(self, *epochs: Epoch) -> None:
        """Record epochs of running trials, all of them or none."""
        secs: defaultdict[int, float] = defaultdict(float)
        with self.transaction():
            rows = []
            for one in epochs:
                cells = one.number, one.epoch, one.loss, one.val_loss, one.learning_rate, one.secs
                rows.append((*cells, to_json(one.metrics)))
                secs[one.number] += one.secs
            self._db.executemany("INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            for number, more in secs.items():
                self._db.execute("UPDATE trials SET secs = secs + ? WHERE number = ?", (more, number))

    def end(self, trial: Trial, algorithm: Mapping[str, Any]) -> None:
        """Record how a trial ended, with the algorithm's state after that."""
        with self.transaction():
            self._put(trial, algorithm)

    def _put(self, trial: Trial, algorithm: Mapping[str, Any]) -> None:
        held = {name: getattr(trial, name) for name in _COLUMNS}
        cells = [to_json(value) if name in _JSON else value for name, value in held.items()]
        self._db.execute(f"INSERT OR REPLACE INTO trials ({_NAMES}) VALUES ({_MARKS})", cells)
        self._ranking.put(trial)
        self.set_meta("algorithm", algorithm)

    def set_narrowing(self, number: int, narrowing: str) -> None:
        """Keep what was measured of a trial, JSON text, in place of what was known."""
        self._change("INSERT OR REPLACE INTO narrowings VALUES (?, ?)", (number, narrowing))

    def narrowings(self) -> dict[int, str]:
        """Return what was measured, by trial; trials that were not measured are not in it."""
        return dict(self._db.execute("SELECT number, narrowing FROM narrowings"))

    def narrowing(self, number: int) -> str | None:
        """Return what was measured of one trial, or None."""
        row = self._db.execute("SELECT narrowing FROM narrowings WHERE number = ?", (number,)).fetchone()
        return None if row is None else row[0]

    def training(self, key: str) -> str | None:
        """Return what came of a training of a study, JSON text, or None."""
        row = self._db.execute("SELECT training FROM trainings WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def trainings(self) -> list[str]:
        """Return what came of every training beside the trials, JSON texts, in no order."""
        return [row[0] for row in self._db.execute("SELECT training FROM trainings")]

    def set_training(self, key: str, training: str) -> None:
        """Keep what came of a training of a study, JSON text."""
        self._change("INSERT OR REPLACE INTO trainings VALUES (?, ?)", (key, training))

    def studies(self) -> list[str]:
        """Return every study, JSON text, in the order in which they were last done."""
        return [row[0] for row in self._db.execute("SELECT study FROM studies ORDER BY place")]

    def set_study(self, name: str, study: str) -> None:
        """Keep a study, JSON text, as the newest, in place of what was known under its name."""
        with self.transaction():
            (place,) = self._db.execute("SELECT COALESCE(MAX(place), 0) + 1 FROM studies").fetchone()
            self._db.execute("INSERT OR REPLACE INTO studies VALUES (?, ?, ?)", (name, place, study))

    def digest(self, name: str) -> str | None:
        """Return the digest that is kept of a file of the run, or None."""
        row = self._db.execute("SELECT digest FROM files WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def digests(self) -> list[str]:
        """Return the names of the files that a digest is kept of."""
        return [row[0] for row in self._db.execute("SELECT name FROM files ORDER BY name")]

    def set_digest(self, name: str, digest: str | None) -> None:
        """Keep the digest of a file of the run, or none of it any more."""
        if digest is None:
            self._change("DELETE FROM files WHERE name = ?", (name,))
        else:
            self._change("INSERT OR REPLACE INTO files VALUES (?, ?)", (name, digest))

    def trials(self) -> list[Trial]:
        """Return every trial, by number."""
        return self._trials("ORDER BY number")

    def trial(self, number: int) -> Trial | None:
        """Return one trial, or None."""
        return next(iter(self._trials("WHERE number = ?", (number,))), None)

    def best(self, count: int = 1) -> list[Trial]:
        """Return the first of the trials that ended, failed ones left out, in the order of `best.ranked`."""
        return self._ranking.first(count, self._trials)

    def trained_again(self) -> list[Trial]:
        """Return the trials that were trained again with other seeds."""
        return trained_again(self._trials)

    def set_again(self, number: int, losses: Sequence[float | None]) -> None:
        """Keep the losses of a trial's network with other seeds."""
        self._set_losses(number, "again", losses)

    def set_repeated(self, number: int, losses: Sequence[float]) -> None:
        """Keep the losses of a trial's training that was done once more, on each fold."""
        self._set_losses(number, "repeated", losses)

    def _set_losses(self, number: int, column: str, losses: Sequence[float | None]) -> None:
        self._change(f"UPDATE trials SET {column} = ? WHERE number = ?", (to_json(list(losses)), number))
        self._ranking.forget()

    def count(self) -> int:
        """Return how many trials have a rank in `best`."""
        return self._db.execute(f"SELECT COUNT(*) FROM trials WHERE {HAS_RANK}").fetchone()[0]

    def epochs(self, number: int) -> list[Epoch]:
        """Return the epochs of one trial, in order."""
        if altered(self._db, "epochs", "number = ?", (number,)):
            raise self._altered(f"epochs of trial {number}")
        rows = self._db.execute("SELECT * FROM epochs WHERE number = ? ORDER BY epoch", (number,))
        with self.reading(f"epochs of trial {number}"):
            return [_epoch(*row) for row in rows]

    def losses(self, number: int | None = None) -> dict[int, list[Losses]]:
        """Return epoch, train and validation loss of each epoch, in order, by trial; of one or of all.

        A trial with an epoch that was altered is left out: what tells of epochs alone is not worth a refusal.
        """
        where, arguments = ("", ()) if number is None else ("number = ?", (number,))
        left_out: set[str] = set()
        if altered(self._db, "epochs", where, arguments):
            left_out = {row.split(" ")[0] for row in wrong_rows(self._db, "epochs")}
        rows = self._db.execute(
            f"SELECT number, epoch, loss, val_loss FROM epochs WHERE {where or 1} ORDER BY number, epoch",
            arguments,
        )
        found: defaultdict[int, list[Losses]] = defaultdict(list)
        for of, *cells in rows:
            if str(of) not in left_out:
                found[of].append((*cells,))
        with self.reading("losses"):
            return from_plain(dict[int, list[Losses]], found)

    def _trials(self, clause: str, arguments: tuple[Any, ...] = ()) -> list[Trial]:
        rows = self._db.execute(f"SELECT {_NAMES} FROM trials {clause}", arguments)
        with self.reading("trials"):
            return [_trial(*row) for row in rows]

    def _change(self, statement: str, cells: tuple[Any, ...]) -> None:
        """Do one statement that writes."""
        self.check_there()
        self._db.execute(statement, cells)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that is written while the body runs, or nothing of it; inside another one, with that."""
        if self._db.in_transaction:
            yield
            return
        self.check_there()
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            self._ranking.forget()
            raise
        self._db.execute("COMMIT")


def _epoch(number: int, epoch: int, *cells: Any) -> Epoch:
    # SQLite keeps NaN as NULL.
    held = dict(zip(_OF_EPOCH, (number, epoch, *cells), strict=True))
    return from_plain(Epoch, held | {"metrics": read_json(held["metrics"])})


@lru_cache(_REMEMBERED, typed=True)
def _trial(*row: Any) -> Trial:
    cells = dict(zip(_COLUMNS, row, strict=True))
    return from_plain(Trial, cells | {name: read_json(cells[name]) for name in _JSON}).checked()
