"""Study, loss: what each arm of a study loses against the reference, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..studied import WORDS, percent
from ._across import Across
from ._axes import cut
from ._base import NothingToShow, Picture
from ._layers import LAYERS, plural
from ._ratios import ratio_axis, ratio_text, top_of
from ._study import GOOD, LONGEST, LOOKS, base_name, in_order, name_of, shown_study
from ._style import FAILED, NEUTRAL, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial
    from ..studied import Arm, RecordedStudy

SPREAD = 0.3
"""Breadth of the seeds of an arm, as a share of its room."""
MOST = 1e300
"""A bar that ends beyond it ends there."""


class StudyLoss(Picture):
    """Loss relative to the reference against the width, or of arms side by side; both scales logarithmic."""

    view = "study"
    place = 10
    title = "Loss compared with the reference"
    sentence = (
        "How much larger the loss is than that of the reference, on rows that nothing was chosen on. Below "
        "the dashed line the difference is too small to matter."
    )
    note = (
        "A small point is one seed: it and the reference began with the same draw and saw the same batches, "
        "so that it shows the difference of the two networks alone. A large point is the mean of the seeds, "
        "its bar the range in which the true one lies with a certainty of 95 %. Enough is what is shown to "
        "lie below the dashed line. Where a bar reaches across that line these seeds do not decide; more "
        "would. Equal distances up and down are equal ratios."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        study = shown_study(search)
        arms = [arm for arm in in_order(study) if arm.width is not None or not study.numeric]
        compared = [arm for arm in arms if arm.cost is not None]
        diverged = [arm for arm in arms if None in arm.losses]
        if not any(arm.label != study.reference for arm in compared):
            raise NothingToShow("No two networks of this study were trained to the end, so none is compared.")
        across = Across.of(study, arms)
        up = ratio_axis(
            [ratio for arm in compared for ratio in (1 + (arm.cost or 0.0), *arm.ratios) if ratio > 0],
            [1 + end for arm in compared for end in (arm.low, arm.high) if end is not None],
            1 + study.margin,
            room=bool(diverged or study.enough),
        )
        figure = go.Figure()
        _add_lines(figure, study, compared, across)
        _add_seeds(figure, compared, across)
        _add_means(figure, study, compared, across)
        _add_margin(figure, study, across)
        _add_diverged(figure, diverged, across, top_of(up))
        _mark_enough(figure, study, across, 10 ** up["range"][1])
        figure.update_layout(
            xaxis=across.axis(study, arms),
            yaxis=up | {"title": f"loss compared with {shown(cut(base_name(study), LONGEST))}"},
            showlegend=True,
        )
        return figure


def _add_lines(figure: go.Figure, study: RecordedStudy, arms: Sequence[Arm], across: Across) -> None:
    """Join the means of widths, those of each place of an added layer by a line of its own."""
    lines = list(dict.fromkeys(arm.place for arm in arms)) if study.numeric else []
    for number, place in enumerate(lines):
        own = [arm for arm in arms if arm.place == place]
        colour = NEUTRAL if place is None else LAYERS[number % len(LAYERS)][0]
        figure.add_scatter(
            x=[across.places[arm.label] for arm in own],
            y=[1 + (arm.cost or 0.0) for arm in own],
            mode="lines",
            line={"color": colour, "width": 1 if place is None else 2},
            hoverinfo="skip",
            name="" if place is None else f"after layer {place}",
            showlegend=place is not None,
        )


def _add_seeds(figure: go.Figure, arms: Sequence[Arm], across: Across) -> None:
    breadth = SPREAD * across.room
    points = [
        (across.places[arm.label] + breadth * ((seed + 0.5) / len(arm.ratios) - 0.5), ratio, arm, seed + 1)
        for arm in arms
        for seed, ratio in enumerate(arm.ratios)
        if ratio > 0
    ]
    figure.add_scatter(
        x=[x for x, *_ in points],
        y=[ratio for _, ratio, *_ in points],
        text=[f"{shown(name_of(arm))}, seed {seed}: {ratio_text(ratio)}" for _, ratio, arm, seed in points],
        hovertemplate="%{text}<extra></extra>",
        mode="markers",
        marker={"color": [LOOKS[arm.word][0] for *_, arm, _ in points], "size": 5, "opacity": 0.5},
        # The first point gives the legend its colour, whichever that is.
        showlegend=False,
    )


def _add_means(figure: go.Figure, study: RecordedStudy, arms: Sequence[Arm], across: Across) -> None:
    """Add the mean of each arm with its bar, in the colour and with the symbol of its word."""
    for word in (word for word in reversed(WORDS) if any(arm.word == word for arm in arms)):
        colour, symbol = LOOKS[word]
        own = [arm for arm in arms if arm.word == word]
        bars = [(arm.cost or 0.0, arm.low, arm.high) for arm in own]
        figure.add_scatter(
            x=[across.places[arm.label] for arm in own],
            y=[1 + (arm.cost or 0.0) for arm in own],
            error_y={
                "type": "data",
                "array": [0 if high is None else min(high, MOST) - cost for cost, _, high in bars],
                "arrayminus": [0 if low is None else cost - low for cost, low, _ in bars],
                "color": colour,
                "thickness": 2,
                "width": 5,
            },
            text=[_told(study, arm) for arm in own],
            hovertemplate="%{text}<extra></extra>",
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 11},
            name=word,
        )


def _told(study: RecordedStudy, arm: Arm) -> str:
    """Return what to say about an arm when one points at it."""
    lines = [f"<b>{shown(name_of(arm))}</b>: {arm.word}"]
    if arm.label != study.reference and arm.cost is not None:
        lines.append(f"loss {percent(arm.cost)} in the mean of {plural(len(arm.ratios), 'seed')}")
    if arm.label != study.reference and arm.low is not None and arm.high is not None:
        lines.append(f"between {percent(arm.low)} and {percent(arm.high)} with a certainty of 95 %")
    return "<br>".join([*lines, f"{shown(arm.profile)}, {arm.parameters:,} parameters"])


def _add_margin(figure: go.Figure, study: RecordedStudy, across: Across) -> None:
    """Add the lines of "same" and of what matters, across the whole picture."""
    low, high = across.ends
    figure.add_shape(x0=low, x1=high, y0=1, y1=1, line={"color": NEUTRAL, "width": 1}, layer="below")
    figure.add_scatter(
        x=[low, high],
        y=[1 + study.margin] * 2,
        mode="lines",
        line={"color": GOOD, "dash": "dash", "width": 1.5},
        hoverinfo="skip",
        name=f"up to {ratio_text(1 + study.margin)} does not matter",
    )


def _add_diverged(figure: go.Figure, arms: Sequence[Arm], across: Across, top: float) -> None:
    """Mark at the top which arms have trainings that diverged, which have no loss."""
    if arms:
        lost = [sum(loss is None for loss in arm.losses) for arm in arms]
        figure.add_scatter(
            x=[across.places[arm.label] for arm in arms],
            y=[top] * len(arms),
            text=[
                f"{shown(name_of(arm))}: {count} of {plural(len(arm.losses), 'training')} diverged"
                for arm, count in zip(arms, lost, strict=True)
            ],
            hovertemplate="%{text}<extra></extra>",
            mode="markers",
            marker={"color": FAILED, "symbol": "x", "size": 8},
            name="some or all seeds diverged",
        )


def _mark_enough(figure: go.Figure, study: RecordedStudy, across: Across, top: float) -> None:
    """Say at the top, above all points, which is the narrowest one that is enough."""
    arm = next((one for one in study.arms if one.label == study.enough), None)
    if arm is None or arm.label not in across.places:
        return
    place, (low, high) = across.places[arm.label], across.ends
    figure.add_shape(
        x0=place,
        x1=place,
        y0=1 + (arm.cost or 0.0),
        y1=top,
        line={"color": GOOD, "dash": "dot", "width": 1.5},
    )
    figure.add_annotation(
        x=place,
        y=1,
        yref="paper",
        yanchor="top",
        # Beside the line, and towards the middle: over an end of the axis a text would leave the picture.
        xanchor="right" if 2 * place > low + high else "left",
        xshift=-4 if 2 * place > low + high else 4,
        align="right" if 2 * place > low + high else "left",
        text=f"<b>{shown(name_of(arm))}<br>{'is' if arm.width in (1, None) else 'are'} enough</b>",
        font={"size": 13},
        showarrow=False,
    )
