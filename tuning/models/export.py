"""Export: a run's trial as a SavedModel or .keras file, proved before it appears under its name.

DEST/saved_model.pb, variables/   or   DEST/model.keras, model.tflite, model.onnx
DEST/narrows.json                 columns, shapes, scores, versions: what a user of it must know
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...search_spaces.errors import UserError
from .about import ABOUT, write_about
from .check import TOLERANCE, forecast_elsewhere, worst_difference
from .described import describe
from .formats import FORMATS, check_format, taken
from .handed import Wanted, handed
from .intervals import LEVEL, check_level, interval_of, why_none
from .trust import remember

if TYPE_CHECKING:
    from ..runs.folder import RunFolder

logger = logging.getLogger(__name__)
CHECKED_WINDOWS = 1000


def export(
    run: RunFolder,
    dest: str | Path,
    *,
    trial: int | None = None,
    format: str = "savedmodel",
    ensemble: bool = False,
    level: float = LEVEL,
    refit: str | None = None,
    force: bool = False,
    note: Callable[[str], None] = logger.warning,
) -> dict[str, Any]:
    """Write a trial's model to the folder `dest` and return what `narrows.json` says of it.

    Args:
        run: where the trial is.
        dest: folder to make.
        trial: number of the trial; None is the best one.
        format: `savedmodel`, `keras`, `tflite` or `onnx`.
        ensemble: the mean of the best trial's networks with all its seeds, blended as the answer says.
        level: percent of what comes that its prediction interval is to hold, 50 to 99.9; where there are too
            few test windows it has none.
        refit: train the trial's network again, on `validation` too or on `all` rows; see `models.refit`.
        force: replace an earlier export at `dest`.
        note: is told in a sentence why there is no prediction interval, where there is none.

    Raises:
        UserError: when `dest` exists or cannot be written, the weights were not kept, or there is no
            ensemble of this trial.
        RuntimeError: when the model has another validation loss than its training recorded, or gives other
            numbers in a fresh process; nothing is left behind.
    """
    check_format(format, run.series)
    check_level(level)
    dest = Path(dest)
    wanted = Wanted(run.trial(trial), ensemble, refit)
    wanted.check(run)  # so that what cannot be made is told before anything is written
    _refuse_existing(dest, force)
    beside = dest.with_name(f".{dest.name}.{os.getpid()}")
    try:
        beside.mkdir(parents=True)
        about = _write(run, wanted, beside, format, level)
        if about["level"] is None:
            note(why_none(run.windows, level))
        remember(beside, format)
        _put(beside, dest, beside.with_name(f"{beside.name}.before"))
    except OSError as error:
        raise UserError(f"{dest} cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return about


def _write(run: RunFolder, wanted: Wanted, folder: Path, format: str, level: float) -> dict[str, Any]:
    import tensorflow as tf

    from .raw import raw_model, window_inputs
    from .writing import write_model

    made = handed(run, wanted)
    windows, rows = made.windows, run.windows.parts["test"]
    interval = interval_of(run.windows, made.honest, level)
    kind = FORMATS[format]
    model = raw_model(made.network, windows, interval, dtype=kind.forecast, numbered=kind.portable)
    try:
        write_model(model, windows, folder, format)
    except tf.errors.ResourceExhaustedError:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
    chosen = _evenly(len(rows), CHECKED_WINDOWS)
    expected = made.forecast[chosen]
    about = describe(run, wanted.trial, format, interval.level if interval else None, windows)
    inputs = window_inputs(windows.series, windows.lookback, windows.horizon, rows[chosen])
    spread = windows.size(rows[chosen]).scale
    worst = worst_difference(forecast_elsewhere(folder, format, taken(inputs, about)), expected, spread)
    if not worst <= TOLERANCE:
        raise RuntimeError(
            f"the exported model is off by {worst:.1e} of the forecast in a fresh process "
            f"(allowed {TOLERANCE:.0e}, {len(chosen)} test windows); nothing was exported"
        )
    checked = {"validation_loss": made.loss, "windows": len(chosen), "worst_relative_difference": worst}
    return write_about(folder, about | {"checked": checked} | made.about)


def _put(made: Path, dest: Path, aside: Path) -> None:
    """Put what was made in its place; an earlier export goes when that is done, and else stays."""
    if not dest.exists():
        os.replace(made, dest)
        return
    os.replace(dest, aside)
    try:
        os.replace(made, dest)
    except OSError:
        os.replace(aside, dest)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _refuse_existing(dest: Path, force: bool) -> None:
    if dest.is_symlink():
        raise UserError(f"{dest} is a link to {os.readlink(dest)}; give the folder itself, or another one")
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
