"""Which column is what: the names a user gave, checked against the columns there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ....search_spaces.errors import UserError, did_you_mean, raise_all
from ....search_spaces.plain import reads_as_number

Names = str | Sequence[str] | None


@dataclass(frozen=True)
class Roles:
    """The columns to read, none of them twice.

    Args:
        targets: the columns to forecast, at least one.
        features: the features, numeric or categorical, those that follow included.
        ahead: features whose values are known for the rows to forecast.
        static: features that have one value in a series.
        time: the column or columns that make up the time; empty when there is none.
        id: the column that tells the series apart, or None.
    """

    targets: tuple[str, ...]
    features: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    id: str | None = None


def assign_roles(
    label: str,
    known: Sequence[str],
    *,
    target: Names,
    features: Names,
    ahead: Names = None,
    static: Names = None,
    time: Names = None,
    id: str | None = None,
) -> Roles:
    """Return the roles, or raise one `UserError` that tells every name that is missing or used twice.

    Args:
        label: the data's name in messages.
        known: the columns there are.
        target: name or names.
        features: None for none, `"all"` for every column left, or name or names.
        ahead: features that are known beforehand: name or names, None for none.
        static: features of a series as a whole, likewise.
        time: name or names, None for none.
        id: name, None for none.
    """
    targets, times = split_names(target, known), split_names(time, known)
    aheads, statics = split_names(ahead, known), split_names(static, known)
    ids = () if id is None else (id,)
    used = {*targets, *times, *ids, *aheads, *statics}
    if features == "all" and "all" not in known:
        wanted = tuple(name for name in known if name not in used)
    else:
        wanted = split_names(features, known)
    roles = {
        "target": targets, "feature": wanted, "known": aheads, "static": statics, "time": times, "id": ids
    }  # fmt: skip
    mistakes = []
    if id is not None and id not in known and set(parts := split_names(id, known)) <= {*known}:
        mistakes.append(
            f"{label}: series are told apart by one column; make one of {' and '.join(parts)}, with cells "
            "such as 'A-1', and give it as --id"
        )
        roles["id"] = ()
    mistakes += [
        f"{label} has no column {name!r} (given as {role}){did_you_mean(name, known)}"
        for role, names in roles.items()
        for name in names
        if name not in known
    ]
    mistakes += [f"{label}: {line}" for line in _used_twice(roles)]
    if mistakes and all(reads_as_number(name) for name in known):
        mistakes.append(f"{label}: the first line holds numbers; put a line with the column names above it")
    raise_all(mistakes)
    return Roles(targets, (*wanted, *aheads, *statics), aheads, statics, times, id)


def split_names(names: Names, known: Iterable[str]) -> tuple[str, ...]:
    """Return names as a tuple; a text that is no column itself is split at its commas.

    Other names than text, such as the numbers and tuples that pandas has, are known by their text.
    """
    if names is None:
        return ()
    if not isinstance(names, str):
        alone = str(names) in known or not isinstance(names, Iterable)
        return (str(names),) if alone else tuple(str(name) for name in names)
    if names in known:
        return (names,)
    return tuple(part.strip() for part in names.split(",") if part.strip())


def _used_twice(roles: dict[str, tuple[str, ...]]) -> list[str]:
    uses = Counter(name for names in roles.values() for name in names)
    lines = []
    for name, count in uses.items():
        if count > 1:
            where = [role for role, names in roles.items() for used in names if used == name]
            lines.append(f"column {name!r} is given as {' and as '.join(where)}; a column has one use")
    return lines


def refuse_no_target(label: str, numeric: Sequence[str]) -> UserError:
    """Return the error to raise when no target was given."""
    if not numeric:
        return UserError(f"{label} has no numeric column, so there is nothing to forecast")
    shown = ", ".join(numeric[:20]) + (f", ... ({len(numeric)} in all)" if len(numeric) > 20 else "")
    several = " (or --wide columns, where each of them is a series)" if len(numeric) > 1 else ""
    return UserError(
        f"which column shall be forecast? give --target{several}; numeric columns of {label}: {shown}"
    )
