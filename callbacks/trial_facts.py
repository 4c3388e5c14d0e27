"""What is known of one trial in words and numbers, as plain data; see `pages`.

A number that is not known is None.
"""

from __future__ import annotations

from typing import Any

from ..search_spaces.repeat import of_repeat
from .bottleneck import applied
from .layer_facts import boundaries_of, layers_of, why_unmeasured
from .recorded import RecordedSearch, RecordedTrial
from .trial_table import known, why_ended


def trial_facts(search: RecordedSearch, trial: RecordedTrial) -> dict[str, Any]:
    """Return what is known of a trial in words and numbers, and its neighbours by number and by rank.

    Returns:
        {"number", "name", "profile", "status", "reason", "note", "node", "repeat" (a remark on the loss,
        or ""), "loss", "loss_name", "folds" (losses on each, the oldest first; none where there is one),
        "rank" (from 1), "ranked", "best_epoch", "secs", "parameters", "values": [{"name", "value"}],
        "layers": [{"units", "effective", "bottleneck"}],
        "boundaries": [{"where", "kind", "kept", "word", "colour", "mark", "sentence"}],
        "unmeasured": why there are no boundaries, or "",
        "by_number": {"previous", "next"}, "by_rank": {"previous", "next"}}; neighbours are trial numbers.
    """
    ranking = [one.number for one in search.ranked]
    rank = ranking.index(trial.number) + 1 if trial.number in ranking else None
    boundaries = boundaries_of(trial)
    return {
        "number": trial.number,
        "name": trial.name,
        "profile": trial.profile,
        "status": trial.status,
        "reason": why_ended(search, trial),
        "note": search.note(trial.number),
        "node": trial.node,
        "repeat": of_repeat(trial),
        "loss": known(trial.best_val_loss),
        "loss_name": search.loss,
        "folds": [known(loss) for loss in trial.folds[::-1]],
        "rank": rank,
        "ranked": len(ranking),
        "best_epoch": None if trial.best_val_loss is None else trial.best_epoch,
        "secs": known(trial.secs),
        "parameters": trial.parameters or None,
        "values": [{"name": name, "value": known(value)} for name, value in applied(trial).items()],
        "layers": layers_of(trial),
        "boundaries": boundaries,
        "unmeasured": "" if boundaries else why_unmeasured(trial),
        "by_number": _neighbours([one.number for one in search.trials], trial.number),
        "by_rank": _neighbours(ranking, trial.number),
    }


def _neighbours(order: list[int], number: int) -> dict[str, int | None]:
    if number not in order:
        return {"previous": None, "next": None}
    place = order.index(number)
    return {
        "previous": order[place - 1] if place else None,
        "next": order[place + 1] if place + 1 < len(order) else None,
    }
