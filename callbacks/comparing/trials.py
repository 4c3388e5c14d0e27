"""Trials of one search side by side in words and numbers: which is better, and in what they differ."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from ...search_spaces.best import counts_from_the_last_value
from ...search_spaces.repeat import of_repeat
from ..recorded import RecordedSearch, RecordedTrial
from .chance import Seeds, is_it_luck, judged, more
from .rows import Row, differs, listed, parted, row, table
from .sides import Side

AGAIN = (
    "A search of 10 trials or more trains its best ones again with other seeds: a larger --trials goes on "
    "with this one. "
)
STUDY = "“narrows study RUN” compares widths with several seeds each."
FEW = 3
"""Up to so many things that differ are named."""
_LAYERS = re.compile(r"num_layers|units_\d+")


def trials_compared(sides: Sequence[Side]) -> dict[str, Any]:
    """Return what is known of trials of one search, two or more.

    Returns:
        {"title", "sentences", "columns": [{"label", "colour", "mark"}],
        "equal": sentence on what is the same, or "",
        "tables": [{"title", "sentence", "rows": see `rows`}]}.
    """
    search, trials = sides[0].search, [one.trial for one in sides if one.trial is not None]
    rows, equal = parted([*_outcome(search, trials), *_settings(trials)])
    return {
        "title": listed([one.name for one in trials]),
        "sentences": [*_better(search, trials), *_why(trials)],
        "columns": [{"label": one.name, "colour": one.colour, "mark": one.mark} for one in sides],
        "tables": [table("What differs", "Only what is not the same in all of them.", rows)],
        "equal": equal,
    }


def _outcome(search: RecordedSearch, trials: Sequence[RecordedTrial]) -> list[Row]:
    ranking = [one.number for one in search.ranked]
    return [
        row(f"validation loss ({search.loss})", [one.score for one in trials], less=True),
        row("mean over seeds", [one.mean_score if one.again else None for one in trials], less=True),
        row("with other seeds", [_listed(one.again) for one in trials]),
        row("on each fold, the oldest first", [_listed(one.folds[::-1]) for one in trials]),
        row("training loss", [_training_loss(one) for one in trials], less=True),
        row("rank", [ranking.index(one.number) + 1 if one.number in ranking else None for one in trials]),
        row("status", [str(one.status) for one in trials]),
        row("why it ended", [one.reason or None for one in trials]),
        row("trained once more", [of_repeat(one) or None for one in trials]),
        row("units of the layers", [one.profile or None for one in trials]),
        row("parameters", [one.parameters or None for one in trials]),
        row("best epoch", [None if one.best_val_loss is None else one.best_epoch for one in trials]),
        row("training time", [one.secs for one in trials], secs=True),
        row("trained on", [one.node or None for one in trials]),
    ]


def _settings(trials: Sequence[RecordedTrial]) -> list[Row]:
    names = dict.fromkeys(name for one in trials for name in one.values)
    return [
        row(name, [one.values.get(name) for one in trials]) for name in names if not _LAYERS.fullmatch(name)
    ]


def _listed(losses: Sequence[float | None]) -> str | None:
    said = ["diverged" if loss is None or math.isnan(loss) else f"{loss:.4g}" for loss in losses]
    return ", ".join(said) or None


def _training_loss(trial: RecordedTrial) -> float | None:
    """Return the loss on the training part in the epoch whose weights are kept."""
    curve = trial.learning
    if curve is None or trial.best_epoch not in curve.epoch:
        return None
    return curve.train[curve.epoch.index(trial.best_epoch)]


def _better(search: RecordedSearch, trials: Sequence[RecordedTrial]) -> list[str]:
    """Return which trial has the least loss, by how much, and whether that may be luck."""
    found = judged((one.name, one) for one in trials)
    if len(found) < 2:
        which = f"Only {found[0].name} has a score" if found else "None of these trials has a score"
        return [f"{which}, so there is no telling which is better."]
    low, high = found[:2]
    lowest, other = ("lowest", "the next") if len(trials) > 2 else ("lower", "the other")
    mean = ", the mean over its seeds" if len(low.losses) > 1 else ""
    said = [f"{low.name} and {high.name} have the same validation loss, {low.loss:.4g}."]
    if low.loss < high.loss:
        seeds = Seeds.of(search.trials)
        said = [
            f"{low.name} has the {lowest} validation loss, {low.loss:.4g}{mean}; {other}, {high.name}, has "
            f"{high.loss:.4g}{more(low.loss, high.loss)}.",
            is_it_luck(low, high, seeds, STUDY if seeds else AGAIN + STUDY),
        ]
    diverged = [
        f"{one.name} diverged when it was trained again with another seed: do not rely on it."
        for one in trials
        if None in one.again
    ]
    return [*said, *diverged, *_passed_over(search, low.trial, trials)]


def _passed_over(search: RecordedSearch, low: RecordedTrial, trials: Sequence[RecordedTrial]) -> list[str]:
    """Return why the search prefers another of these trials (`search_spaces.best`), where it does."""
    best = search.best
    if best is None or best.number == low.number or best not in trials or None in low.again:
        return []
    if counts_from_the_last_value(best) and not counts_from_the_last_value(low):
        why = (
            "it takes one with scaling last, which stays right when the series moves to other levels, unless "
            "another is better by 5 %"
        )
    elif best.again:
        why = "it is the smallest of the networks that other seeds show to be about as good"
    else:
        return []
    return [f"The search prefers {best.name} all the same: {why}."]


def _why(trials: Sequence[RecordedTrial]) -> list[str]:
    """Return what differs between the trials, as far as it was chosen."""
    names = [one["label"] for one in _settings(trials) if differs(one["cells"])]
    if differs([one.profile for one in trials]):
        names.insert(0, "the units of their layers")
    if not names:
        return ["All that was chosen is the same."]
    if len(names) == 1:
        return [f"They differ in {names[0]} alone."]
    told = f"in {listed(names)}" if len(names) <= FEW else f"in {len(names)} things"
    return [
        f"They differ {told}, so these trials alone do not tell which of it matters: “Importance” and “One "
        "at a time” in the view Search do."
    ]
