"""The table of trials, as plain data: what the tab and the report show of each one in a row.

All is made of dicts, lists, texts and numbers; a number that is not known is None.
"""

from __future__ import annotations

import math
from typing import Any

from .bottleneck import applied
from .layer_facts import effective_of
from .recorded import RecordedSearch, RecordedTrial
from .rungs import reason_of, rungs_of

PROFILE = (
    "The units of each layer from input to output, a bottleneck among them: 34-8 is a layer of 34 units, "
    "then one of 8"
)
LEAST_KEPT = (
    "Of what a layer holds, how much is found again in the next one where that is narrower; where several "
    "are, the least. 100% is all of it; of a trial in which no layer is narrower there is nothing to tell"
)
WORK = (
    "How many units of each layer do different work, beside how many it has (profile): the others repeat them"
)


def table(search: RecordedSearch) -> dict[str, Any]:
    """Return the table of all trials that have ended, by number.

    Nodes, reasons and notes are columns only where a trial has one.

    Returns:
        {"columns": [{"name", "label", "numeric", "log"}], "rows": [[...], ...]}; a column may have a "hint".
    """
    chosen = [one for one in search.hyperparameters if not one.fixed]
    rungs = rungs_of(search)
    reasons = {one.number: reason_of(search, one, rungs) for one in search.trials}
    notes = {one.number: search.note(one.number) for one in search.trials}
    nodes = {one.number: one.node for one in search.trials}
    told = {"node": ("trained on", nodes), "reason": ("why it ended", reasons), "note": ("note", notes)}
    told = {name: (label, texts) for name, (label, texts) in told.items() if any(texts.values())}
    columns = [
        _column("trial", "trial"),
        _column("profile", "profile", numeric=False) | {"hint": PROFILE},
        _column("loss", f"validation loss ({search.loss})", log=True),
        _column("status", "status", numeric=False),
        _column("parameters", "parameters", log=True),
        _column("worst_kept", "least kept") | {"hint": LEAST_KEPT},
        _column("narrowest", "narrowest") | {"hint": "The units of the narrowest layer"},
        _column("effective", "do different work", numeric=False) | {"hint": WORK},
        _column("epochs", "epochs"),
        _column("secs", "seconds"),
        *(_column(name, label, numeric=False) for name, (label, _) in told.items()),
        *(_column(one.name, one.name, one.numeric, one.log) for one in chosen),
    ]
    names = [one.name for one in chosen]
    rows = [
        [
            *_row(trial),
            *(texts[trial.number] for _, texts in told.values()),
            *(known(values.get(name)) for name in names),
        ]
        for trial, values in ((trial, applied(trial)) for trial in search.trials)
    ]
    return {"columns": columns, "rows": rows}


def why_ended(search: RecordedSearch, trial: RecordedTrial) -> str:
    """Return why a trial ended; empty where it had its time."""
    return reason_of(search, trial, rungs_of(search))


def known(value: Any) -> Any:
    """Return `value`, or None for a number that is not finite."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _column(name: str, label: str, numeric: bool = True, log: bool = False) -> dict[str, Any]:
    return {"name": name, "label": label, "numeric": numeric, "log": log}


def _row(trial: RecordedTrial) -> list[Any]:
    return [
        trial.number,
        trial.profile,
        known(trial.score),
        trial.status,
        trial.parameters or None,
        known(trial.worst_kept),
        min(trial.units, default=None),
        "-".join(f"{width:.1f}" for width in effective_of(trial)),
        trial.last_epoch,
        known(trial.secs),
    ]
