"""What the commands print: lines, and the answer; with `--verbose` also the log, and tracebacks of errors."""

from __future__ import annotations

import logging
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from ..runs.log_file import LOGGER, Lines, harmless
from .ending import GO_ON
from .tables import table

if TYPE_CHECKING:
    from ...search_spaces.trial import Trial
    from ..runs.folder import RunFolder


def say(text: str = "") -> None:
    """Write one line to standard output."""
    typer.echo(_harmless(text, sys.stdout))


def say_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Write (what, how), a line each, as a table of two columns."""
    width = max((len(what) for what, _ in facts), default=0)
    for what, how in facts:
        say(f"{what:<{width}}  {how}")


def note(text: str) -> None:
    """Write one line to standard error, where it is in nobody's way."""
    typer.echo(_harmless(text, sys.stderr), err=True)


def complain(message: str) -> None:
    """Say in one message why the command ends; with `--verbose` below its traceback."""
    if LOGGER.isEnabledFor(logging.INFO):
        note(Lines().formatException(sys.exc_info()))
    note(f"narrows: {message}")


def _speak_up(asked: bool) -> bool:
    if asked:
        told = logging.StreamHandler(sys.stderr)
        told.setFormatter(Lines())
        LOGGER.addHandler(told)
        LOGGER.setLevel(logging.INFO)
    return asked


Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        help="Write the log to standard error too, and the traceback of an error.",
        callback=_speak_up,
    ),
]
"""An option that holds from where it is read until `quiet_again`."""


@contextmanager
def quiet_again() -> Iterator[None]:
    """Put the logger back as it was when the body ends."""
    level, handlers = LOGGER.level, list(LOGGER.handlers)
    try:
        yield
    finally:
        LOGGER.setLevel(level)
        LOGGER.handlers[:] = handlers


def _harmless(text: str, stream: TextIO) -> str:
    """Return a text for a terminal without what would command it: names may hold any character."""
    return harmless(text) if stream.isatty() else text


@contextmanager
def say_how_to_go_on() -> Iterator[None]:
    """Say how to go on where Ctrl-C or another signal (`ending`) ends the body."""
    try:
        yield
    except KeyboardInterrupt:
        note(f"interrupted; {GO_ON}")
        raise


def answer_text(answer: dict[str, Any]) -> str:
    """Return the answer of a run: the best trial, its scores beside the floors, plain sentences."""
    alone = answer["linear_alone"]
    what = "the linear forecast alone" if alone else f"{answer['parameters']:,} parameters"
    lines = [
        f"best trial  {answer['name']}  ({what}, validation loss {_number(answer['best_val_loss'], 5)})",
        f"on the untouched test part ({answer['windows']:,} windows), {_units(answer)}:",
        "",
    ]
    scores = answer["scores"]
    targets = list(next(iter(scores.values())))
    metrics = list(next(iter(scores.values()))[targets[0]])
    head = [*(["target"] if len(targets) > 1 else []), "forecast", *metrics]
    rows = [
        [*([target] if len(targets) > 1 else []), name, *(_number(scores[name][target][m]) for m in metrics)]
        for target in targets
        for name in scores
    ]
    lines += [table(head, rows, right=range(len(head) - len(metrics), len(head))), "", *answer["sentences"]]
    return "\n".join(lines)


def _units(answer: dict[str, Any]) -> str:
    if not answer["by_series"]:
        return "in raw units"
    return "MAE and RMSE in raw units, MASE, sMAPE and OWA as means over the series"


def open_question(run: RunFolder, best: Trial) -> str:
    """Return the command of the study that would decide what an answer leaves open; empty if none could."""
    from ..answers.widths import undecided

    if "source" in run.job["identity"]["space"] or (run.answer or {}).get("adds_nothing"):
        return ""
    layers = undecided(run.recorded_trial(best).narrowing)
    one = f" --layer {layers[0]}" if len(layers) == 1 else ""
    return f"narrows study {shlex.quote(str(run.folder))}{one}"


def _number(value: float | None, digits: int = 4) -> str:
    return "-" if value is None or value != value else f"{value:.{digits}g}"
