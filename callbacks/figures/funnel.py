"""Funnel: the layers of one trial, how much of each does different work, and what each boundary kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from ..narrowing.measures.fill import Fill
from ..narrowing.measures.redundancy import Redundancy
from ..narrowing.measures.target import TargetProbe
from ..narrowing.verdict import HELPS, TOO_NARROW
from ._base import NothingToShow, Picture
from ._layers import layer_name, plural
from ._stack import CHIP_INK, OUTLINE, Box, Heights, bars, by_word, colour, outlines, percent, told, widths_of
from ._style import FAILED, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..narrowing import BoundaryMeasures, Estimate, LayerMeasures, Narrowing
    from ..recorded import RecordedSearch, RecordedTrial

TARGET_SCALE = "viridis"
"""From 0, nothing of the target is read, to 1, all of it."""
BOX = 0.46
"""Width of a box; the boxes are 1 apart."""
MANY = 3
"""With more boxes than this, labels take more and shorter lines, and chips are smaller."""


class Funnel(Picture):
    """A box per layer from input to output; between two of them a chip with what the boundary kept."""

    view = "trial"
    place = 10
    title = "Funnel"
    sentence = (
        "Each box is a layer: its height is its units, the filled part those that do different work. The "
        "mark before a layer says whether it is wide enough, and how much it hands on of what was before it."
    )
    note = (
        "The filled part is the effective rank: of 64 units that all say the same, one is filled. Its "
        "colour says how well the target can be read from the layer by a linear probe: 1 is perfectly, 0 "
        "not at all. The colour of a mark says what is known of the layer after it, in the words of the "
        "legend; point at it for the whole sentence. A layer may hand on little and be wide enough: what it "
        "left out was not needed. A hatched box is the input, shown "
        "where the first layer has fewer units than the input has channels, or too few. Where one layer has "
        "more than 32 times the units of another, heights are on a square-root scale, and the axis says so. "
        "All of it is about this one network as it was trained."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        widths = widths_of(trial) if trial else ()
        if not widths:
            raise NothingToShow("The layers of this trial are not known.")
        assert trial is not None
        narrowing = trial.narrowing
        entry = _drawn_entry(narrowing) if narrowing else None
        heights = Heights.of((*widths, *([entry.before] if entry else [])))
        layers = [Box(number, BOX, heights(units)) for number, units in enumerate(widths, start=1)]
        boxes = [Box(0, BOX, heights(entry.before)), *layers] if entry else layers
        figure = go.Figure()
        if narrowing:
            _add_boundaries(figure, boxes, (*([entry] if entry else []), *narrowing.boundaries))
            _add_fills(figure, layers, narrowing, heights)
        texts = _layer_texts(widths, narrowing)
        labels = _labels(widths, narrowing, short=len(boxes) > MANY)
        if entry:
            channels = plural(entry.before, "channel")
            texts, labels = [f"input: {channels}", *texts], [f"<b>input</b><br>{channels}", *labels]
        _add_outlines(figure, boxes, texts, hatched=len(boxes) - len(layers))
        figure.update_layout(barmode="overlay", **_axes(boxes, labels, heights.title))
        return figure


def _drawn_entry(narrowing: Narrowing) -> BoundaryMeasures | None:
    """Return the boundary before the first layer where it says something that the boxes do not."""
    entry = narrowing.entry
    if entry is None or (entry.kind != "narrowing" and entry.verdict.word not in (TOO_NARROW, HELPS)):
        return None
    return entry


def path_of(narrowing: Narrowing, place: int) -> str:
    """Return what the layer at `place`, from 0, hands on: `trajectory`, of the last layer `instant`."""
    if place:
        return narrowing.boundaries[place - 1].handed_on
    return "trajectory" if len(narrowing.layers) > 1 else "instant"


def target_read(narrowing: Narrowing, place: int) -> Estimate:
    """Return how well the target is read from what the layer at `place` hands on."""
    probe = narrowing.layers[place][TargetProbe]
    return probe.trajectory if path_of(narrowing, place) == "trajectory" else probe.instant


def _axes(boxes: Sequence[Box], labels: Sequence[str], title: str) -> dict[str, Any]:
    """Return the axes, with a label under each box."""
    plain = {"showgrid": False, "zeroline": False}
    return {
        "xaxis": {
            "tickvals": [box.x for box in boxes],
            "ticktext": labels,
            "tickangle": 0,
            "range": [boxes[0].x - 0.5, boxes[-1].x + 0.5],
            **plain,
        },
        "yaxis": {"title": title, "showticklabels": False, "showline": False, **plain},
    }


def _add_boundaries(figure: go.Figure, boxes: Sequence[Box], boundaries: Sequence[BoundaryMeasures]) -> None:
    """Add links and chips, a pair of traces for each word, which is its entry in the legend."""
    between = list(pairwise(boxes))
    size = 40 if len(boxes) <= MANY + 2 else 34
    for word in by_word(boundaries):
        places = [place for place, one in enumerate(boundaries) if one.verdict.word == word]
        figure.add_scatter(
            **outlines([between[place] for place in places]),
            mode="lines",
            fill="toself",
            fillcolor=colour(word),
            opacity=0.25,
            line={"width": 0},
            hoverinfo="skip",
            legendgroup=shown(word),
            showlegend=False,
        )
        figure.add_scatter(
            x=[(between[place][0].x + between[place][1].x) / 2 for place in places],
            y=[0.0] * len(places),
            mode="markers+text",
            text=[percent(boundaries[place].kept.value) for place in places],
            textfont={"color": CHIP_INK, "size": 12 if size == 40 else 10.5},
            hovertext=[told(boundaries[place]) for place in places],
            hovertemplate="%{hovertext}<extra></extra>",
            marker={"color": colour(word), "size": size, "opacity": 1, "line": {"width": 0}},
            legendgroup=shown(word),
            name=shown(word),
        )


def _add_fills(figure: go.Figure, boxes: Sequence[Box], narrowing: Narrowing, heights: Heights) -> None:
    """Add the filled parts and what their colours mean; grey where the target probe had too few rows."""
    from plotly.colors import sample_colorscale

    reads = [target_read(narrowing, place).shown for place in range(len(boxes))]
    known = [place for place, read in enumerate(reads) if not math.isnan(read)]
    unknown = [place for place in range(len(boxes)) if place not in known]
    for places, paint in (
        # As texts: plotly.js complains of bars whose colours are numbers.
        (known, {"color": sample_colorscale(TARGET_SCALE, [reads[place] for place in known])}),
        (unknown, {"color": FAILED}),
    ):
        if places:
            rank = [heights(narrowing.layers[place][Fill].effective_rank) for place in places]
            figure.add_bar(
                **bars([boxes[place] for place in places], rank),
                marker=paint,
                hoverinfo="skip",
                showlegend=False,
            )
    if known:
        bar = {"title": {"text": "target read, R2", "side": "right"}, "thickness": 12}
        scale = {"color": [0], "colorscale": TARGET_SCALE, "cmin": 0, "cmax": 1, "colorbar": bar}
        figure.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            marker={**scale, "showscale": True},
            hoverinfo="skip",
            showlegend=False,
        )


def _add_outlines(figure: go.Figure, boxes: Sequence[Box], texts: Sequence[str], hatched: int) -> None:
    """Add the outlines, which are what one points at; the first `hatched` ones are hatched."""
    figure.add_bar(
        **bars(boxes, [box.height for box in boxes]),
        marker={
            "color": "rgba(0,0,0,0)",
            "line": {"color": OUTLINE, "width": 2},
            "pattern": {
                "shape": ["/"] * hatched + [""] * (len(boxes) - hatched),
                "fgcolor": OUTLINE,
                "size": 6,
                "solidity": 0.15,
            },
        },
        hovertext=texts,
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _labels(widths: Sequence[int], narrowing: Narrowing | None, short: bool) -> list[str]:
    """Return what stands under each layer, in short lines where there are many."""
    labels = []
    for place, units in enumerate(widths):
        lines = [f"<b>layer {place + 1}</b>", plural(units, "unit")]
        if narrowing:
            lines += _work(narrowing.layers[place])
        if short:
            lines[2:] = [part for line in lines[2:] for part in wrap(line, 9)]
        labels.append("<br>".join(lines))
    return labels


def _work(layer: LayerMeasures) -> list[str]:
    """Return how many units do different work, and how many none."""
    rank, dead = round(layer[Fill].effective_rank), len(layer[Redundancy].dead)
    if layer[Fill].effective_rank == 0:
        return ["never moves" if layer.units == 1 else "none ever moves"]
    if dead == layer.units:
        return ["dead" if dead == 1 else "all dead"]
    work = f"{rank} do different work" if rank > 1 else "all do the same work"
    return [*([work] if layer.units > 1 else []), *([f"{dead} dead"] if dead else [])]


def _layer_texts(widths: Sequence[int], narrowing: Narrowing | None) -> list[str]:
    """Return what to say about each layer when one points at it."""
    names = [f"<b>{layer_name(number, units)}</b>" for number, units in enumerate(widths, start=1)]
    if not narrowing:
        return [f"{name}<br>nothing was measured" for name in names]
    return [f"{name}<br>{_layer_text(narrowing, place)}" for place, name in enumerate(names)]


def _layer_text(narrowing: Narrowing, place: int) -> str:
    layer, read = narrowing.layers[place], target_read(narrowing, place)
    fill, redundancy = layer[Fill], layer[Redundancy]
    seen = (
        f"its last {narrowing.steps} states"
        if path_of(narrowing, place) == "trajectory"
        else "its last state"
    )
    lines = [
        f"effective rank {fill.effective_rank:.1f} ({fill.share:.0%} of the units)",
        f"{plural(fill.k99, 'component')} hold 99% of the variance",
        f"target read from {seen}: " + ("not known" if math.isnan(read.value) else f"R2 {read.shown:.3f}"),
    ]
    if not math.isnan(redundancy.median):
        lines.append(f"median redundancy of the units {redundancy.median:.2f}")
    if redundancy.dead:
        lines.append(f"{len(redundancy.dead)} dead: the state hardly ever moves")
    return "<br>".join(lines)
