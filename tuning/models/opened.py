"""A run, or an export, as a function of raw values, with what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...search_spaces.errors import UserError
from ..runs.folder import RunFolder
from .about import ABOUT, read_about
from .described import describe
from .intervals import LEVEL, check_level, interval_of, why_none
from .loaded import Predict, as_arrays, exported


@dataclass(frozen=True)
class Asked:
    """What of a run is asked for; see `forecast.forecast`."""

    trial: int | None
    ensemble: bool
    level: float | None


def opened(
    model: str | Path | RunFolder, asked: Asked, trust: bool, note: Callable[[str], None]
) -> tuple[dict[str, Any], Predict]:
    """Return what is said of a model, see `described`, and the model as a function of raw values.

    Args:
        model: a run, the folder of one, or of an export.
        asked: of a run.
        trust: load an export whoever made it.
        note: is told where there is no interval.

    Raises:
        UserError: when it cannot be used, or is not known and not to be trusted.
    """
    if isinstance(model, RunFolder):
        return _trained(model, asked, note)
    folder = Path(model)
    if not (folder / ABOUT).is_file():
        return _trained(RunFolder(folder), asked, note)
    about = read_about(folder)
    if asked.trial is not None or asked.ensemble:
        raise UserError(f"{folder} is one exported model; --trial and --ensemble are for a run")
    if asked.level not in (None, about["level"]):
        had = "no interval" if about["level"] is None else f"the interval of {about['level']:g}%"
        raise UserError(
            f"{folder} was exported with {had}; narrows export --level {asked.level:g} makes another one"
        )
    return about, exported(folder, about, trust=trust)


def _trained(run: RunFolder, asked: Asked, note: Callable[[str], None]) -> tuple[dict[str, Any], Predict]:
    from .handed import Wanted, handed
    from .raw import raw_model

    level = LEVEL if asked.level is None else asked.level
    check_level(level)
    wanted = Wanted(run.trial(asked.trial), asked.ensemble)
    wanted.check(run)
    made = handed(run, wanted)
    interval = interval_of(run.windows, made.honest, level)
    if interval is None:
        note(why_none(run.windows, level))
    about = describe(run, wanted.trial, "run", interval.level if interval else None)
    return about, as_arrays(raw_model(made.network, run.windows, interval))
