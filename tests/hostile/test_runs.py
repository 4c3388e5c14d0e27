"""Run folders of strangers, forged with digests and sums: a command works, or says why it does not."""

from __future__ import annotations

import io
import itertools
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .conftest import Told, changed_bits, forged, forged_rows, other_values

Commands = dict[str, Callable[[Path], Told]]
Change = Callable[[Path], object]
CELLS = (
    None,
    b"\0",
    b"x",
    "x",
    "",
    "[]",
    "{}",
    "[null]",
    '{"a": []}',
    -1,
    1.5,
    1e308,
    float("inf"),
    2**63 - 1,
)
TRIAL = (
    *("values", "epochs", "first_epoch", "parent", "seed", "fold", "tag", "status", "reason", "units"),
    *("parameters", "best_val_loss", "best_epoch", "secs", "started", "again", "folds"),
)
EPOCH = ("loss", "val_loss", "learning_rate", "secs", "metrics")
ENDLESS = (
    "WITH RECURSIVE n(key, value) AS (SELECT 'version', 7 UNION ALL SELECT 'x', value FROM n) SELECT * FROM n"
)


def row(made: Path, table: str, key: str) -> str:
    """Return what the store keeps under a key."""
    name = {"meta": "key", "studies": "name", "narrowings": "number"}[table]
    with closing(sqlite3.connect(made / "run.sqlite")) as db:
        return db.execute(f"SELECT * FROM {table} WHERE {name} = ?", (key,)).fetchone()[-1]


def jobs(made: Path) -> Iterator[Change]:
    plain = json.loads((made / "job.json").read_text())
    for text in ["", "5", "null", "[]", "{}", "[" * 99_999, "1" * 9999, '{"version": NaN}', "\ud800", "\xff"]:
        yield lambda folder, text=text: forged(folder, "job.json", text.encode("utf-8", "surrogatepass"))
    for text in other_values(plain, 0, 1):
        yield lambda folder, text=text: forged(folder, "job.json", text.encode())


def answers(made: Path) -> Iterator[Change]:
    change = "UPDATE meta SET value = ? WHERE key = 'answer'"
    for text in other_values(json.loads(row(made, "meta", "answer")), 1, 1):
        yield lambda folder, text=text: forged_rows(folder, (change, (text,)))
    for text in ("", "5", "[]", "nul", '"x"'):
        yield lambda folder, text=text: forged_rows(folder, (change, (text,)))


def trials(made: Path) -> Iterator[Change]:
    for column in TRIAL:
        for cell in CELLS[1::3] if column in ("tag", "reason") else CELLS[::2] + CELLS[1:4:2]:
            yield lambda folder, column=column, cell=cell: _changed(folder, "trials", column, cell)


def epochs(made: Path) -> Iterator[Change]:
    for column in EPOCH:
        for cell in CELLS[::2]:
            yield lambda folder, column=column, cell=cell: _changed(folder, "epochs", column, cell)


def _changed(folder: Path, table: str, column: str, cell: Any) -> None:
    # The store itself does not take it.
    with suppress(sqlite3.IntegrityError, sqlite3.OperationalError):
        forged_rows(folder, (f'UPDATE {table} SET "{column}" = ? WHERE number = 1', (cell,)))


def schemas(made: Path) -> Iterator[Change]:
    views = [
        f"DROP TABLE {name}; CREATE VIEW {name} AS {ENDLESS}" for name in ("meta", "trials", "files", "sums")
    ]
    odd = [
        "CREATE TRIGGER wipe AFTER UPDATE ON trials BEGIN DELETE FROM epochs; END",
        "CREATE TABLE more (x)", "DROP TABLE epochs", "DROP INDEX by_loss", "DROP TABLE sums",
        "ALTER TABLE trials ADD COLUMN more",
        "ALTER TABLE meta RENAME COLUMN value TO said",
        "CREATE INDEX endless ON meta (abs(value))", "PRAGMA writable_schema = 1; DELETE FROM sqlite_master",
        "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = 'CREATE TABLE x (x)' WHERE name = 'meta'",
        "PRAGMA user_version = 99; UPDATE meta SET value = '\"7\"' WHERE key = 'version'",
        "UPDATE meta SET value = x'ff' WHERE key = 'version'", "DELETE FROM meta",
    ]  # fmt: skip
    for statements in [*views, *odd]:
        yield lambda folder, statements=statements: _script(folder, statements)


def _script(folder: Path, statements: str) -> None:
    with closing(sqlite3.connect(folder / "run.sqlite")) as db:
        db.executescript(statements)


def npz(arrays: dict[str, Any], *, packed: bool = False) -> bytes:
    """Return a .npz file, of arrays or of bytes as they are."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as zipped:
        for name, array in arrays.items():
            content = io.BytesIO()
            if isinstance(array, bytes):
                content.write(array)
            else:
                np.save(content, array, allow_pickle=True)
            zipped.writestr(name, content.getvalue())
    return file.getvalue()


def series(made: Path) -> Iterator[Change]:
    with np.load(made / "series.npz") as stored:
        kept = {f"{name}.npy": stored[name] for name in stored.files}
    values = kept["values.npy"]
    huge = (
        b"\x93NUMPY\x01\x00\x76\x00" + b"{'descr': '<f8', 'fortran_order': False, 'shape': (%d,), }" % 10**15
    )
    huge = huge.ljust(127) + b"\n"
    others: list[dict[str, Any]] = [
        {}, {"values.npy": values}, {"about.npy": np.array("{}")}, {"../values.npy": values},
        {"/values.npy": values}, {"values.npy": np.array([print], object)},
    ]  # fmt: skip
    for odd in (
        values[:, 0], values.T, values[:0], values[:2], values + 1j, values.astype(str), values.astype(bool),
        values.astype(np.float16), values * np.nan, values * 0, values + 1e308, values.astype("S9"), huge,
        b"",
        values.astype("datetime64[s]"), np.array(5.0), b"\x93NUMPY\x09\x00", values[::-1],
    ):  # fmt: skip
        others.append(kept | {"values.npy": odd})
    for name in ("starts", "codes", "times", "filled"):
        for odd in ([0, 0], [5], [-1], [10**18], [], [0.5], ["x"], [[0]], [0, 150, 60], 0):
            others.append(kept | {f"{name}.npy": np.array(odd)})
    about = json.loads(str(kept["about.npy"]))
    others += [kept | {"about.npy": np.array(text)} for text in other_values(about, 2, 1)]
    contents = [npz(arrays) for arrays in others]
    contents += [npz(kept | {"values.npy": np.zeros(10**7)}, packed=True), npz(kept, packed=True), b"", b"PK"]
    for content in contents:
        yield lambda folder, content=content: forged(folder, "series.npz", content)


def weights(made: Path) -> Iterator[Change]:
    best = next(
        path for path in made.glob("trials/*/weights.npz") if path.parent.name == f"{_best(made):04d}"
    )
    name = best.relative_to(made).as_posix()
    arrays: list[dict[str, Any]] = [
        {}, {"../../0000.npy": np.ones(3)}, {"0000.npy": np.array([print], object)}, {"0000.npy": b"x"},
        {"0000": np.ones(2)}, {"0000.npy": b"\x93NUMPY"},
    ]  # fmt: skip
    for content in [*map(npz, arrays), npz({"0000.npy": np.zeros(10**7)}, packed=True), b"", b"\x93NUMPY"]:
        yield lambda folder, content=content: forged(folder, name, content)


def _best(made: Path) -> int:
    return json.loads(row(made, "meta", "answer"))["trial"]


def flips(made: Path) -> Iterator[Change]:
    """One to thirty bits of the store turned over, at places drawn once and for all."""
    for content in changed_bits((made / "run.sqlite").read_bytes(), 60):
        yield lambda folder, content=content: (folder / "run.sqlite").write_bytes(content)


READS = ("trials", "runs", "export", "tune")
KINDS: dict[str, tuple[Callable[[Path], Iterator[Change]], tuple[str, ...]]] = {
    "job.json": (jobs, ("trials", "export", "study", "tune")),
    "the answer": (answers, ("export", "tune")),
    "cells of trials": (trials, ("trials", "tune", "report")),
    "cells of epochs": (epochs, ("json",)),
    "schemas": (schemas, READS),
    "series.npz": (series, ("export", "forecast", "study")),
    "weights": (weights, ("export", "forecast", "tune")),
    "bits of the store": (flips, ("trials",)),
}
"""What is forged, and the commands that read it, in turn."""


def test_there_are_many_hostile_run_folders(made: Path) -> None:
    counts = {name: sum(1 for _ in changes(made)) for name, (changes, _) in KINDS.items()}
    assert min(counts.values()) >= 9, counts
    assert sum(counts.values()) >= 450, counts


@pytest.mark.parametrize("kind", KINDS)
def test_a_forged_run_is_read_or_told_in_one_message(
    kind: str, folder: Path, made: Path, commands: Commands
) -> None:
    changes, names = KINDS[kind]
    for change, name in zip(changes(made), itertools.cycle(names), strict=False):
        shutil.rmtree(folder)
        shutil.copytree(made, folder)
        change(folder)
        asked = folder.parent.parent / "report.html"
        before = {path for path in folder.parent.parent.rglob("*") if ".sqlite-" not in path.name}
        commands[name](folder)
        after = {path for path in folder.parent.parent.rglob("*") if ".sqlite-" not in path.name}
        assert after - before <= {folder / "run.lock", folder / "run.holder", asked}


MEASURES = [
    *("layers.0.measures", "layers.0.measures.fill.units", "layers.0.measures.target.instant.0"),
    *(
        "boundaries.0",
        "boundaries.0.measures",
        "boundaries.0.measures.kept.instant.0",
        "boundaries.0.verdict.word",
    ),
    *("boundaries.0.handed_on", "layers", "rows"),
]


@pytest.mark.parametrize("place", MEASURES)
def test_forged_measures_are_told_by_the_report(
    place: str, folder: Path, made: Path, commands: Commands
) -> None:
    number = next(number for number in range(12) if '"boundaries":[{' in row(made, "narrowings", str(number)))
    plain = json.loads(row(made, "narrowings", str(number)))
    *way, last = [int(key) if key.isdecimal() else key for key in place.split(".")]
    inner = plain["measured"]
    for key in way:
        inner = inner[key]
    inner[last] = [["x"]]
    forged_rows(folder, ("UPDATE narrowings SET narrowing = ? WHERE number = ?", (json.dumps(plain), number)))
    code, _, err = commands["report"](folder)
    assert code == 2 and "run.sqlite is damaged, or was changed by another program (measures: " in err
