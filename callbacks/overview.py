"""What stands on top of the view Search: what was searched, how far it is, and what came of it.

Plain data, as in `pages`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from ..search_spaces.trial import Status
from .asked import Asked
from .figures._values import value_text
from .recorded import DONE, INTERRUPTED, UNDER_WAY, Declared, RecordedSearch
from .score_table import score_tables

GO_ON = "The same “narrows tune” command goes on where it stopped."
MEND = (
    "Put right what the reasons name, in the data or in the options, and search once more into another "
    "folder: “narrows tune” with another --out."
)
FAILED = "failed"
"""The state of a search all of whose trials failed."""
REASONS = 3
"""Reasons that are told of trials that failed."""
OPTIONS = 8
"""Values of a hyperparameter that are named."""
_UNITS = re.compile(r"units_(\d+)")


def overview(search: RecordedSearch) -> dict[str, Any]:
    """Return what is known of a search as a whole.

    Returns:
        {"state": see `state_of`, "progress": a sentence on how far it is, "unanswered": sentences on why
        there is no answer, none where there is one, "asked" and "space": [{"name", "value"}],
        "scores": see `score_tables`}.
    """
    return {
        "state": state_of(search),
        "progress": progress(search),
        "unanswered": [] if search.answer else _unanswered(search),
        "asked": [] if search.asked is None else _asked(search.asked),
        "space": [{"name": name, "value": value} for name, value in _space(search.hyperparameters)],
        "scores": score_tables(search.answer),
    }


def state_of(search: RecordedSearch) -> str:
    """Return the state of a search, one of `recorded` or ""; `FAILED` where all that was asked for failed."""
    wanted = None if search.asked is None else search.asked.trials
    over = search.state == INTERRUPTED and wanted is not None and len(search.trials) >= wanted
    return FAILED if over and _all_failed(search) else search.state


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
    if state_of(search) == FAILED:
        return f"The search is over: {told}, and {'it' if count == 1 else 'every one'} failed."
    if search.state == INTERRUPTED:
        return f"The search was interrupted: {told}. {GO_ON}"
    if search.state == UNDER_WAY:
        return f"The search is under way: {told}{f', in at most {minutes}' if minutes else ''}."
    return f"{told}."


def _all_failed(search: RecordedSearch) -> bool:
    return bool(search.trials) and all(one.status == Status.FAILED for one in search.trials)


def _unanswered(search: RecordedSearch) -> list[str]:
    if _all_failed(search):
        counts = Counter(one.reason or "no reason is known" for one in search.trials).most_common()
        count, most = len(search.trials), counts[:REASONS]
        which = "The trial" if count == 1 else f"All {count:,} trials"
        ended = "" if state_of(search) == FAILED else " that ended"
        said = [f"{which}{ended} failed, so there is no answer."]
        said += [f"{_counted(times, 'trial')}: {reason}" for reason, times in most]
        further = sum(times for _, times in counts[REASONS:])
        said += (
            [f"{_counted(further, 'more trial')}: the table below has the reason of each."] if further else []
        )
        return [*said, MEND]
    if search.state == INTERRUPTED:
        return [f"The search was interrupted before it had an answer. {GO_ON}"]
    return ["The search has not ended: there is no answer yet. This page follows it as its trials end."]


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
