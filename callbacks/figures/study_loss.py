"""Study, loss: what each width costs, with every seed, its interval, and the line of what is enough."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..studied import Arm, RecordedStudy
from ._base import NothingToShow, Picture
from ._study import GOOD, WORD_COLOURS, shown_study
from ._style import FAILED, TRIAL, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial

TICKS = (0.1, 0.2, 0.5, 0.7, 0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.2, 1.5, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)
APART = 0.06
"""Least distance of two ticks, as a share of the axis."""
BEYOND = 1.5
"""How far a bar is shown beyond the points, as a ratio."""
DODGE = 0.09
"""Between the places of an added layer, in octaves."""


class StudyLoss(Picture):
    """Loss relative to the reference, on logarithmic axes."""

    view = "study"
    place = 10
    title = "What it costs"
    sentence = "The loss on the test part, compared with the reference, which is the line at 0 %."
    note = (
        "Each small point is one seed: the same initial draw and the same batches as the reference had. The "
        "large point is their mean, its bar the range that holds the true one with 95 % certainty. An arm "
        "whose whole bar lies below the dashed line is shown to be enough; one whose bar lies above 0 % "
        "costs something. Where a bar reaches both, the data do not decide, and more seeds would."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        study = shown_study(search)
        arms = [arm for arm in study.arms if arm.cost is not None]
        if len(arms) < 2:
            raise NothingToShow("No two networks of this study were trained to the end yet.")
        figure = go.Figure()
        places = _places(study, arms)
        _add_seeds(figure, study, arms, places)
        _add_means(figure, study, arms, places)
        figure.add_hline(y=1, line={"color": TRIAL, "width": 1})
        figure.add_hline(y=1 + study.margin, line={"color": GOOD, "width": 1.5, "dash": "dash"})
        _mark_enough(figure, study, places)
        figure.update_layout(
            xaxis=_x_axis(study, arms, places),
            yaxis=_y_axis(study, arms),
            showlegend=False,
        )
        return figure


def _places(study: RecordedStudy, arms: Sequence[Arm]) -> dict[str, float]:
    """Return where each arm stands: at log2 of its width, or one beside the other."""
    if not study.numeric:
        return {arm.label: float(n) for n, arm in enumerate(study.arms)}
    widest = max(arm.width or 1 for arm in arms)
    shifts = {place: n * DODGE for n, place in enumerate(sorted({arm.place or 0 for arm in arms}))}
    return {
        arm.label: math.log2(2 * widest if arm.width is None else arm.width) + shifts[arm.place or 0]
        for arm in arms
    }


def _add_seeds(
    figure: go.Figure, study: RecordedStudy, arms: Sequence[Arm], places: dict[str, float]
) -> None:
    points = [
        (places[arm.label], ratio, arm, seed) for arm in arms for seed, ratio in enumerate(arm.ratios, 1)
    ]
    figure.add_scatter(
        x=[x for x, *_ in points],
        y=[ratio for _, ratio, *_ in points],
        text=[f"{shown(arm.label)}, seed {seed}: {_percent(ratio)}" for _, ratio, arm, seed in points],
        hovertemplate="%{text}<extra></extra>",
        mode="markers",
        marker={"color": [WORD_COLOURS[arm.word] for *_, arm, _ in points], "size": 5, "opacity": 0.45},
    )


def _add_means(
    figure: go.Figure, study: RecordedStudy, arms: Sequence[Arm], places: dict[str, float]
) -> None:
    means = [1 + (arm.cost or 0.0) for arm in arms]
    high = [1 + (arm.high or 0.0) for arm in arms]
    low = [max(1 + (arm.low or 0.0), 1e-3) for arm in arms]
    figure.add_scatter(
        x=[places[arm.label] for arm in arms],
        y=means,
        error_y={
            "type": "data",
            "array": [min(top, 1e6) - mean for top, mean in zip(high, means, strict=True)],
            "arrayminus": [mean - foot for foot, mean in zip(low, means, strict=True)],
            "color": FAILED,
            "thickness": 2,
            "width": 6,
        },
        text=[_told(study, arm) for arm in arms],
        hovertemplate="%{text}<extra></extra>",
        mode="markers",
        marker={
            "color": [WORD_COLOURS[arm.word] for arm in arms],
            "size": 12,
            "line": {"width": 1.5, "color": "rgba(255,255,255,0.8)"},
        },
    )


def _told(study: RecordedStudy, arm: Arm) -> str:
    lines = [f"{shown(arm.label)} ({arm.profile}, {arm.parameters:,} parameters): {arm.word}"]
    if arm.label != study.reference:
        low, high = 1 + (arm.low or 0.0), 1 + (arm.high or 0.0)
        lines.append(
            f"{_percent(1 + (arm.cost or 0.0))}, between {_percent(low)} and {_percent(high)}, "
            f"{len(arm.ratios)} seeds"
        )
    return "<br>".join([*lines, f"learning rate {arm.rate:g}"])


def _mark_enough(figure: go.Figure, study: RecordedStudy, places: dict[str, float]) -> None:
    """Say which width is enough, where one is, and what the dashed line is."""
    figure.add_annotation(
        xref="paper", x=1, xanchor="right", y=math.log10(1 + study.margin), yanchor="bottom", showarrow=False,
        text=f"{_percent(1 + study.margin)}: does not matter", font={"color": GOOD, "size": 11},
    )  # fmt: skip
    if study.enough is None:
        return
    arm = next(one for one in study.arms if one.label == study.enough)
    verb = "is" if arm.width == 1 else "are"
    figure.add_annotation(
        x=places[arm.label], y=math.log10(1 + max(arm.high or 0.0, study.margin)), ay=-36, ax=0,
        text=f"<b>{arm.width} unit{'' if arm.width == 1 else 's'} {verb} enough</b>",
        font={"color": GOOD}, arrowcolor=GOOD, yanchor="bottom",
    )  # fmt: skip


def _x_axis(study: RecordedStudy, arms: Sequence[Arm], places: dict[str, float]) -> dict[str, Any]:
    if not study.numeric:
        labels = [arm.label for arm in study.arms]
        return {"tickvals": list(range(len(labels))), "ticktext": [shown(label) for label in labels]}
    widths = {math.log2(arm.width): str(arm.width) for arm in arms if arm.width is not None}
    none = {places[arm.label]: arm.label for arm in arms if arm.width is None}
    ticks = dict(sorted((widths | none).items()))
    return {"title": study.axis, "tickvals": list(ticks), "ticktext": list(ticks.values())}


def _y_axis(study: RecordedStudy, arms: Sequence[Arm]) -> dict[str, Any]:
    """A logarithmic axis of what there is to see, with as many ticks as have room."""
    values = [ratio for arm in arms for ratio in arm.ratios] + [1 + study.margin, 0.97]
    values += [1 + (arm.cost or 0.0) for arm in arms]
    # A bar of few seeds may be far longer than all there is to see.
    foot, top = min(values) / BEYOND, max(values) * BEYOND
    values += [min(max(1 + (end or 0.0), foot), top) for arm in arms for end in (arm.low, arm.high)]
    low, high = math.log10(max(min(values), 1e-3)), math.log10(min(max(values), 1e6))
    pad = 0.08 * (high - low)
    span = high - low + 2 * pad
    chosen = [1.0]
    for tick in sorted((*TICKS, *(10.0**n for n in range(4, 7))), key=lambda one: abs(math.log10(one))):
        place = math.log10(tick)
        if low - pad <= place <= high + 2 * pad and all(
            abs(place - math.log10(one)) >= APART * span for one in chosen
        ):
            chosen.append(tick)
    return {
        "title": "loss against the reference",
        "type": "log",
        "range": [low - pad, high + 2 * pad],
        "tickvals": sorted(chosen),
        "ticktext": [_percent(tick) for tick in sorted(chosen)],
    }


def _percent(ratio: float) -> str:
    """Return a ratio of losses as people say it: `+5 %`, `-10 %`, `3 times`."""
    if ratio >= 1.995:
        return f"{ratio:,.3g} times" if ratio < 1000 else f"{ratio:,.0f} times"
    share = round(100 * (ratio - 1), 6)
    return (
        "0 %"
        if abs(share) < 0.05
        else f"{share:+.{0 if abs(share) >= 9.95 or share == round(share) else 1}f} %"
    )
