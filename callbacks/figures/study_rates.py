"""Study, rates: which learning rates each arm of a study was tried with, and which one it got."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ._axes import plain
from ._base import NothingToShow, Picture
from ._loss import loss_bar, on_log_scale
from ._study import in_order, name_of, shown_study, tick_texts
from ._style import FAILED, LEAST, LOSS_SCALE, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial
    from ..studied import Arm

MANY = 10
"""Arms beyond which numbers have no room in their cells; pointing at a cell shows its number."""
FRAME = {"color": "#202124", "width": 2.5}
"""Of a chosen rate; it lies inside its cell, whose colour is the same on any page."""
INSIDE = 0.44
"""From the middle of a cell to its frame."""


class StudyRates(Picture):
    """Heat map of the validation loss of each rate that was tried; the chosen one has a frame."""

    view = "study"
    place = 20
    title = "Learning rates"
    sentence = (
        "The validation loss of each network at every learning rate that was tried; each is compared at "
        "its own best rate, the one with a frame."
    )
    note = (
        "Narrow layers mostly want a larger learning rate than wide ones. At one rate for all, some would "
        "look bad for their rate alone, so each network is tried with several, and its best one is taken. A "
        "frame at the top or at the foot of what was tried in its column means that a rate beyond might "
        "have been better still. The loss in a cell is the mean of the first seeds; the choice may rest on "
        "more of them. A cross is a rate at which the training diverged. The rate is that of the first step, "
        "and falls to zero until the last."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        study = shown_study(search)
        arms = [arm for arm in in_order(study) if arm.rates]
        if not arms:
            raise NothingToShow("No learning rate has been tried to the end yet.")
        rates = sorted({tried.rate for arm in arms for tried in arm.rates})
        figure = go.Figure()
        _add_losses(figure, arms, rates, study.loss)
        _add_diverged(figure, arms, rates)
        for number, arm in enumerate(arms):
            if arm.rate in rates:
                row = rates.index(arm.rate)
                figure.add_shape(
                    x0=number - INSIDE, x1=number + INSIDE, y0=row - INSIDE, y1=row + INSIDE, line=FRAME
                )
        look = {"showgrid": False, "zeroline": False, "tickmode": "array"}
        figure.update_layout(
            meta={"least": LEAST},
            xaxis=look
            | {
                "title": shown(study.axis),
                "tickvals": list(range(len(arms))),
                "ticktext": tick_texts(arms),
                "range": [-0.5, len(arms) - 0.5],
            },
            yaxis=look
            | {
                "title": "learning rate",
                "tickvals": list(range(len(rates))),
                "ticktext": [plain(rate) for rate in rates],
                "range": [-0.5, len(rates) - 0.5],
            },
            showlegend=False,
        )
        return figure


def _add_losses(figure: go.Figure, arms: Sequence[Arm], rates: Sequence[float], loss: str) -> None:
    """Add a cell for each loss that is known; its colour is the logarithm of it."""
    found = [{tried.rate: tried.val_loss for tried in arm.rates} for arm in arms]
    losses: list[list[Any]] = [[of_arm.get(rate) for of_arm in found] for rate in rates]
    known = [one for row in losses for one in row if one is not None]
    if not known:
        return
    log = on_log_scale(known)
    figure.add_heatmap(
        z=[[one if one is None or not log else math.log10(one) for one in row] for row in losses],
        x=list(range(len(arms))),
        y=list(range(len(rates))),
        text=[["" if one is None or len(arms) > MANY else f"{one:.3g}" for one in row] for row in losses],
        texttemplate="%{text}",
        hovertext=[
            [
                ""
                if one is None
                else f"{shown(name_of(arm))}, rate {plain(rate)}<br>validation loss {one:.4g}"
                for arm, one in zip(arms, row, strict=True)
            ]
            for rate, row in zip(rates, losses, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        hoverongaps=False,
        xgap=2,
        ygap=2,
        colorscale=LOSS_SCALE,
        colorbar=loss_bar(known, f"validation loss ({shown(loss)})", log),
    )


def _add_diverged(figure: go.Figure, arms: Sequence[Arm], rates: Sequence[float]) -> None:
    lost = [
        (number, rates.index(tried.rate), arm)
        for number, arm in enumerate(arms)
        for tried in arm.rates
        if tried.val_loss is None
    ]
    if lost:
        figure.add_scatter(
            x=[x for x, _, _ in lost],
            y=[y for _, y, _ in lost],
            text=[f"{shown(name_of(arm))}, rate {plain(rates[y])}: diverged" for _, y, arm in lost],
            hovertemplate="%{text}<extra></extra>",
            mode="markers",
            marker={"color": FAILED, "symbol": "x", "size": 9},
        )
