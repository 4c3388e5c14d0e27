"""A run as plain data (`callbacks.recorded`): what its pictures and its record are made of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ...callbacks.recorded import Declared, RecordedSearch, RecordedTrial
from ...search_spaces.profile import Profile
from .store import RUNNING, TrialRow

if TYPE_CHECKING:
    from .run import Run


def recorded_search(run: Run) -> RecordedSearch:
    """Return what `run` has kept, its ended trials with what was measured of them."""
    measured = run.store.narrowings()
    return RecordedSearch(
        title=run.folder.resolve().name,
        loss=run.job["identity"]["loss"],
        hyperparameters=tuple(Declared(**one) for one in run.store.meta("hyperparameters") or ()),
        trials=tuple(
            recorded_trial(row, measured.get(row.number)) for row in run.trials if row.status != RUNNING
        ),
        answer=run.answer,
    )


def recorded_trial(row: TrialRow, measured: str | None) -> RecordedTrial:
    """Return a trial that ended.

    Args:
        row: as the store keeps it.
        measured: its narrowing as JSON, `{"summary": ..., "measured": ...}`; None when it was not measured.
    """
    return RecordedTrial(
        number=row.number,
        status=row.status,
        reason=row.reason,
        units=Profile.parse(row.profile).units if row.profile else (),
        parameters=row.parameters,
        best_val_loss=row.best_val_loss,
        best_epoch=row.best_epoch,
        secs=row.secs,
        values=row.values,
        **(json.loads(measured) if measured else {}),
    )
