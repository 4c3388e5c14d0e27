"""Importance: which hyperparameters the best trials have in common, and other trials have not.

PED-ANOVA (Watanabe et al. 2023) compares how a hyperparameter is distributed over the best tenth of the
trials and over all of them, by the Pearson divergence; Optuna computes it, with the extension to
hyperparameters that only some trials have (conditional PED-ANOVA, Optuna 5).

Optuna spreads numbers over a grid of 50 steps. A handful of values on it (16, 32, 64) leaves gaps in
which the two distributions differ by their smoothing alone: among 200 random trials whose loss depended on
the learning rate only, the batch size got 13 % of the importance. Counted by their place, it got 1 %; so
few different values are counted by their place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..quiet_optuna import import_tqdm, quiet_optuna
from ._axes import cut
from ._base import NothingToShow, Picture
from ._columns import Column, columns
from ._loss import scores_of, with_score
from ._remark import add_remark
from ._style import BEST, TRIAL, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from optuna.distributions import BaseDistribution

    from ..recorded import RecordedSearch, RecordedTrial

LEAST, TRUSTED = 10, 50
"""Trials below which there is nothing to compute, and below which it is not to be trusted: the best tenth
should have at least five."""
FEW = 12
"""Up to so many different numbers are counted by their place."""

BAR, BESIDE = 34, 100
"""Pixels of the height of a bar with the space to the next one, and of all that is above and below."""
LONGEST = 30
"""Letters of a name before it is cut; pointing at its bar shows all of it."""


class Importance(Picture):
    """A bar for each hyperparameter, its share of all importance; the most important one on top."""

    view = "search"
    place = 40
    title = "Importance"
    sentence = "The longer the bar, the more it matters for reaching the best tenth of the trials."
    note = (
        "A bar is long where the best tenth of the trials agree on values that other trials do not have. "
        "The bars share 100 % among them, so one is longest even where nothing matters much. Each "
        "hyperparameter is judged alone: two that matter only together both look unimportant. One that only "
        "some trials have is judged among those; whether a layer exists counts for num_layers. The method is "
        "PED-ANOVA, from Optuna."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        scored = with_score(search)
        if len(scored) < LEAST:
            few = f"{_trials(len(scored))} with a score so far" if scored else "No trial has a score yet"
            raise NothingToShow(f"{few}: {LEAST} are needed to tell importance.")
        searched = [column for column in columns(search, scored) if len(column.distinct) > 1]
        if not searched:
            raise NothingToShow("No hyperparameter differs between the trials.")
        shares = shares_of(searched, scores_of(scored))
        if not shares:
            raise NothingToShow("The best tenth of the trials has nothing that the others have not.")
        figure = go.Figure()
        _add_bars(figure, shares, searched)
        figure.update_layout(
            height=BESIDE + BAR * max(len(shares), 3),
            xaxis={"title": "share of the importance", "tickformat": ".0%", "rangemode": "tozero"},
            yaxis={
                "type": "category",
                "tickvals": [shown(name) for name in shares],
                "ticktext": [shown(cut(name, LONGEST)) for name in shares],
                "ticksuffix": " ",
            },
            showlegend=False,
        )
        if len(scored) < TRUSTED:
            warning = f"{_trials(len(scored))}: too few to trust; {TRUSTED} are needed"
            add_remark(figure, warning, right=False, y=1, yanchor="bottom", colour=BEST)
        return figure


def _add_bars(figure: go.Figure, shares: dict[str, float], searched: list[Column]) -> None:
    """Add one bar for each hyperparameter; plotly begins at the foot."""
    had = {column.declared.name: sum(value is not None for value in column.values) for column in searched}
    names = list(reversed(shares))
    figure.add_bar(
        orientation="h",
        x=[shares[name] for name in names],
        y=[shown(name) for name in names],
        text=[f"{shares[name]:.0%}" for name in names],
        textposition="outside",
        cliponaxis=False,
        hovertext=[
            f"{shown(name)}: {shares[name]:.1%} of the importance, seen in {_trials(had[name])}"
            for name in names
        ],
        hoverinfo="text",
        marker={"color": TRIAL},
    )


def _trials(count: int) -> str:
    return f"{count:,} trial" if count == 1 else f"{count:,} trials"


def shares_of(searched: list[Column], scores: list[float]) -> dict[str, float]:
    """Return the share of each hyperparameter in all importance, largest first.

    Args:
        searched: hyperparameters over the trials, each with two different values or more.
        scores: of the same trials, smaller is better.

    Returns:
        Shares from 0 to 1 that add up to 1; empty where no hyperparameter has any importance.
    """
    import_tqdm()
    import optuna

    translated = [(column.declared.name, column.values, *_distribution(column)) for column in searched]
    with quiet_optuna():
        study = optuna.create_study()
        for place, score in enumerate(scores):
            had = [(name, values[place], kind, to) for name, values, kind, to in translated]
            active = [(name, to(value), kind) for name, value, kind, to in had if value is not None]
            study.add_trial(
                optuna.trial.create_trial(
                    value=score,
                    params={name: value for name, value, _ in active},
                    distributions={name: kind for name, _, kind in active},
                )
            )
        found = optuna.importance.get_param_importances(
            study, evaluator=optuna.importance.PedAnovaImportanceEvaluator(), normalize=False
        )
    total = sum(found.values())
    # All hyperparameters have the importance 0 where all trials are equally good.
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0])) if total > 0 else []
    return {name: value / total for name, value in ranked}


def _distribution(column: Column) -> tuple[BaseDistribution, Callable[[Any], Any]]:
    """Return the distribution that Optuna is told, and what turns a value into one of it."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    distinct: Any = column.distinct
    if not column.declared.numeric:
        return CategoricalDistribution(distinct), str
    if len(distinct) <= FEW:
        return IntDistribution(0, len(distinct) - 1), distinct.index
    return FloatDistribution(distinct[0], distinct[-1], log=column.log), float
