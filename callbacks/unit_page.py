"""One unit of a trial for the Narrowing tab, as plain data: its picture, and what can be chosen beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .figures import NothingToShow
from .figures._style import styled
from .figures._units import Chosen, again, beside, units_of
from .figures.unit import life

if TYPE_CHECKING:
    from .recorded import RecordedSearch, RecordedTrial
    from .unit_record import UnitRecord

ASKED = ("layer", "unit", "other", "window", "step", "gates", "whole")
"""What may be asked for, each a whole number; see `Chosen`."""
NEAR = 0.005
"""Two states differ by less: it reads as nothing."""


def unit_page(
    search: RecordedSearch,
    trial: RecordedTrial | None,
    asked: Mapping[str, int | None],
    *,
    dark: bool = False,
) -> dict[str, Any]:
    """Return what one unit does.

    Args:
        search: of the trial.
        trial: None where there is none.
        asked: see `ASKED`.
        dark: for a dark page.

    Returns:
        {"figure": what `plotly.js` draws, "chosen": {"layer", "unit", ...}, "layers": units of each,
        "others": [{"unit", "label"}], "windows": label of each, "moment": when the step is,
        "again": [{"window", "step", "label"}]}; {"figure": None} where there is nothing to show.
    """
    try:
        record = units_of(search, trial)
    except NothingToShow:
        return {"figure": None}
    chosen = Chosen.of(record, asked)
    return {
        "figure": styled(life(record, chosen), dark).to_plotly_json(),
        "chosen": vars(chosen),
        "layers": [layer.units for layer in record.layers],
        "others": [
            {"unit": unit, "label": f"unit {unit} (correlation {value:.2f})"}
            for unit, value in beside(record, chosen)
        ],
        "windows": [_window(record, place) for place in range(len(record.windows))],
        "moment": _when(record, chosen.window, chosen.step),
        "again": [
            {
                "window": one.window,
                "step": one.step,
                "label": f"{_when(record, one.window, one.step)}, {_differs(one.differs)}",
            }
            for one in again(record, chosen)
        ],
    }


def _window(record: UnitRecord, place: int) -> str:
    """Return what a window is called: when its forecast begins, why it is kept, and of what it is."""
    one = record.windows[place]
    of = [one.target] if record.targets > 1 else []
    of += [one.series] if record.panel else []
    when = one.times[record.past] if record.dates else f"{record.time} {one.times[record.past]}"
    error = "" if one.error is None else f", {record.metric} {one.error:.4g}"
    return f"{when}: {', '.join([one.why + error, *of])}"


def _when(record: UnitRecord, window: int, step: int) -> str:
    one = record.windows[window]
    when = one.times[record.steps[step]]
    told = when if record.dates else f"{record.time} {when}"
    return f"{one.series}, {told}" if record.panel else told


def _differs(by: float) -> str:
    return "the same" if by < NEAR else f"differs by {by:.2f}"
