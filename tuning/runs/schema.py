"""The tables of a run's store, and their version: a store of another one does not open."""

from __future__ import annotations

VERSION = 7

SCHEMA = """
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
    folds TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS by_loss ON trials (best_val_loss) WHERE best_val_loss IS NOT NULL;
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
