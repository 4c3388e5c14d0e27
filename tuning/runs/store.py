"""The store: trials, epochs and narrowings of a run, in SQLite. The only module that speaks SQL.

Each report is one transaction, together with the algorithm's state. So whenever the process dies,
the run opens again, nothing finished is lost or trained twice, and what was running is known.
"""

from __future__ import annotations

import json
import math
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ...search_spaces.errors import UserError
from ..engines.base import Epoch, Outcome

VERSION = 2
RUNNING = "running"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trials (
    number INTEGER PRIMARY KEY,
    status TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    profile TEXT NOT NULL DEFAULT '',
    parameters INTEGER NOT NULL DEFAULT 0,
    best_val_loss REAL,
    best_epoch INTEGER NOT NULL DEFAULT 0,
    epochs INTEGER NOT NULL,
    first_epoch INTEGER NOT NULL DEFAULT 0,
    parent INTEGER,
    seed INTEGER NOT NULL,
    secs REAL NOT NULL DEFAULT 0,
    started REAL NOT NULL,
    end_order INTEGER,
    hyperparameters TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS by_loss ON trials (best_val_loss) WHERE best_val_loss IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_end ON trials (end_order);
CREATE TABLE IF NOT EXISTS epochs (
    number INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    loss REAL,
    val_loss REAL,
    learning_rate REAL,
    secs REAL NOT NULL,
    PRIMARY KEY (number, epoch)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS narrowings (number INTEGER PRIMARY KEY, narrowing TEXT NOT NULL);
"""


@dataclass(frozen=True)
class TrialRow:
    """One trial as the store keeps it.

    Args:
        number: of the trial, from 0.
        status: `running`, `completed`, `stopped` or `failed`.
        reason: why it failed or ended early.
        profile: printed widths, `64-8-32`; empty when unknown.
        parameters: trainable parameters.
        best_val_loss: smallest validation loss, None without a finished epoch.
        best_epoch: its epoch, from 1.
        epochs: last epoch asked for.
        first_epoch: epochs done before this trial, by its parent.
        parent: trial this one goes on from (Hyperband).
        seed: of initial weights, dropout and batch order.
        secs: training time in seconds, the sum over its epochs.
        started: seconds since 1970.
        end_order: place in the order in which trials ended, from 0; None while running.
        values: hyperparameters.
    """

    number: int
    status: str
    reason: str
    profile: str
    parameters: int
    best_val_loss: float | None
    best_epoch: int
    epochs: int
    first_epoch: int
    parent: int | None
    seed: int
    secs: float
    started: float
    end_order: int | None
    values: dict[str, Any]

    @property
    def name(self) -> str:
        """How the trial is called everywhere: `t0007 64-8-32`."""
        return f"t{self.number:04d} {self.profile}".strip()


class Store:
    """The database of one run.

    Raises:
        UserError: when the file is not a database of this package, or of a newer version.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        try:
            source = f"{path.resolve().as_uri()}?mode=ro" if read_only else str(path)
            self._db = sqlite3.connect(source, uri=read_only, isolation_level=None)
            self._db.execute("PRAGMA busy_timeout = 10000")
            if not read_only:
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._db.executescript(_SCHEMA)
            version = self.meta("version")
        except sqlite3.DatabaseError as error:
            raise UserError(f"{path} cannot be read as the store of a run: {error}") from None
        if version is None and not read_only:
            self.set_meta("version", VERSION)
        elif version != VERSION:
            raise UserError(
                f"{path} was written by another version of narrows (store {version}, here {VERSION})"
            )

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def meta(self, key: str) -> Any:
        """Return the value kept under `key`, or None."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set_meta(self, key: str, value: Any) -> None:
        """Keep a JSON-able `value` under `key`."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    def begin(self, row: TrialRow, algorithm: Mapping[str, Any]) -> None:
        """Record that a trial starts, with the algorithm's state after it was proposed."""
        cells = {field.name: getattr(row, field.name) for field in fields(row) if field.name != "values"}
        cells["hyperparameters"] = json.dumps(row.values)
        names, marks = ", ".join(cells), ", ".join("?" * len(cells))
        with self._transaction():
            for table in ("epochs", "narrowings"):
                self._db.execute(f"DELETE FROM {table} WHERE number = ?", (row.number,))
            self._db.execute(
                f"INSERT OR REPLACE INTO trials ({names}) VALUES ({marks})", tuple(cells.values())
            )
            self.set_meta("algorithm", algorithm)

    def epoch(self, epoch: Epoch) -> None:
        """Record one epoch of a running trial."""
        cells = (epoch.number, epoch.epoch, epoch.loss, epoch.val_loss, epoch.learning_rate, epoch.secs)
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?, ?, ?)", cells)
            self._db.execute("UPDATE trials SET secs = secs + ? WHERE number = ?", (epoch.secs, epoch.number))

    def end(
        self, outcome: Outcome, profile: str, algorithm: Mapping[str, Any], narrowing: str | None = None
    ) -> None:
        """Record how a trial ended, with the algorithm's state after it was told, and its narrowing."""
        loss = outcome.best_val_loss if outcome.best_epoch else None
        with self._transaction():
            order = self._db.execute("SELECT COALESCE(MAX(end_order) + 1, 0) FROM trials").fetchone()[0]
            self._db.execute(
                "UPDATE trials SET status = ?, reason = ?, profile = ?, parameters = MAX(parameters, ?), "
                "best_val_loss = ?, best_epoch = ?, end_order = ? WHERE number = ?",
                (
                    outcome.status,
                    outcome.reason,
                    profile,
                    outcome.parameters,
                    loss,
                    outcome.best_epoch,
                    order,
                    outcome.number,
                ),
            )
            self.set_meta("algorithm", algorithm)
            if narrowing is not None:
                self.set_narrowing(outcome.number, narrowing)

    def set_narrowing(self, number: int, narrowing: str) -> None:
        """Keep what was measured of a trial, JSON text, in place of what was known."""
        self._db.execute("INSERT OR REPLACE INTO narrowings VALUES (?, ?)", (number, narrowing))

    def narrowings(self) -> dict[int, str]:
        """Return what was measured, by trial; trials that were not measured are not in it."""
        return dict(self._db.execute("SELECT number, narrowing FROM narrowings"))

    def narrowing(self, number: int) -> str | None:
        """Return what was measured of one trial, or None."""
        row = self._db.execute("SELECT narrowing FROM narrowings WHERE number = ?", (number,)).fetchone()
        return None if row is None else row[0]

    def trials(self) -> list[TrialRow]:
        """Return every trial, by number."""
        return self._rows("ORDER BY number")

    def trial(self, number: int) -> TrialRow | None:
        """Return one trial, or None."""
        return next(iter(self._rows("WHERE number = ?", (number,))), None)

    def best(self, count: int = 1) -> list[TrialRow]:
        """Return the trials of the smallest validation loss, failed ones left out, best first."""
        clause = (
            "WHERE best_val_loss IS NOT NULL AND status IN ('completed', 'stopped') "
            "ORDER BY best_val_loss, number LIMIT ?"
        )
        return self._rows(clause, (count,))

    def loss_of_rank(self, rank: int) -> float | None:
        """Return the validation loss of the trial at a rank of `best`, from 1; None when there are fewer."""
        clause = (
            "SELECT best_val_loss FROM trials WHERE best_val_loss IS NOT NULL "
            "AND status IN ('completed', 'stopped') ORDER BY best_val_loss LIMIT 1 OFFSET ?"
        )
        return next((row[0] for row in self._db.execute(clause, (rank - 1,))), None)

    def epochs(self, number: int) -> list[Epoch]:
        """Return the epochs of one trial, in order."""
        rows = self._db.execute("SELECT * FROM epochs WHERE number = ? ORDER BY epoch", (number,))
        # SQLite keeps NaN as NULL.
        return [
            Epoch(row[0], row[1], *(math.nan if cell is None else cell for cell in row[2:])) for row in rows
        ]

    def _rows(self, clause: str, arguments: tuple[Any, ...] = ()) -> list[TrialRow]:
        names = [field.name for field in fields(TrialRow)][:-1]
        rows = self._db.execute(f"SELECT {', '.join(names)}, hyperparameters FROM trials {clause}", arguments)
        known = ((dict(zip(names, row, strict=False)), json.loads(row[-1])) for row in rows)
        return [TrialRow(**cells, values=values) for cells, values in known]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def running_row(number: int, values: dict[str, Any], seed: int, epochs: int, **known: Any) -> TrialRow:
    """Return the row of a trial that starts now; `known` overrides the other fields."""
    blank: dict[str, Any] = {
        "status": RUNNING,
        "reason": "",
        "profile": "",
        "parameters": 0,
        "best_val_loss": None,
        "best_epoch": 0,
        "first_epoch": 0,
        "parent": None,
        "secs": 0.0,
        "started": time.time(),
        "end_order": None,
    }
    return TrialRow(number=number, values=values, seed=seed, epochs=epochs, **(blank | known))
