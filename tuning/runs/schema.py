"""The tables of a run's store, and their version: a store of another one does not open.

Which trial is the best is asked at the end of each one. SQLite answers from an index where a statement has
its condition to the letter; without one it would read all trials each time, ever more of them.
"""

from __future__ import annotations

VERSION = 11

HAS_RANK = "best_val_loss IS NOT NULL AND status IN ('completed', 'stopped')"
LAST = """json_extract("values", '$.scaling') = 'last'"""
AGAIN = "again != '[]'"
REPEATED = "repeated != '[]'"
"""Trials that `best.ranked` ranks; those that count from the last value; those that were trained again, with
other seeds and with their own. The last are ranked by more than their `best_val_loss`."""

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trials (
    number INTEGER PRIMARY KEY,
    "values" TEXT NOT NULL,
    epochs INTEGER NOT NULL,
    first_epoch INTEGER NOT NULL,
    parent INTEGER,
    seed INTEGER NOT NULL,
    fold INTEGER NOT NULL,
    tag TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    units TEXT NOT NULL,
    parameters INTEGER NOT NULL,
    best_val_loss REAL,
    best_epoch INTEGER NOT NULL,
    secs REAL NOT NULL,
    started REAL NOT NULL,
    again TEXT NOT NULL,
    folds TEXT NOT NULL,
    repeated TEXT NOT NULL,
    node TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS by_loss ON trials (best_val_loss) WHERE {HAS_RANK};
CREATE INDEX IF NOT EXISTS by_loss_of_last ON trials (best_val_loss) WHERE {HAS_RANK} AND {LAST};
CREATE INDEX IF NOT EXISTS by_loss_of_again ON trials (best_val_loss) WHERE {HAS_RANK} AND {AGAIN};
CREATE INDEX IF NOT EXISTS by_loss_of_repeated ON trials (best_val_loss) WHERE {HAS_RANK} AND {REPEATED};
CREATE TABLE IF NOT EXISTS epochs (
    number INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    loss REAL,
    val_loss REAL,
    learning_rate REAL,
    secs REAL NOT NULL,
    metrics TEXT NOT NULL,
    PRIMARY KEY (number, epoch)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS narrowings (number INTEGER PRIMARY KEY, narrowing TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS trainings (key TEXT PRIMARY KEY, training TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS studies (name TEXT PRIMARY KEY, place INTEGER NOT NULL, study TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
"""
TABLES = ("meta", "trials", "epochs", "narrowings", "trainings", "studies", "files")
