"""Parallel coordinates: every trial a line through its hyperparameters, to its loss.

plotly has a trace type for it, which needs a graphics card: without one it took 1.1 s for 1,000 trials and
1.7 s for 5,400, where ordinary lines take 0.1 s and 0.4 s; and one cannot click on its lines.

A line per trial would be slow again, so that trials of about the same loss share a trace, from the worst to
the best, which lies on top.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._axes import Axis, axis_of, number_axis
from ._base import NothingToShow, Picture
from ._columns import columns
from ._loss import on_log_scale, scores_of, with_score
from ._parallel_axes import add_axes, frame
from ._remark import add_remark
from ._style import BUTTONS, LOSS_SCALE, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial

SHARES = (0.25, 0.1)
"""What the buttons beside "all" leave in colour, as shares of the trials with a score."""
MOST = 24
"""Axes beside that of the loss; of more, nobody could tell one from the next."""
COLOURS = 12
CLEAR = 0.9
"""Colours tell the trials up to this share apart; a few losses that are off the scale would take it all."""
FADED = 0.6
"""How much of its colour the worst trial loses."""
GREY = "rgba(138,143,152,0.2)"
"""A trial that is not among the best ones that were asked for."""
POINTS, DENSEST = 20_000, 8
"""About how many points can be pointed at, and how many at most from one axis to the next."""


class Parallel(Picture):
    """One line for each trial with a score; a layer that it does not have has its own place."""

    view = "search"
    place = 30
    title = "All hyperparameters"
    sentence = (
        "Each line is one trial: it crosses every axis at the trial's value and ends at its validation loss."
    )
    note = (
        "The colour is that of the loss, from pale blue to orange for the best. The buttons leave only the "
        "best lines in colour: where they run together, the good trials agree; where they spread, that "
        "hyperparameter matters little. Point at a line to see which trial it is; a click opens it. The "
        "place below an axis is for trials that do not have it, such as the units of a third layer. Fixed "
        "hyperparameters have no axis; failed trials have no line."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        # Worst first: what is drawn later lies on top.
        scored = sorted(with_score(search), key=lambda one: (-scores_of([one])[0], -one.number))
        if not scored:
            raise NothingToShow("No trial has a score yet.")
        if len(scored) == 1:
            raise NothingToShow("One trial has a score so far: two are needed to compare them.")
        # A value that is absent in some trials differs too.
        differing = [one for one in columns(search, scored) if len(set(one.values)) > 1]
        if not differing:
            raise NothingToShow("No hyperparameter differs between the trials.")
        scores = scores_of(scored)
        loss = number_axis("loss", scores, on_log_scale(scores))
        axes = [*map(axis_of, differing[:MOST]), loss]
        figure = go.Figure()
        _add_lines(figure, scored, axes)
        add_axes(figure, axes)
        brush = {"axes": len(axes), "steps": _steps(len(scored), len(axes))}
        figure.update_layout(**frame(axes), hoverdistance=30, showlegend=False)
        figure.update_layout(meta=figure.layout.meta | {"wide": True, "brush": brush})
        failed, further = len(search.trials) - len(scored), len(differing) - MOST
        left_out = (
            [f"{failed:,} failed {'trial is' if failed == 1 else 'trials are'} not shown"] if failed else []
        )
        left_out += [f"{further:,} more hyperparameters have no axis"] if further > 0 else []
        legend = _legend(scores)
        add_remark(figure, "<br>".join([legend, *left_out]), right=True, y=-0.03, yanchor="top")
        return figure


def best_of(scores: Sequence[float], share: float) -> int:
    """Return how many trials the best `share` are; equally good ones are all in or all out."""
    last = sorted(scores)[math.ceil(share * len(scores)) - 1]
    return sum(score <= last for score in scores)


def _add_lines(figure: go.Figure, trials: Sequence[RecordedTrial], axes: Sequence[Axis]) -> None:
    """Add the lines, worst first, and the buttons that grey out all but the best of them."""
    scores = scores_of(trials)
    wanted = {share: best_of(scores, share) for share in SHARES}
    wanted = {share: count for share, count in wanted.items() if count < len(trials)}
    colours = _colours(axes[-1].heights)
    # Where a trace ends: with the colour, and before the best ones that a button leaves.
    firsts = {len(trials) - count for count in wanted.values()}
    ends = [
        place
        for place in range(1, len(trials) + 1)
        if place == len(trials) or place in firsts or colours[place] != colours[place - 1]
    ]
    starts = [0, *ends[:-1]]
    across, heights = _points(axes)
    # For the lines that a brush of the tab lays aside.
    width = max(0.6, min(1.5, 30 / math.sqrt(len(trials))))
    figure.add_scatter(
        x=[None], y=[None], mode="lines", hoverinfo="skip", line={"color": GREY, "width": width}
    )
    for start, end in zip(starts, ends, strict=True):
        _add_line(figure, trials[start:end], across, heights[start:end], color=colours[start], width=width)
    shown_from = {"all": 0}
    for share, count in wanted.items():
        shown_from[f"best {share:.0%}".replace("%", " %")] = len(trials) - count
    chosen = [
        (label, [colours[start] if start >= first else GREY for start in starts])
        for label, first in shown_from.items()
    ]
    figure.update_layout(updatemenus=[_buttons(chosen)])


def _add_line(
    figure: go.Figure, trials: Sequence[RecordedTrial], across: np.ndarray, heights: np.ndarray, **line: Any
) -> None:
    """Add one trace with the lines of some trials; a gap is between each and the next."""
    gap = np.full((len(trials), 1), np.nan)
    said = [f"{shown(one.name)}<br>validation loss {one.score:.4g}" for one in trials]
    figure.add_scatter(
        x=np.tile(np.append(across, np.nan), len(trials)).astype(np.float32),
        y=np.hstack([heights, gap]).astype(np.float32).ravel(),
        customdata=np.repeat([one.number for one in trials], len(across) + 1),
        text=[text for text in said for _ in range(len(across) + 1)],
        # With a template of its own, plotly would not skip it while it is grey.
        hoverinfo="text",
        mode="lines",
        line=line,
    )


def _points(axes: Sequence[Axis]) -> tuple[np.ndarray, np.ndarray]:
    """Return where the lines go, on the axes and between them, so that one can point at them anywhere.

    Returns:
        float (points,) from 0 at the first axis to 1 at the second and so on; float (trials, points).
    """
    at = np.stack([axis.heights for axis in axes], axis=1)
    steps = _steps(*at.shape)
    share = np.arange(steps) / steps
    between = at[:, :-1, None] * (1 - share) + at[:, 1:, None] * share
    heights = np.hstack([between.reshape(len(at), -1), at[:, -1:]])
    return np.arange(heights.shape[1]) / steps, heights


def _steps(trials: int, axes: int) -> int:
    """Return how many points a line has from one axis to the next."""
    return min(max(round(POINTS / (trials * axes)), 2), DENSEST)


def _legend(scores: Sequence[float]) -> str:
    """Return what the colours mean, in plotly's HTML: from the least loss to the largest."""
    from plotly.colors import sample_colorscale

    colours = sample_colorscale(LOSS_SCALE, [step / (COLOURS - 1) for step in range(COLOURS)])
    bar = "".join(f'<span style="color:{colour}">█</span>' for colour in colours)
    return f"best loss {min(scores):.3g} {bar} {max(scores):.3g} worst"


def _colours(heights: np.ndarray) -> list[str]:
    """Return the colour of each trial by its height on the axis of the loss; the worse, the fainter."""
    from plotly.colors import sample_colorscale

    low, upper = heights.min(), np.sort(heights)[math.ceil(CLEAR * len(heights)) - 1]
    share = np.clip((heights - low) / max(upper - low, 1e-9), 0, 1)
    steps = [step / (COLOURS - 1) for step in range(COLOURS)]
    paints = [
        f"{paint[:-1]}, {1 - FADED * step:.2f})".replace("rgb", "rgba")
        for paint, step in zip(sample_colorscale(LOSS_SCALE, steps), steps, strict=True)
    ]
    return [paints[place] for place in np.round(share * (COLOURS - 1)).astype(int)]


def _buttons(chosen: Sequence[tuple[str, Sequence[str]]]) -> dict[str, Any]:
    """Return the buttons, each with the colours that it gives to the lines; below, as labels are above."""
    places = list(range(1, 1 + len(chosen[0][1])))
    buttons = [
        {
            "label": label,
            "method": "restyle",
            "args": [
                {
                    "line.color": list(colours),
                    "hoverinfo": ["skip" if one == GREY else "text" for one in colours],
                },
                places,
            ],
        }
        for label, colours in chosen
    ]
    return BUTTONS | {"buttons": buttons, "y": -0.03, "yanchor": "top"}
