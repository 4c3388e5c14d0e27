"""The metrics of a trial: what TensorBoard's own views can sort, filter and colour trials by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .hparams import Column
from .recorded import RecordedTrial

NARROWING = "narrowing/"
"""What the tags of the measures of a trial's widths begin with."""


def metrics(of: Sequence[Column]) -> dict[str, str]:
    """Return the metrics of a trial, in the order of their columns, and what they mean.

    Args:
        of: the hyperparameters; they tell how many layers there may be.
    """
    names = {column.name for column in of}
    layers = sum(name.startswith("units_") for name in names) + ("bottleneck" in names)
    told = "how many of its units do different work; 0 without such a layer"
    return {
        "best/val_loss": "smallest validation loss of all epochs",
        "parameters": "trainable parameters of the model",
        "best/epoch": "epoch of the smallest validation loss, from 1",
        f"{NARROWING}worst_kept": "least kept at a boundary that narrows, 0 to 1; 1 where none narrows",
        f"{NARROWING}narrowest": "units of the narrowest layer",
        **{f"{NARROWING}effective_units_{layer}": f"layer {layer}: {told}" for layer in range(1, layers + 1)},
    }


def measured(of: Mapping[str, str], trial: RecordedTrial) -> dict[str, float]:
    """Return the value of each metric of `of` that is known of a trial with a finished epoch.

    Parallel coordinates drop trials without a value, so that what cannot be in a measured trial is told
    too: a layer it does not have is 0, and where nothing narrows, no narrowing has lost anything.
    """
    found: dict[str, float] = {
        "best/val_loss": trial.best_val_loss or 0.0,
        "parameters": trial.parameters,
        "best/epoch": trial.best_epoch,
    }
    if not trial.summary:
        return found
    narrows = any(after < before for before, after in zip(trial.units, trial.units[1:], strict=False))
    absent = {f"effective_units_{layer}": 0.0 for layer in range(len(trial.units) + 1, len(of))}
    summary = absent | ({} if narrows else {"worst_kept": 1.0}) | dict(trial.summary)
    known = {f"{NARROWING}{name}": value for name, value in summary.items()}
    return found | {tag: value for tag, value in known.items() if tag in of}
