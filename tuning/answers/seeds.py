"""The best few trials of a search, trained again with other seeds.

The least of many losses is partly luck, and one seed does not tell which part. So the best trials are trained
twice more each, all alike, and `search_spaces.best` takes the smallest network that is as good as the best of
them. One trial for each ten of the search is trained again, three at most, so that this stays a small part of
it. The last place goes to a small network that comes close, if there is one: it may be as good.

Rounding, which grows in a training with a high learning rate, is luck too, and each seed has its share of it:
of 42 trials (rates to .03, 60 epochs) the variance of the log loss between two programs was a fifteenth of
that between seeds. So no seed is repeated.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import fmean
from typing import TYPE_CHECKING, Any

from ...search_spaces.best import counts_from_the_last_value, ranked, rivals, standard_error
from ...search_spaces.trial import Trial
from ..series.by_series import scored
from . import blend
from .retraining import Network, Retraining, as_long

if TYPE_CHECKING:
    from ..engines.base import Engine
    from ..runs.folder import RunFolder

SEEDS = 2
"""More than the one a trial was trained with."""
MOST, TRIALS_EACH = 3, 10
"""Trials that are trained again: one for so many trials of the search, and at most so many."""
CLOSE, SMALLER = 0.05, 0.8
"""A network of less than this share of the best one's parameters, and so little more loss, is worth a try."""


def train_again(run: RunFolder, engine: Engine, note: Callable[[str], None], until: float = math.inf) -> None:
    """Train the best trials again with other seeds and keep the losses with them.

    Args:
        run: held for writing, with every trial ended.
        engine: of the search; nothing is in training.
        note: tells the user a sentence.
        until: of `time.monotonic`; nothing is begun after it.
    """
    chosen = candidates(run)
    retraining = Retraining(run, engine)
    wanted = [Network(as_long(run, one), number) for number in range(1, SEEDS + 1) for one in chosen]
    missing = retraining.missing(wanted)
    if missing:
        count = f"{len(chosen)} best trials" if len(chosen) > 1 else "best trial"
        note(f"training the {count} again with {SEEDS} other seeds: was it luck?")
        retraining.train(wanted, until)
    if retraining.missing(wanted):
        return  # the time is over: some would have been tried more often than others
    for trial in chosen:
        again = [one for one in wanted if one.trial.number == trial.number]
        run.store.set_again(trial.number, retraining.losses(again))


def places(trials: int) -> int:
    """Return how many of so many trials with a score are trained again."""
    return min(MOST, trials // TRIALS_EACH)


def candidates(run: RunFolder) -> list[Trial]:
    """Return the trials to be trained again, the best one first; none where it is a linear forecast alone."""
    count = places(run.store.count())
    by_rank = run.store.best(run.store.count())
    if not count or by_rank[0].best_epoch == 0:
        return []
    best, kept = by_rank[0], run.paths.with_weights()
    alike = [
        one
        for one in by_rank
        if one.number in kept and (counts_from_the_last_value(one) or not counts_from_the_last_value(best))
    ]
    chosen = alike[:count]
    if len(chosen) > 1 and all(_size(one) > SMALLER * _size(best) for one in chosen):
        assert best.score is not None
        near = [one for one in alike if (one.score or 0.0) <= best.score + CLOSE * abs(best.score)]
        small = min(near, key=lambda one: (_size(one), one.score, one.number))
        if _size(small) <= SMALLER * _size(best):
            chosen[-1] = small
    return chosen


def _size(trial: Trial) -> float:
    return trial.parameters or math.inf


def sentences(trials: list[Trial]) -> list[str]:
    """Return what other seeds say of the best trial; nothing where it was not trained again.

    Args:
        trials: with a score.
    """
    order = ranked(trials)
    if not order or not order[0].again:
        return []
    best = order[0]
    tried = rivals(best, order)
    if best not in tried:
        return [f"{best.name} diverged when it was trained again with another seed: do not rely on it."]
    tried.sort(key=lambda one: (one.mean_score, one.number))
    shown = "; ".join(f"{one.name} {_spread(one)}" for one in tried)
    count = len(best.again) + 1
    said = f"Trained with {count} different seeds, validation loss as mean and range: {shown}."
    if len(tried) < 2:
        return [said]
    why = "has the least mean"
    if best is not tried[0]:
        error = standard_error(tried)
        why = f"is the smallest network within one standard error ({error:.2g}) of the least mean"
    return [f"{said} {best.name} {why}."]


def by_one_loss(trials: list[Trial]) -> list[str]:
    """Return a sentence where one training of each trial decided which is the best.

    Args:
        trials: with a score, the best one first.
    """
    best = trials[0]
    if best.again or best.best_epoch == 0 or len(trials) < 2:
        return []
    if places(len(trials)):
        how = (
            "Its training with other seeds was left out, or the minutes ended first: a larger --trials, with "
            "more --minutes and without --no-confirm, makes up for it."
        )
    else:
        how = (
            f"A search of {TRIALS_EACH} trials or more trains its best ones again with other seeds: a larger "
            "--trials goes on with this one."
        )
    return [f"{best.name} is the best by one training of each trial, which is partly luck. {how}"]


def together(run: RunFolder, engine: Engine) -> blend.Together | None:
    """Return what the networks of the best trial are together; see `blend.together`."""
    return None if run.best is None else blend.together(run, engine, run.best)


def told(
    run: RunFolder,
    engine: Engine,
    ranked: list[Trial],
    metric: str,
    both: blend.Together | None,
    *,
    nothing: bool,
) -> tuple[dict[str, Any], list[str]]:
    """Return what other seeds say of the best trial: plain data for the answer, and sentences.

    Args:
        run: with the weights.
        engine: forecasts.
        ranked: trials with a score, the best one first.
        metric: that decides.
        both: from `together`.
        nothing: whether the LSTM adds nothing to a linear forecast, as the test part has it.
    """
    best, windows = ranked[0], engine.windows
    rows, again = windows.parts["test"], []
    for number in range(1, len(best.again) + 1):
        path = run.paths.seed_weights(best.number, number)
        if path.exists():
            z = engine.predict(best.values, run.files.load(path), rows)
            forecast = windows.raw(z, rows)
            again.append(scored({"": forecast}, windows, rows)[""])
    ensemble = None if both is None or both.is_one_network else both.plain
    plain = {"seeds": again, "ensemble": ensemble}
    return plain, [
        *on_test(again, metric),
        *blend.sentences(both, metric, nothing=nothing),
        *sentences(ranked),
        *([] if nothing else by_one_loss(ranked)),
    ]


def on_test(again: list[dict[str, dict[str, float]]], metric: str) -> list[str]:
    """Return a sentence on the scores with other seeds, of a single target.

    Args:
        again: scores of each, by target.
        metric: that decides.
    """
    if not again or len(again[0]) > 1:
        return []
    told = [f"{score[metric]:.4g}" for one in again for score in one.values()]
    listed = " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)
    return [f"With other random first weights (seeds) its {metric} on the test part is {listed}."]


def _spread(trial: Trial) -> str:
    losses = [loss for loss in (trial.score, *trial.again) if loss is not None]
    return f"{fmean(losses):.4g} ({min(losses):.4g} to {max(losses):.4g})"
