"""`narrows trials` and `narrows runs`: what was done, as tables. `narrows note`: what one thinks of it."""

from __future__ import annotations

import csv
import shlex
import shutil
import sys
import textwrap
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from ...search_spaces.errors import UserError, did_you_mean, line_of
from ...search_spaces.plain import to_json
from ...search_spaces.repeat import of_repeat
from ...search_spaces.trial import Status
from .output import say
from .tables import fitting

if TYPE_CHECKING:
    from ...search_spaces.trial import Trial
    from ..run import Run

_WIDTHS = ("num_layers", "units_", "bottleneck")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What begins with one of these is computed by a program of tables that opens it."""
_RUN_COLUMNS = ("run", "best", "val_loss", "trials", "failed", "source")


def trials(
    run: Annotated[str, Argument(help="Run folder.")],
    sort: Annotated[
        str | None,
        Option(
            help="Column to sort by; -COLUMN for the other way round.", show_default="the best, then val_loss"
        ),
    ] = None,
    as_json: Annotated[bool, Option("--json", help="Every trial with every epoch, as JSON.")] = False,
    as_csv: Annotated[bool, Option("--csv", help="The table as CSV, to open elsewhere.")] = False,
    optuna: Annotated[
        str | None,
        Option(help="Write an Optuna study there instead, such as sqlite:///trials.db.", show_default=False),
    ] = None,
) -> None:
    """Print the trials of a run, the best first.

    Examples:

      narrows trials runs/fibonacci

      narrows trials runs/fibonacci --sort=-parameters

      narrows trials runs/fibonacci --csv > trials.csv

      narrows trials runs/fibonacci --optuna sqlite:///trials.db
    """
    from ..run import Run

    opened = Run(run)
    if optuna:
        study = opened.to_optuna(optuna)
        say(f"{optuna}: the study {study.study_name!r} with {len(study.trials):,} trials")
        return
    rows = opened.trials
    if as_json:
        say(to_json([_whole(opened, row) for row in rows], indent=2))
        return
    cells = _sorted(_cells(rows, opened.notes, widths=as_csv), sort or "val_loss")
    if sort is None and (best := opened.best):
        cells.sort(key=lambda row: row["trial"] != best.number)
    if not cells:
        say(f"{run} has no trial yet")
        return
    if as_csv:
        write = csv.DictWriter(sys.stdout, list(cells[0]), lineterminator="\n")
        write.writeheader()
        write.writerows({name: _literal(value) for name, value in row.items()} for row in cells)
        return
    marked = {row.number: told for row in rows if (told := of_repeat(row))}
    _say_table(run, cells, marked)
    for number, told in marked.items():
        say(f"* trial {number}: {told}")


def _say_table(run: str, cells: list[dict[str, Any]], marked: Collection[int]) -> None:
    """Print the table, one line a trial, and say which columns a terminal had no room for."""
    head = list(cells[0])
    right = [i for i, name in enumerate(head) if all(_is_number(row[name]) for row in cells)]
    for row in cells:
        row["val_loss"] = _shown("val_loss", row["val_loss"]) + "*" * (row["trial"] in marked)
    rows = [[_shown(name, row[name]) for name in head] for row in cells]
    _say_fitting(head, rows, right, f"narrows trials {shlex.quote(run)} --csv")


def _say_fitting(head: Sequence[str], rows: list[list[str]], right: Collection[int], all_of_it: str) -> None:
    """Print a table, one line a row; where a terminal has no room for all of it, the command that has."""
    text, not_whole = fitting(head, rows, right)
    say(text)
    if not_whole:
        told = (
            f"No room for all of {', '.join(not_whole)}. A wider window shows more, this command everything:"
        )
        say(textwrap.fill(told, shutil.get_terminal_size().columns, break_on_hyphens=False))
        say(f"  {all_of_it}")


def note(
    run: Annotated[str, Argument(help="Run folder.")],
    trial: Annotated[int, Argument(help="Number of the trial.")],
    text: Annotated[str, Argument(help='What to note; "" takes the note away.')],
) -> None:
    """Keep a note on a trial, which `narrows trials`, the Narrowing tab and the report show.

    A run that is being searched takes no notes until the search ends.

    Examples:

      narrows note runs/fibonacci 7 "too slow for the shop"
    """
    from ..notes import write_note

    say(write_note(run, trial, text))


def runs(
    folder: Annotated[str, Argument(help="Folder to look in, two levels deep.")] = "runs",
    as_json: Annotated[bool, Option("--json", help="As JSON.")] = False,
) -> None:
    """List the runs of a folder: trials done, the best one, its loss; or why a run cannot be read.

    Examples:

      narrows runs

      narrows runs experiments --json
    """
    from ..run import Run
    from ..runs.finding import find_runs

    if not Path(folder).is_dir():
        raise UserError(
            f"there is no folder {folder}; runs are made by `narrows tune`, below runs/ unless --out says so"
        )
    rows = []
    for path in find_runs(Path(folder)):
        # One run that cannot be read must not hide the others.
        try:
            with closing(Run(path)) as opened:
                rows.append(_run_cells(opened))
        except UserError as error:
            rows.append(dict.fromkeys(_RUN_COLUMNS) | {"run": str(path), "damaged": line_of(error)})
    if as_json:
        say(to_json(rows, indent=2))
    elif not rows:
        say(f"{folder} holds no run yet")
    else:
        told = [row | ({"best": f"damaged: {row['damaged']}"} if row["damaged"] else {}) for row in rows]
        cells = [[_shown(name, row[name]) for name in _RUN_COLUMNS] for row in told]
        _say_fitting(_RUN_COLUMNS, cells, (2, 3, 4), f"narrows runs {shlex.quote(folder)} --json")


def _run_cells(run: Run) -> dict[str, Any]:
    done = [row for row in run.trials if row.status.ended]
    best = run.best
    return {
        "run": str(run.folder),
        "best": best.name if best else "",
        "val_loss": best.score if best else None,
        "trials": f"{len(done)}/{run.job['budget']['trials']}",
        "failed": sum(row.status == Status.FAILED for row in done),
        "source": run.job["source"],
        "damaged": None,
    }


def _cells(rows: Sequence[Trial], notes: Mapping[str, str], *, widths: bool) -> list[dict[str, Any]]:
    """Return the columns of each trial, a node where a cluster trained any; what a trial has not is None.

    Args:
        rows: the trials.
        notes: what the user wrote of them, by number; a column where there is any.
        widths: whether there is a column for each hyperparameter that the profile tells.
    """
    on_nodes = any(row.node for row in rows)
    searched = [
        name
        for name in dict.fromkeys(chain(*(row.values for row in rows)))
        if widths or not name.startswith(_WIDTHS)
    ]
    return [
        {
            "trial": row.number,
            "profile": row.profile,
            "val_loss": row.best_val_loss,
            "status": row.status,
            "parameters": row.parameters,
            "best_epoch": row.best_epoch,
            "secs": round(row.secs, 2),
        }
        | ({"node": row.node} if on_nodes else {})
        | {name: row.values.get(name) for name in searched}
        | {"reason": row.reason}
        | ({"note": notes.get(str(row.number), "")} if notes else {})
        for row in rows
    ]


def _sorted(cells: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    name = by.removeprefix("-")
    if cells and name not in cells[0]:
        raise UserError(f"there is no column {name!r} to sort by{did_you_mean(name, cells[0])}")
    there = [row for row in cells if row[name] not in (None, "")]
    absent = [row for row in cells if row[name] in (None, "")]
    in_order = sorted(there, key=lambda row: (isinstance(row[name], str), row[name]))
    return in_order[:: -1 if by.startswith("-") else 1] + absent


def _literal(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.5g}"
    return f"{value:,}" if name == "parameters" else str(value)


def _is_number(value: Any) -> bool:
    return value is None or isinstance(value, int | float)


def _whole(run: Run, row: Trial) -> dict[str, Any]:
    epochs = [
        {
            name: None if value != value else value
            for name, value in asdict(epoch).items()
            if name not in ("number", "standing")
        }
        for epoch in run.store.epochs(row.number)
    ]
    return asdict(row) | {"profile": row.profile, "epochs_done": epochs}
