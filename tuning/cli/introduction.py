"""What `narrows tune` says before it searches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..stopping.halving import rungs
from .notation import typed
from .output import note, say

if TYPE_CHECKING:
    from ..job import Job
    from ..prepared import Prepared


def introduce(job: Job, prepared: Prepared) -> None:
    """Say how the data were read, what is searched and when a trial ends."""
    series, windows = prepared.series, prepared.windows
    for line in series.notes:
        note(line)
    counts = "/".join(f"{len(rows):,}" for rows in windows.parts.values())
    say(
        f"lookback {windows.lookback}, horizon {windows.horizon}; "
        f"{counts} windows to train, validate and test"
    )
    parts = {name: typed(name, part) for name, part in (job.parts() or {}).items()}
    widths = {name: text for name, text in parts.items() if name.startswith("units_")}
    if len(set(widths.values())) == 1:
        parts = {
            ("units" if n == "units_1" else n): text for n, text in parts.items() if n not in list(widths)[1:]
        }
    say("searching " + ", ".join(f"{name} {text}" for name, text in parts.items()))
    limits = [f"at most {prepared.epochs} epochs a trial"]
    if 0 < prepared.patience < prepared.epochs:
        limits.append(f"{prepared.patience} without progress end it")
    if prepared.rung and (judged := rungs(prepared.rung, prepared.epochs)):
        after = ", ".join(map(str, judged))
        limits.append(f"it ends early unless it is among the best third after {after} (--no-halving: never)")
    say("; ".join(limits))
