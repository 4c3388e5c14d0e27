"""Epoch by epoch: how the losses of one trial fell, where it began, what other trainings of it reached."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...search_spaces.trial import Status
from ._base import NothingToShow, Picture
from ._curves import best_epochs, epoch_axis, lines, losses_of, with_curve
from ._loss import loss_axis
from ._style import BEST, FLOOR, FOLD, SEED, TRIAL, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial


class Epochs(Picture):
    """Train and validation loss against epochs; other seeds and folds are points at the end."""

    view = "trial"
    place = 6
    title = "Epoch by epoch"
    sentence = (
        "How the error of this trial fell while it trained: solid on the validation part, which it never "
        "learns from, dotted on the data that it learns from."
    )
    note = (
        "The ring is the epoch whose weights are kept. Where the solid line rises while the dotted one "
        "falls, the network learns its data by heart: smaller layers, dropout or more data help. Where "
        "both still fall at the end, more epochs would help. A dashed level is the linear forecast at which "
        "the trial began, before it learned anything: what lies below it the LSTM added. Marks at the right "
        "edge are the best losses of the same network with other seeds (first random weights), or on other "
        "parts of the time (folds): how far they lie apart is luck, or how one time differs from another."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        curved = with_curve([trial] if trial else [])
        if trial is None or not curved:
            failed = trial is not None and trial.status == Status.FAILED
            raise NothingToShow(
                "The trial failed before an epoch was finished."
                if failed
                else "The epochs of this trial are not known."
            )
        ((_, curve),) = curved
        figure = go.Figure()
        figure.add_scatter(
            **lines(curved, "train"),
            line={"color": TRIAL, "width": 1.5, "dash": "dot"},
            name="on training data",
        )
        figure.add_scatter(
            **lines(curved, "validation"), line={"color": TRIAL, "width": 2}, name="on the validation part"
        )
        axis = epoch_axis(curved)
        low, high = axis["range"]
        start = curve.validation[0] if curve.epoch[0] == 0 else None
        if start is not None:
            figure.add_scatter(
                x=[low, high],
                y=[start, start],
                mode="lines",
                line={"color": FLOOR, "width": 1.5, "dash": "dash"},
                hovertemplate="linear forecast, where it began: %{y:.4g}<extra></extra>",
                name="linear forecast, where it began",
            )
        figure.add_scatter(
            **best_epochs(curved),
            marker={"symbol": "circle-open", "color": BEST, "size": 13, "line": {"width": 2}},
            name="best epoch",
        )
        beside = [
            ([loss for loss in trial.again if loss is not None], "other seeds", SEED, "line-ew"),
            ([loss for loss in trial.folds if math.isfinite(loss)][1:], "other folds", FOLD, "circle"),
        ]
        for losses, name, colour, symbol in beside:
            if losses:
                figure.add_scatter(
                    x=[high] * len(losses),
                    y=losses,
                    mode="markers",
                    marker={
                        "color": colour,
                        "size": 9 if symbol == "line-ew" else 6,
                        "symbol": symbol,
                        "line": {"color": colour, "width": 2},
                    },
                    hovertemplate=f"{shown(trial.name)}<br>{name}: validation loss %{{y:.4g}}<extra></extra>",
                    cliponaxis=False,
                    name=name,
                )
        every = [*losses_of(curved), *(loss for losses, *_ in beside for loss in losses)]
        loss = loss_axis(search, every)
        figure.update_layout(
            xaxis=axis,
            yaxis=loss | {"title": loss["title"].replace("validation loss", "loss")},
            showlegend=True,
        )
        return figure
