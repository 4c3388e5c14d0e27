"""What stands on top of the view Search: what was searched, how far it is, and what came of it.

Plain data, as in `pages`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .asked import Asked
from .figures._values import value_text
from .recorded import DONE, INTERRUPTED, UNDER_WAY, Declared, RecordedSearch
from .score_table import score_tables

GO_ON = "The same “narrows tune” command goes on where it stopped."
OPTIONS = 8
"""Values of a hyperparameter that are named."""
_UNITS = re.compile(r"units_(\d+)")


def overview(search: RecordedSearch) -> dict[str, Any]:
    """Return what is known of a search as a whole.

    Returns:
        {"state": one of `recorded`, or "", "progress": a sentence on how far it is,
        "asked": [{"name", "value"}], "space": [{"name", "value"}], "scores": see `score_tables`}.
    """
    return {
        "state": search.state,
        "progress": progress(search),
        "asked": [] if search.asked is None else _asked(search.asked),
        "space": [{"name": name, "value": value} for name, value in _space(search.hyperparameters)],
        "scores": score_tables(search.answer),
    }


def progress(search: RecordedSearch) -> str:
    """Return how far a search is, and how to go on with one that was interrupted."""
    count, asked = len(search.trials), search.asked
    wanted = None if asked is None else asked.trials
    of = f"{count:,} of {max(wanted, count):,} trials" if wanted else _counted(count, "trial")
    have = "has" if of == "1 trial" else "have"
    told = f"{of} {have} ended"
    minutes = "" if asked is None or asked.minutes is None else f"{asked.minutes:g} minutes"
    if search.state == DONE:
        if wanted and count < wanted:
            spent = f"its {minutes} are spent or " if minutes else ""
            return f"The search is done, as {spent}its space has no more trials: {told}."
        return f"The search is done: {told}. The same “narrows tune” command with more --trials goes on."
    if search.state == INTERRUPTED:
        return f"The search was interrupted: {told}. {GO_ON}"
    if search.state == UNDER_WAY:
        return f"The search is under way: {told}{f', in at most {minutes}' if minutes else ''}."
    return f"{told}."


def _asked(asked: Asked) -> list[dict[str, str]]:
    parts = ", ".join(f"{rows:,} {name}" for name, rows in asked.sizes.items())
    settings = asked.settings
    training = [f"at most {settings[name]} {name} a trial" for name in ("epochs",) if name in settings]
    training += [f"on {asked.folds} folds"] if asked.folds > 1 else []
    budget = [] if asked.trials is None else [_counted(asked.trials, "trial")]
    budget += [] if asked.minutes is None else [f"{asked.minutes:g} minutes"]
    pairs = {
        "series": f"{asked.data}, {_counted(asked.rows, 'row')}",
        "rows of each part": parts,
        "targets": ", ".join(asked.targets),
        "features": ", ".join(asked.features) or "the past of the targets alone",
        "horizon": _counted(asked.horizon, "row") + " ahead",
        "lookback": f"{asked.lookback} rows back",
        "algorithm": ", ".join([settings.get("algorithm", ""), *budget, *training]).removeprefix(", "),
    }
    return [{"name": name, "value": value} for name, value in pairs.items() if value]


def _space(declared: Iterable[Declared]) -> list[tuple[str, str]]:
    """Return each hyperparameter and what it may be; layers whose units may be the same stand together."""
    found: list[tuple[str, str]] = []
    for one in declared:
        name, value = one.name, _range(one)
        units = _UNITS.fullmatch(name)
        if units and found and found[-1][1] == value and found[-1][0].startswith("units_1"):
            found[-1] = (f"units_1 to units_{units[1]}", value)
        else:
            found.append((name, value))
    return found


def _range(one: Declared) -> str:
    if one.low is not None and one.high is not None:
        ends = [value_text(end) for end in (one.low, one.high)]
        text = ends[0] if one.low == one.high else f"{ends[0]} to {ends[1]}"
        text += f" in steps of {value_text(one.step)}" if one.step else ""
    else:
        texts = [value_text(value) if _is_number(value) else str(value) for value in one.options[:OPTIONS]]
        more = len(one.options) - OPTIONS
        text = ", ".join([*texts, f"{more} more"] if more > 0 else texts) or "as the space asks for it"
    return f"{text}, log scale" if one.log and not one.fixed else text


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
