"""Looks at the store of a run: its log, its pages, the sum of each row, and whether its trials are whole."""

from __future__ import annotations

import os
import shlex
from functools import partial

from ...search_spaces.errors import UserError
from ...search_spaces.trial import Status
from ..runs.damaged_rows import Rows, damaged_rows, drop
from ..runs.digests import KeptFiles
from ..runs.entry import refuse_no_store
from ..runs.paths import RunPaths
from ..runs.store import Store
from ..runs.wal import lost_entries
from .findings import Findings

_MADE_AGAIN = {
    "narrowings": ("what was measured of trial {}", "the trial itself is whole"),
    "trainings": ("training {}, with another seed or of a study", "it is done again when it is asked for"),
    "studies": ("the study {}", "the same `narrows study` makes it again of its trainings"),
    "files": ("the digest of {}", "what it was the digest of cannot be trusted"),
    "meta": ("the {}", "the same `narrows tune` makes it again"),
}
"""Rows that the rest of the run does without, by table: what one is, and what to know of its loss."""
_TOLD = {
    "trials": "trial {}",
    "epochs": "an epoch of trial {}",
    "meta": "the {}",
    "files": "the digest of {}",
}


def check_log(paths: RunPaths, found: Findings) -> None:
    """Tell of what SQLite will leave out of the log, before it does."""
    log = paths.store.with_name(f"{paths.store.name}-wal")
    if lost := lost_entries(log):
        entries = "1 entry at its end is" if lost == 1 else f"{lost:,} entries at its end are"
        found.note(
            log.name,
            f"{entries} not whole, as after a kill in the middle of writing; SQLite goes by those before, "
            "and the same `narrows tune` trains again what is missing",
        )


def opened(paths: RunPaths, found: Findings, still: str) -> Store | None:
    """Return the store; None where it cannot be used.

    Args:
        paths: of the run.
        found: is told what is damaged.
        still: what can be used without the store.
    """
    try:
        refuse_no_store(paths)
        rows = damaged_rows(paths.store)
        whole = rows is None or _dropped(paths, rows, found)
        if whole:
            # What is not a store is not opened to be written.
            return Store(paths.store, read_only=rows is None or not found.repairs)
    except UserError as error:
        found.remains("", f"{error}. Until then, {still}")
    else:
        found.note(
            paths.store.name, f"nothing else can be looked at before that is mended; until then, {still}"
        )
    return None


def _dropped(paths: RunPaths, rows: Rows, found: Findings) -> bool:
    """Let go of damaged rows that can be made again; return whether the store opens without the others."""
    opens = True
    for table, keys in rows.items():
        for key in dict.fromkeys(_key(table, key) for key in keys):
            if _is_made_again(paths, table, key):
                what, known = _MADE_AGAIN[table]
                said = f"{what.format(key)} is damaged, or was changed by another program"
                mending = partial(_drop, paths, table, key)
                opens &= found.mend(paths.store.name, said, f"removed: {known}", mending)
                continue
            said = f"{_TOLD[table].format(key)} is damaged, or was changed by another program: "
            usable = "all else of the run can be used; " if table == "epochs" else ""
            found.remains(
                paths.store.name, f"{said}{usable}put back a copy, or search again in another folder"
            )
            opens &= table == "epochs"
    return opens


def _key(table: str, row: str) -> str:
    return row.split(" ")[0] if table == "epochs" else row


def _is_made_again(paths: RunPaths, table: str, key: str) -> bool:
    if table == "meta":
        return key == "answer"
    return table in _MADE_AGAIN and (table != "files" or paths.is_kept(key))


def _drop(paths: RunPaths, table: str, key: str) -> None:
    drop(paths.store, {table: [key]})
    if table == "files" and os.path.lexists(paths.folder / key):
        aside = paths.aside(key)
        aside.parent.mkdir(parents=True, exist_ok=True)
        (paths.folder / key).rename(aside)


def check_trials(paths: RunPaths, store: Store, files: KeptFiles, found: Findings) -> None:
    """Look whether the trials of a store are whole, and whether the best one can be handed over.

    Args:
        paths: of the run.
        store: that opened.
        files: of the run.
        found: is told.
    """
    trials = store.trials()
    numbers = [trial.number for trial in trials]
    if missing := sorted(set(range(max(numbers, default=-1) + 1)).difference(numbers)):
        told = ", ".join(map(str, missing[:10])) + (", ..." if len(missing) > 10 else "")
        found.remains(paths.store.name, f"trials are missing: {told}. Search again in another folder")
    for trial in trials:
        if trial.status in (Status.COMPLETED, Status.STOPPED) and trial.best_val_loss is None:
            found.remains(
                paths.store.name, f"{trial.name} ended without a loss. Search again in another folder"
            )
    best = store.best(len(trials))
    if best and not files.has(paths.weights(best[0].number)):
        other = next((trial for trial in best if files.has(paths.weights(trial.number))), None)
        instead = ""
        if other is not None:
            here = shlex.quote(str(paths.folder))
            instead = f", or hand over the next best: narrows export {here} model --trial {other.number}"
        found.note(
            "",
            f"the best trial, {best[0].name}, has no weights any more: give the same `narrows tune` command "
            f"again, which trains it once more{instead}",
        )
