"""Export: a run's trial as a SavedModel or .keras file, proved before it appears under its name.

DEST/saved_model.pb, variables/   or   DEST/model.keras
DEST/narrows.json                 columns, shapes, scores, versions: what a user of it must know
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...search_spaces.errors import UserError
from ...search_spaces.trial import Trial
from ..runs.folder import RunFolder
from .about import ABOUT, describe, write_about
from .check import TOLERANCE, forecast_elsewhere, is_same_loss, validation_loss, worst_difference
from .ensemble import Ensemble
from .intervals import LEVEL, check_level, interval_of, why_none

if TYPE_CHECKING:
    import keras

logger = logging.getLogger(__name__)
FORMATS = ("savedmodel", "keras")
CHECKED_WINDOWS = 1000


def export(
    run: RunFolder,
    dest: str | Path,
    *,
    trial: int | None = None,
    format: str = "savedmodel",
    ensemble: bool = False,
    level: float = LEVEL,
    force: bool = False,
    note: Callable[[str], None] = logger.warning,
) -> dict[str, Any]:
    """Write a trial's model to the folder `dest` and return what `narrows.json` says of it.

    Args:
        run: where the trial is.
        dest: folder to make.
        trial: number of the trial; None is the best one.
        format: `savedmodel` or `keras`.
        ensemble: the mean of the best trial's networks with all its seeds, blended as the answer says.
        level: percent of what comes that its prediction interval is to hold, 50 to 99.9; where there are too
            few test windows it has none.
        force: replace an earlier export at `dest`.
        note: is told in a sentence why there is no prediction interval, where there is none.

    Raises:
        UserError: when `dest` exists or cannot be written, the weights were not kept, or there is no
            ensemble of this trial.
        RuntimeError: when the model has another validation loss than its training recorded, or gives other
            numbers in a fresh process; nothing is left behind.
    """
    if format not in FORMATS:
        raise UserError(f"there is no export format {format!r}; known: {', '.join(FORMATS)}")
    check_level(level)
    dest = Path(dest)
    chosen = run.trial(trial)
    run.weights(chosen)  # so that a trial without weights is told before anything is written
    together = Ensemble.told(run, chosen) if ensemble else None
    _refuse_existing(dest, force)
    beside = dest.with_name(f".{dest.name}.{os.getpid()}")
    try:
        beside.mkdir(parents=True)
    except OSError as error:
        raise UserError(f"{dest} cannot be written: {error.strerror}") from None
    try:
        about = _write(run, chosen, beside, format, together, level)
        if about["level"] is None:
            note(why_none(run.windows, level))
        if dest.exists():
            shutil.rmtree(dest)
        os.replace(beside, dest)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return about


def _write(
    run: RunFolder, trial: Trial, folder: Path, format: str, together: Ensemble | None, level: float
) -> dict[str, Any]:
    from .raw import raw_inputs, raw_model
    from .rebuilt import engine_of_run, test_forecast, trained_network
    from .serving import write_savedmodel

    windows = run.windows
    network = trained_network(run, trial)
    loss = _checked_loss(network, run, trial)
    if together is not None:
        network = together.network(run)
    engine, rows = engine_of_run(run), windows.parts["test"]
    if together is None:
        every = test_forecast(run, engine, trial)
    else:
        every = windows.scaler.raw_targets(together.forecast(engine, rows), windows.output_shape[1])
    interval = interval_of(windows, every, level)
    model = raw_model(network, windows, interval)
    if format == "savedmodel":
        write_savedmodel(model, windows, folder)
    else:
        model.save(folder / "model.keras")
    chosen = _evenly(len(rows), CHECKED_WINDOWS)
    expected, rows = every[chosen], rows[chosen]
    inputs = raw_inputs(windows.series, windows.lookback, rows)
    spread = windows.scaler.std[: expected.shape[-1]]
    worst = worst_difference(forecast_elsewhere(folder, format, inputs), expected, spread)
    if not worst <= TOLERANCE:
        raise RuntimeError(
            f"the exported model is off by {worst:.1e} of the forecast in a fresh process "
            f"(allowed {TOLERANCE:.0e}, {len(chosen)} test windows); nothing was exported"
        )
    about = describe(run, trial, format, interval.level if interval else None) | {
        "checked": {"validation_loss": loss, "windows": len(chosen), "worst_relative_difference": worst}
    }
    if together is not None and (told := (run.answer or {}).get("ensemble")):
        about |= {
            "ensemble": {"members": told["members"], "share": told["share"]},
            "test_scores": (about["test_scores"] or {}) | {"ensemble": told["scores"]},
        }
    return write_about(folder, about)


def _checked_loss(network: keras.Model, run: RunFolder, trial: Trial) -> float | None:
    """Return the validation loss of a rebuilt network, None where a `fit` of the user's own measured it.

    Raises:
        RuntimeError: when it is not that of the trial's training.
    """
    from .rebuilt import space_of_run

    assert trial.best_val_loss is not None, "its weights were kept"
    if space_of_run(run).fits_itself:
        return None
    loss = validation_loss(network, run.windows)
    if not is_same_loss(loss, trial.best_val_loss):
        raise RuntimeError(
            f"{trial.name} has a validation loss of {loss:.6g} now, and its training recorded "
            f"{trial.best_val_loss:.6g}: these are not the weights of its best epoch; nothing was exported"
        )
    return loss


def _refuse_existing(dest: Path, force: bool) -> None:
    if not dest.exists():
        return
    if not force:
        raise UserError(f"{dest} exists; give another folder, or --force to replace an earlier export")
    if not (dest / ABOUT).is_file():
        raise UserError(
            f"{dest} is not an earlier export, so --force does not replace it; give another folder"
        )


def _evenly(count: int, wanted: int) -> np.ndarray:
    """Return at most `wanted` numbers from 0 to count - 1, evenly spread, both ends included."""
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).round().astype(np.int64))
