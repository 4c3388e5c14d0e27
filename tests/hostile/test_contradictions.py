"""Stores that contradict themselves: a command shows what is right or tells the rest in one message.

Each row and each key is JSON of the right kind by itself, with its sum; what it says cannot be true beside
the others, or of any search.
"""

from __future__ import annotations

import itertools
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from narrows.tuning.report import page

from .conftest import Told, forged_rows

Commands = dict[str, Callable[[Path], Told]]
Statement = tuple[str, tuple[Any, ...]]
Path_ = tuple[str | int, ...]
META = {
    "answer": [
        (("trial",), 99), (("trial",), 3), (("trial",), 0), (("name",), "t0099 8"), (("scores", "LSTM"), {}),
        (("scores", "LSTM"), {"z": {"RMSE": 1.0}}), (("scores",), {}), (("forecasts",), {"model": "LSTM"}),
    ],
    "hyperparameters": [((0, "name"), 5), ((0,), {}), ((1, "numeric"), False), ((-1, "numeric"), True)],
    "engine": [((), 5), ((), ["fused"])],
}  # fmt: skip
"""What is put at which place of a value, by key; the place () is the whole value."""
OF_TRIALS = {
    "units": ["[]", "[0]", "[-1, 8]", "[8, 8, 8, 8, 8]", "[1" + "0" * 30 + "]", "[5]"],
    "values": ["{}", '{"num_layers": 99}', '{"units_1": "x"}', '{"units_1": [8]}', '{"units_1": {"x": 1}}',
               '{"learning_rate": -1}', '{"learning_rate": 1' + "0" * 320 + "}"],
    "again": ["[1, 2, 3, 4]", "[null]"], "folds": ["[1]", "[1, 2, 3]"], "repeated": ["[1, 2]", "[null]"],
    "parent": [1, 99, -1], "status": ["running", "failed", "paused"], "secs": [-1.0, float("inf")],
    "best_val_loss": [None, -1.0, 0.0, 5e-324, 1e308], "best_epoch": [-1, 99], "parameters": [-5],
    "node": ["\x1b[2J", "x" * 10**5],
}  # fmt: skip
OF_STUDIES: list[tuple[Path_, Any]] = [
    (("reference",), "64"), (("enough",), "64"), (("profile",), "x"), (("margin",), 1e308), (("arms",), []),
    (("numeric",), False), (("arms", 1, "width"), 0), (("arms", 1, "width"), 10**40),
    (("arms", 1, "width"), None), (("arms", 1, "label"), "32"), (("arms", 1, "word"), "best"),
    (("arms", 0, "word"), "enough"), (("arms", 1, "losses"), [1.0]), (("arms", 1, "losses"), [-1.0] * 8),
    (("arms", 1, "ratios"), [1.0] * 80), (("arms", 1, "ratios"), [0.0, 1e308]), (("arms", 1, "rates"), []),
    (("arms", 1, "rates", 0, "rate"), 0.0), (("arms", 1, "cost"), -7.0), (("arms", 1, "cost"), 1e308),
    (("arms", 1, "high"), 1e308), (("arms", 1, "place"), 10**20), (("arms", 1, "parameters"), -1),
    (("arms", 1, "measures", "lags"), [0]), (("arms", 1, "measures", "lags"), [5] * 24),
]  # fmt: skip
OF_MEASURES: list[tuple[Path_, Any]] = [
    (("layers", 0, "units"), 3), (("layers", 0, "measures", "fill", "units"), 0),
    (("boundaries", 0, "before"), 1),
    (("layers", 0, "measures", "fill", "effective_rank"), -4.0), (("boundaries", 0, "after"), 10**30),
    (("layers", 0, "measures", "redundancy", "of_units"), []), (("boundaries",), []), (("layers",), []),
    (("layers", 0, "measures", "redundancy", "dead"), [10**6]), (("boundaries", 0, "verdict", "word"), "x"),
    (("layers", 0, "measures", "correlation", "pairs"), [0.5] * 4), (("rows",), -1),
    (("layers", 0, "measures", "memory", "lags"), [3, 2, 1]),
]  # fmt: skip


def changed(plain: Any, place: Path_, other: Any) -> str:
    """Return JSON of `plain` with something else at a place."""
    if not place:
        return json.dumps(other)
    copy = json.loads(json.dumps(plain))
    inner = copy
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = other
    return json.dumps(copy)


def contradictions(made: Path) -> Iterator[tuple[str, Statement]]:
    """Yield what is put into the store of a run, with a name for it."""
    with closing(sqlite3.connect(made / "run.sqlite")) as db:
        meta = {key: json.loads(value) for key, value in db.execute("SELECT key, value FROM meta")}
        study = json.loads(db.execute("SELECT study FROM studies").fetchone()[0])
        known = {number: json.loads(text) for number, text in db.execute("SELECT * FROM narrowings")}
    best = meta["answer"]["trial"]
    full = next(
        one for one in known if "memory" in json.dumps(known[one]) and known[one]["measured"]["boundaries"]
    )
    for key, others in META.items():
        for place, other in others:
            put = changed(meta[key], place, other)
            yield f"{key} {place} {other}", ("UPDATE meta SET value = ? WHERE key = ?", (put, key))
    for column, cells in OF_TRIALS.items():
        for cell in cells:
            put = f'UPDATE trials SET "{column}" = ? WHERE number = ?'
            yield f"{column} {cell}", (put, (cell, best))
    for place, other in OF_STUDIES:
        yield f"study {place} {other}", ("UPDATE studies SET study = ?", (changed(study, place, other),))
    for place, other in OF_MEASURES:
        put = changed(known[full], ("measured", *place), other)
        yield (
            f"measured {place} {other}",
            ("UPDATE narrowings SET narrowing = ? WHERE number = ?", (put, full)),
        )
    for table in ("trials", "epochs", "narrowings", "files", "meta"):
        yield f"no {table}", (f"DELETE FROM {table}", ())
    yield "no best trial", ("DELETE FROM trials WHERE number = ?", (best,))
    yield "measures of no trial", ("INSERT INTO narrowings VALUES (99, '{}')", ())
    yield "an epoch of no trial", ("INSERT INTO epochs VALUES (99, 1, 1, 1, 1, 1, '{}')", ())


def test_a_store_that_contradicts_itself_is_shown_or_told_in_one_message(
    folder: Path,
    made: Path,
    commands: Commands,
    call: Callable[..., Told],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page, "get_plotlyjs", lambda: "")  # 5 MB in each report
    commands |= {
        "sorted": lambda folder: call("trials", folder, "--sort=-units_1", "--csv"),
        "check": lambda folder: call("check", folder, "--dry-run"),
    }
    others = itertools.cycle(["trials", "json", "runs", "check", "export", "forecast", "sorted"])
    count = told = 0
    for (what, statement), other in zip(contradictions(made), others, strict=False):
        shutil.rmtree(folder)
        shutil.copytree(made, folder)
        forged_rows(folder, statement)
        for name in ("report", other):
            code, _, err = commands[name](folder)
            told += code == 2 and "all was read" not in err
        count += 1
        assert what
    assert count > 90 and told > 60
