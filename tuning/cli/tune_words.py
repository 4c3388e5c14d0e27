"""What `narrows tune` says before it searches and after it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ...search_spaces.plain import to_json
from ..stopping.halving import rungs
from .notation import typed
from .output import answer_text, note, open_question, say, say_facts

if TYPE_CHECKING:
    from ..job import Job
    from ..prepared import Prepared
    from ..runs.folder import RunFolder


def introduce(job: Job, prepared: Prepared, run: RunFolder) -> None:
    """Say how the data were read, what is searched and when a trial ends."""
    from ..answers.seeds import SEEDS, places
    from ..series.words import counted

    series, windows = prepared.series, prepared.windows
    say_facts(series.facts)
    for line in series.notes:
        note(line)
    counts = "/".join(f"{len(rows):,}" for rows in windows.parts.values())
    read = prepared.parts.get("lookback")
    lookback = windows.lookback if read is None else str(read)
    longer = read is not None and windows.lookback > int(read.ends[1])
    reads = f" (the linear forecast reads {windows.lookback} rows)" if longer else ""
    say(
        f"lookback {lookback}{reads}, horizon {windows.horizon}; {counts} windows to train, validate and test"
    )
    for line in windows.notes:
        note(line)
    parts = {
        name: typed(name, part) for name, part in prepared.parts.items() if not longer or part is not read
    }
    widths = {name: text for name, text in parts.items() if name.startswith("units_")}
    if len(set(widths.values())) == 1:
        parts = {
            ("units" if n == "units_1" else n): text for n, text in parts.items() if n not in list(widths)[1:]
        }
    say("searching " + ", ".join(f"{name} {text}" for name, text in parts.items()))
    limits = [f"at most {counted(prepared.epochs, 'epoch')} a trial"]
    if 0 < prepared.patience < prepared.epochs:
        limits.append(f"a trial ends after {counted(prepared.patience, 'epoch')} without progress")
    if prepared.rung and (judged := rungs(prepared.rung, prepared.epochs)):
        after = ", ".join(map(str, judged))
        limits.append(f"it ends early unless it is among the best third after {after} (--no-halving: never)")
    if prepared.older:
        few = "" if job.folds else "as validation windows are few, "
        limits.append(f"{few}each is trained on {1 + len(prepared.older)} folds (--folds 1: on one)")
    if job.confirm and (count := places(job.trials)):
        best = f"best {count}" if count > 1 else "best one"
        limits.append(f"the {best} will be trained again with {SEEDS} other seeds (--no-confirm: never)")
    say("; ".join(limits))
    if run.answer is not None and run.is_done(job.trials):
        say(f"{run.folder}: {len(run.trials)} trials are done; a larger --trials goes on")


def conclude(run: RunFolder, as_json: bool) -> None:
    """Say the answer and the next commands."""
    answer = run.answer
    if as_json:
        say(to_json({"event": "answer", "run": str(run.folder), "answer": answer}))
        return
    if answer is None:
        rows = run.trials
        reason = next((row.reason for row in rows if row.reason), "none was started")
        say(f"no trial gave a score ({len(rows)} tried); the first says: {reason}")
        return
    say(f"\n{answer_text(answer)}\n")
    _next_commands(run)
    if run.best is not None and (question := open_question(run, run.best)):
        say(f"decide its widths    {question}")


def _next_commands(run: RunFolder) -> None:
    here = shlex.quote(str(run.folder))
    say(f"look at the trials   narrows board {here}")
    answer = run.answer or {}
    both = answer.get("ensemble")
    # The linear forecast alone is named where the test part does not speak against it.
    together = " --ensemble" if both and (both["share"] > 0 or answer["adds_nothing"]) else ""
    say(f"hand over the best   narrows export {here} model{together}")


def interrupted(run: RunFolder, as_json: bool) -> None:
    """Say the best trial so far, of a search that Ctrl-C ended, and the next commands."""
    best = run.best
    if as_json or best is None:
        return
    say(f"best so far  {best.name}  validation loss {best.score:.5g}")
    _next_commands(run)
