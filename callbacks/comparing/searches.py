"""Two searches side by side in words and numbers: which forecasts better, and in what they differ."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any, TypedDict

from ...search_spaces.plain import from_plain
from ...search_spaces.trial import Status
from ..asked import Asked
from .chance import Seeds, is_it_luck, judged, more, share
from .rows import Row, listed, parted, row, table
from .sides import Side, apart, losses_apart

TARGETS = 4
"""Targets whose scores are shown, the first ones."""
DECIDES = (
    "The same narrows tune commands with a larger --trials, 10 or more, try more networks and more seeds."
)
HANDED = "what is handed over"

Scores = dict[str, dict[str, float | None]]
"""By target and metric."""


class _Ensemble(TypedDict):
    scores: Scores


class _Scored(TypedDict):
    """What is read of an answer."""

    metric: str
    windows: int
    scores: dict[str, Scores]
    ensemble: _Ensemble | None


def searches_compared(sides: Sequence[Side]) -> dict[str, Any]:
    """Return what is known of two searches.

    Returns:
        As of `trials_compared`; where losses cannot be compared the sentences say why, and no loss is shown.
    """
    why, no_losses = apart(sides), losses_apart(sides)
    scored = [] if why else [_scored(one) for one in sides]
    known = [one for one in scored if one is not None]
    went = _went(sides, losses=not no_losses)
    asked, equal = parted(_asked([one.search.asked for one in sides]))
    tables = [
        table("How it went", "Trials that have ended, and the best of them.", went),
        *([table("On the test part", _about(known[0]), _scores(known))] if len(known) == len(sides) else ()),
        table("What was asked", "Only what is not the same in both.", asked),
    ]
    said = [f"{no_losses} So their losses are not put side by side."] if no_losses else _better(sides)
    said += [] if why else _on_test(sides, scored, losses=not no_losses)
    return {
        "title": listed([one.name for one in sides]),
        "sentences": [*said, *_why(sides, asked)],
        "columns": [{"label": one.name, "colour": one.colour, "mark": one.mark} for one in sides],
        "tables": [one for one in tables if one["rows"]],
        "equal": equal,
    }


def _asked(asked: Sequence[Asked | None]) -> list[Row]:
    if None in asked:
        return []
    known = [one for one in asked if one is not None]
    settings = dict.fromkeys(name for one in known for name in one.settings)
    return [
        row("data", [one.data for one in known]),
        row("rows", [one.rows for one in known]),
        row("targets", [", ".join(one.targets) for one in known]),
        row("features", [", ".join(one.features) or "none" for one in known]),
        row("lookback", [one.lookback for one in known]),
        row("horizon", [one.horizon for one in known]),
        row("parts", [one.split for one in known]),
        row("folds", [one.folds for one in known]),
        *(row(name, [one.settings.get(name) for one in known]) for name in settings),
    ]


def _went(sides: Sequence[Side], *, losses: bool) -> list[Row]:
    trials, best = [one.search.trials for one in sides], [one.trial for one in sides]
    loss = f"its validation loss ({sides[0].search.loss})"
    means = [one.mean_score if one is not None and one.again else None for one in best]
    of_loss = [
        row(loss, [None if one is None else one.score for one in best], less=True),
        *([row("its mean over seeds", means, less=True)] if any(means) else ()),
    ]
    return [
        row("trials", [len(one) for one in trials]),
        row("failed", [sum(trial.status == Status.FAILED for trial in one) for one in trials]),
        row("training time", [sum(trial.secs for trial in one) for one in trials], secs=True),
        row("best trial", [None if one is None else one.name for one in best]),
        row("its parameters", [None if one is None else one.parameters or None for one in best]),
        *(of_loss if losses else ()),
    ]


def _scored(side: Side) -> _Scored | None:
    answer = side.search.answer
    return None if answer is None else from_plain(_Scored, answer)


def _handed(scored: _Scored) -> Scores:
    """Return the scores of what is handed over: the networks together, where they are more than one."""
    alone: Scores = next(iter(scored["scores"].values()), {})
    return alone if scored["ensemble"] is None else scored["ensemble"]["scores"]


def _about(scored: _Scored) -> str:
    return (
        f"{scored['metric']} on {scored['windows']:,} windows that nothing was learned or chosen from, in "
        "the unit of the data. What is handed over is what narrows export --ensemble writes."
    )


def _scores(scored: Sequence[_Scored]) -> list[Row]:
    metric = scored[0]["metric"]
    targets = list(_handed(scored[0]))[:TARGETS]
    floors = dict.fromkeys(name for one in scored for name in list(one["scores"])[1:])
    rows = []
    for target in targets:
        of = f"{target}: " if len(_handed(scored[0])) > 1 else ""

        def error(scores: Scores | None, target: str = target) -> float | None:
            return (scores or {}).get(target, {}).get(metric)

        ours = [error(_handed(one)) for one in scored]
        rows.append(row(f"{of}{HANDED}", ours, less=True))
        alone = [error(next(iter(one["scores"].values()), None)) for one in scored]
        rows.append(row(f"{of}best network alone", alone, less=True))
        each = {name: [error(one["scores"].get(name)) for one in scored] for name in floors}
        rows += [row(f"{of}{name}", errors) for name, errors in each.items()]
        common = {name: errors for name, errors in each.items() if None not in errors and len({*errors}) == 1}
        if common:
            floor = min(common, key=lambda name: common[name][0] or 0.0)
            parts = [
                _part(mine / his) if mine is not None and his else None
                for mine, his in zip(ours, common[floor], strict=True)
            ]
            rows.append(row(f"{of}its error against that of {floor}", parts))
    return rows


def _part(ratio: float) -> str:
    """Return a ratio as `38 %`, or `12.0 times` where it is large."""
    return f"{100 * ratio:.0f} %" if ratio < 10 else share(ratio)


def _better(sides: Sequence[Side]) -> list[str]:
    """Return which search has the better network, by how much, and whether that may be luck."""
    found = judged((one.name, one.trial) for one in sides)
    if len(found) < 2:
        return ["One of them has no trial with a score yet, so there is no telling which is better."]
    low, high = found
    if low.loss == high.loss:
        return [
            f"The best trials of {low.name} and {high.name} have the same validation loss, {low.loss:.4g}."
        ]
    mean = ", the mean over its seeds" if len(low.losses) > 1 else ""
    return [
        f"The best trial of {low.name} has the lower validation loss, {low.loss:.4g}{mean}; that of "
        f"{high.name} has {high.loss:.4g}{more(low.loss, high.loss)}.",
        is_it_luck(low, high, Seeds.of(trial for one in sides for trial in one.search.trials), DECIDES),
    ]


def _on_test(sides: Sequence[Side], scored: Sequence[_Scored | None], *, losses: bool) -> list[str]:
    """Return which search hands over what errs less on the test part, and whether the losses agree."""
    missing = [one.name for one, found in zip(sides, scored, strict=True) if found is None]
    if missing:
        have = "has" if len(missing) == 1 else "have"
        return [f"{listed(missing)} {have} no answer yet, so nothing is known of the test part."]
    known = [one for one in scored if one is not None]
    metric, target = known[0]["metric"], next(iter(_handed(known[0])), "")
    errors = [_handed(one).get(target, {}).get(metric) for one in known]
    pairs = [(error, one.name) for error, one in zip(errors, sides, strict=True) if error is not None]
    if len(pairs) < 2:
        return []
    (least, name), (most, other) = sorted(pairs)
    if least == most:
        return [f"On the test part both miss {target} by the same {metric}, {least:.4g}."]
    said = [
        f"On the test part, what {name} hands over misses {target} by less: {metric} {least:.4g}; {other} by "
        f"{most:.4g}{more(least, most)}."
    ]
    if losses and judged((one.name, one.trial) for one in sides)[0].name != name:
        said.append("The validation part and the test part disagree, so neither is shown to be better.")
    return said


def _why(sides: Sequence[Side], asked: Sequence[Row]) -> list[str]:
    """Return in what the searches differ, and what decides where that is one feature."""
    if any(one.search.asked is None for one in sides):
        return []
    names = [one["label"] for one in asked]
    if not names:
        return ["Both were asked the same."]
    if names != ["features"]:
        told = f"{names[0]} alone" if len(names) == 1 else listed(names)
        return [f"They differ in {told if len(names) <= 5 else f'{len(names)} things'}."]
    first, second = ({*one.search.asked.features} for one in sides if one.search.asked)
    added = sorted(first ^ second)
    study = (
        f" “narrows study RUN --feature {shlex.quote(added[0])}”, with the run that has it, trains the same "
        "network with it and without it, with several seeds each: that decides."
    )
    return [f"They differ in features alone: {listed(added[:5])}.{study if len(added) == 1 else ''}"]
