"""The step from row to row: inferred, or that of the rows which a model was trained on.

A model of days that is given hours would forecast nonsense in silence; and a gap of a weekend is one only
beside rows that have weekends. So rows for a forecast are held to the step of training.
"""

from __future__ import annotations

import numpy as np

from ....search_spaces.errors import UserError
from ..frequency import REGULAR_SHARE, Frequency, infer_frequency, is_whole, named_frequency
from ..zones import to_local
from .rows import Rows


def step_of(rows: Rows, trained: str | None, label: str) -> Frequency | None:
    """Return the step of sorted rows; None where there are no times, or they are irregular.

    Args:
        rows: without duplicate times.
        trained: the step of the rows that a model was trained on; None infers it.
        label: name of the data in messages.

    Raises:
        UserError: when the rows are another step apart than those were.
    """
    if rows.times is None:
        return None
    if trained is None:
        return infer_frequency(rows.times, rows.same, rows.zone)
    step = named_frequency(trained, rows.times, rows.zone)
    if rows.same.any() and not _keeps(rows, rows.times, step):
        found = infer_frequency(rows.times, rows.same, rows.zone)
        apart = f"{found.name} apart" if found else "irregular steps apart"
        raise UserError(
            f"{label}: its rows are {apart}, and the model was trained on rows {trained} apart; give rows "
            f"that are {trained} apart"
        )
    return step


def _keeps(rows: Rows, times: np.ndarray, step: Frequency) -> bool:
    """Whether most rows follow each other as the step says; more than one row in a step do not."""
    ratio = step.ratio(times[:-1], times[1:])[rows.same]
    whole = is_whole(ratio) & (np.rint(ratio) >= 1)
    if whole.mean() < REGULAR_SHARE:
        return False
    if step.kind == "business" and not np.is_busday(to_local(times, rows.zone).astype("datetime64[D]")).all():
        return False
    sizes, counts = np.unique(np.rint(ratio[whole]), return_counts=True)
    return bool(sizes[counts.argmax()] == 1)
