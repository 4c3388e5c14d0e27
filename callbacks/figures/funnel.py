"""Funnel: the layers of one trial, how much of each does different work, and what each boundary kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..bottleneck import bottleneck_of
from ..narrowing.measures.fill import Fill
from ..narrowing.verdict import HELPS, TOO_NARROW
from ._base import NothingToShow, Picture
from ._funnel_words import labels_of, layer_texts, target_read
from ._layers import plural
from ._stack import Box, Heights, area, bars, by_word, mark_of, outlines, percent, told, widths_of
from ._style import FAILED, LEAST, NEUTRAL, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..narrowing import BoundaryMeasures, Narrowing
    from ..recorded import RecordedSearch, RecordedTrial

TARGET_SCALE = "viridis"
"""From 0, nothing of the target is read, to 1, all of it."""
BOX = 0.46
"""Width of a box; the boxes are 1 apart."""
MANY = 2
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
        "Of 64 units that all say the same, the part of one is filled. The colour of the filled part "
        "says how much of what the network has to learn a simple formula explains that sees this "
        "layer alone: 100 % is all of it. Point at a layer to hold that against what the whole network "
        "explains: where both are small, the data tell little, and no layer is to blame. A mark says what is "
        "known of the layer after it, in the words of the legend, and the share below it how much it hands "
        "on; point at it for the whole sentence. A layer may hand on little and be wide enough: what it left "
        "out was not needed. A bottleneck is a narrow layer that the search put between two others or at "
        "the end. A hatched box is the input, shown "
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
        texts = layer_texts(widths, narrowing, bottleneck_of(trial))
        labels = labels_of(widths, narrowing, bottleneck_of(trial), short=len(boxes) > MANY)
        if entry:
            channels = plural(entry.before, "channel")
            texts, labels = [f"input: {channels}", *texts], [f"<b>input</b><br>{channels}", *labels]
        _add_outlines(figure, boxes, texts, hatched=len(boxes) - len(layers))
        figure.update_layout(barmode="overlay", meta={"least": LEAST}, **_axes(boxes, labels, heights.title))
        return figure


def _drawn_entry(narrowing: Narrowing) -> BoundaryMeasures | None:
    """Return the boundary before the first layer where it says something that the boxes do not."""
    entry = narrowing.entry
    if entry is None or (entry.kind != "narrowing" and entry.verdict.word not in (TOO_NARROW, HELPS)):
        return None
    return entry


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
    size = 20 if len(boxes) <= MANY + 2 else 16
    for word in by_word(boundaries):
        places = [place for place, one in enumerate(boundaries) if one.verdict.word == word]
        figure.add_scatter(
            **outlines([between[place] for place in places]),
            mode="lines",
            **area(word, 0.5),
            hoverinfo="skip",
            legendgroup=shown(word),
            showlegend=False,
        )
        figure.add_scatter(
            x=[(between[place][0].x + between[place][1].x) / 2 for place in places],
            y=[0.0] * len(places),
            mode="markers+text",
            text=[percent(boundaries[place].kept.value) for place in places],
            textposition="bottom center",
            hovertext=[told(boundaries[place]) for place in places],
            hovertemplate="%{hovertext}<extra></extra>",
            marker=mark_of(word, size),
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
        title = {"text": "explained from this layer alone", "side": "right"}
        bar = {"title": title, "thickness": 12, "tickformat": ".0%"}
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
            "line": {"color": NEUTRAL, "width": 2},
            "pattern": {
                "shape": ["/"] * hatched + [""] * (len(boxes) - hatched),
                "fgcolor": NEUTRAL,
                "size": 6,
                "solidity": 0.15,
            },
        },
        hovertext=texts,
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )
