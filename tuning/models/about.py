"""narrows.json: what a user of an exported model must know, held to the model that it stands beside."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...search_spaces.errors import UserError
from ...search_spaces.plain import to_json
from ...search_spaces.trial import Trial
from ..runs.folder import RunFolder

ABOUT = "narrows.json"


def describe(run: RunFolder, trial: Trial, format: str) -> dict[str, Any]:
    """Return what a user of the exported model must know, JSON-able."""
    from ..series.scaler import category_texts

    series, windows, answer = run.series, run.windows, run.answer
    texts = category_texts(series, windows.scaler)
    return {
        "format": format,
        "trial": trial.name,
        "profile": trial.profile,
        "parameters": trial.parameters,
        "hyperparameters": trial.values,
        "best_val_loss": trial.best_val_loss,
        "test_scores": answer["scores"] if answer and answer["trial"] == trial.number else None,
        "lookback": windows.lookback,
        "horizon": windows.horizon,
        "targets": list(series.targets),
        "values": list(series.columns),
        "categories": {name: list(known) for name, known in zip(series.categorical, texts, strict=True)},
        "time": list(series.time_columns),
        "id": series.id_column,
        "frequency": series.frequency,
        "season": series.season,
        "zone": series.zone,
        "missing": run.job["missing"],
        "inputs": _inputs(series, windows.lookback),
        "outputs": {"forecast": {"dtype": "float64", "shape": [None, *windows.output_shape]}},
        "versions": {name: version(name) for name in ("narrows", "tensorflow", "keras", "numpy")},
    }


def _inputs(series: Any, lookback: int) -> dict[str, Any]:
    inputs = {"values": {"dtype": "float64 or float32", "shape": [None, lookback, len(series.columns)]}}
    if series.categorical:
        inputs["categories"] = {"dtype": "string", "shape": [None, lookback, len(series.categorical)]}
    return inputs


def write_about(folder: Path, about: dict[str, Any]) -> None:
    """Write what is said of the model in `folder`, when all of its files are there."""
    held = json.loads(to_json(about))
    text = to_json(held | {"digest": _digest(folder, held)}, indent=2)
    (folder / ABOUT).write_text(f"{text}\n", encoding="utf-8")


def read_about(folder: Path) -> dict[str, Any]:
    """Return what is said of the model in `folder`.

    Raises:
        UserError: when it cannot be read, or the model or what is said of it is no longer what was exported.
    """
    path = folder / ABOUT
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        digest = about.pop("digest")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path} cannot be read as that of an export: {error}; export the run again"
        ) from None
    if digest != _digest(folder, about):
        raise UserError(
            f"{path} does not belong to the model beside it: one of the two was changed or copied here since "
            "the export; export the run again"
        )
    return about


def _digest(folder: Path, about: dict[str, Any]) -> str:
    """Return the digest of every file of a model and of what is said of it."""
    digest = hashlib.sha256(to_json(about).encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / ABOUT:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
