"""What a search was asked, for the record in TensorBoard: see `callbacks.asked`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from ...callbacks.asked import MOST, Asked, short, some
from ..series.splits import PARTS
from ..stopping.halving import rungs

if TYPE_CHECKING:
    from ..series.windows import Windows
    from .base import Start

NOT_A_SETTING = {
    "data",
    "targets",
    "features",
    "lookback",
    "horizon",
    "split",
    "space",
    "loss",
    "folds",
    "conventions",
}
"""Names of a job's identity that are told by themselves, or by the head of the record."""


def asked(start: Start) -> Asked:
    """Return what the search was asked."""
    identity, budget, windows = start.run.job["identity"], start.run.job["budget"], start.windows
    series = windows.series
    space = dict(identity["space"])
    lookback = space.pop("lookback", identity["lookback"])
    settings = space | {name: value for name, value in identity.items() if name not in NOT_A_SETTING}
    return Asked(
        data=short(series.name),
        rows=series.rows,
        targets=some(series.targets),
        features=some([*series.features, *series.categorical]),
        lookback=short(str(lookback)),
        horizon=windows.horizon,
        split=short(identity["split"]),
        folds=identity["folds"],
        settings={
            short(name): short("none" if value is None else str(value))
            for name, value in [*settings.items()][:MOST]
        },
        series=_fingerprint(series.values[:, : len(series.targets)], series.starts),
        parts=_parts(windows),
        # Rows may belong to no part.
        sizes={part: int((windows.part_of_row == place).sum()) for place, part in enumerate(PARTS)},
        trials=budget["trials"],
        minutes=budget["minutes"],
        rungs=tuple(rungs(identity["rung"], identity["epochs"])) if identity["rung"] else (),
    )


def _parts(windows: Windows) -> str:
    sized = [] if windows.own is None else [np.array(windows.own.counted.rows), windows.own.floor]
    return _fingerprint(windows.learned, windows.parts["validation"], windows.parts["test"], *sized)


def _fingerprint(*arrays: np.ndarray) -> str:
    sha = hashlib.sha256()
    for array in arrays:
        sha.update(repr(array.shape).encode())
        sha.update(np.ascontiguousarray(array).tobytes())
    return sha.hexdigest()[:16]
