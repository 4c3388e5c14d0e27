"""What the commands print: lines, and the answer."""

from __future__ import annotations

from typing import Any

import typer

from .tables import table


def say(text: str = "") -> None:
    """Write one line to standard output."""
    typer.echo(text)


def note(text: str) -> None:
    """Write one line to standard error, where it is in nobody's way."""
    typer.echo(text, err=True)


def answer_text(answer: dict[str, Any]) -> str:
    """Return the answer of a run: the best trial, its scores beside the floors, plain sentences."""
    lines = [
        f"best trial  {answer['name']}  ({answer['parameters']:,} parameters, "
        f"validation loss {answer['best_val_loss']:.5g})",
        f"on the untouched test part ({answer['windows']:,} windows), in raw units:",
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


def _number(value: float | None) -> str:
    return "-" if value is None or value != value else f"{value:.4g}"
