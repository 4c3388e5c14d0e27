"""What the commands print: lines, the answer, and nothing of what TensorFlow says while it loads."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from .tables import table


def say(text: str = "") -> None:
    """Write one line to standard output."""
    typer.echo(text)


def note(text: str) -> None:
    """Write one line to standard error, where it is in nobody's way."""
    typer.echo(text, err=True)


@contextmanager
def quietly() -> Iterator[None]:
    """Keep what native code writes to standard error while TensorFlow loads off the terminal."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def load_tensorflow() -> None:
    """Import TensorFlow, quietly; its advice on tracing is for those who write the models."""
    with quietly():
        import tensorflow
    tensorflow.get_logger().setLevel("ERROR")


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
