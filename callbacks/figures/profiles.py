"""Profiles: the best trials as small funnels side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from ..narrowing.measures.fill import Fill
from ._base import NothingToShow, Picture
from ._layers import UNIT, layer_name
from ._stack import OUTLINE, Box, Heights, Link, bars, by_word, colour, outlines, told, widths_of
from ._style import shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..narrowing import BoundaryMeasures
    from ..recorded import RecordedSearch, RecordedTrial

MOST = 12
COLUMNS = 4
WIDEST = 108
"""Pixels of the height of the widest layer."""
PITCH = 1.75
"""From one row's middle line to the next, in heights of the widest layer; leaves room for the title."""
SPACE = 0.24
"""From one layer's middle to the next, in columns, where there are few of them."""


class Profiles(Picture):
    """The best twelve trials: outline units, fill effective rank, links coloured by verdict."""

    view = "shapes"
    place = 10
    title = "Best profiles"
    sentence = (
        "The best trials as small funnels: the height of a box is the units of a layer, its filled part the "
        "units that do different work, and the colour before a layer says whether it is wide enough."
    )
    note = (
        "The best trial comes first, the others by validation loss; click on one to open it. Look for what "
        "the best ones share; a layer whose width differs widely among them matters little. The filled part "
        "is the effective rank; a box without one was not measured. All boxes have the same scale; where one "
        "layer has more than 32 times the units of another it is a square-root scale, and the axis says so."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        known = ((rank, one) for rank, one in enumerate(search.ranked, start=1) if widths_of(one))
        ranked = list(islice(known, MOST))
        if not ranked:
            raise NothingToShow("No trial has a score yet.")
        heights = Heights.of(units for _, one in ranked for units in widths_of(one))
        highest = max(heights(units) for _, one in ranked for units in widths_of(one))
        cells = [_Cell.at(place, rank, one, heights, highest) for place, (rank, one) in enumerate(ranked)]
        figure = go.Figure()
        _add_links(figure, cells)
        _add_boxes(figure, cells, heights)
        _add_chips(figure, cells)
        for cell in cells:
            figure.add_annotation(x=cell.x, y=cell.y + 0.54 * highest, text=cell.title, **_TITLE)
        rows = -(-len(cells) // COLUMNS)
        # From below the last row to above the title of the first, in heights of the widest layer.
        span = (-((rows - 1) * PITCH + 0.55), 1.0)
        figure.update_layout(
            barmode="overlay",
            height=round(_MARGIN["t"] + _MARGIN["b"] + (span[1] - span[0]) * WIDEST),
            margin=_MARGIN,
            xaxis={"range": [-0.5, min(COLUMNS, len(cells)) - 0.5], "visible": False, "fixedrange": True},
            yaxis={
                "range": [end * highest for end in span],
                "title": heights.title,
                "showticklabels": False,
                "showgrid": False,
                "showline": False,
                "zeroline": False,
                "fixedrange": True,
            },
        )
        return figure


_MARGIN = {"t": 40, "b": 8}
"""Pixels above, for the legend, and below."""
_TITLE: dict[str, Any] = {"showarrow": False, "yanchor": "bottom", "align": "center"}


@dataclass(frozen=True)
class _Cell:
    """One small funnel and its place in the plane."""

    rank: int
    trial: RecordedTrial
    x: float
    y: float
    boxes: tuple[Box, ...]

    @classmethod
    def at(cls, place: int, rank: int, trial: RecordedTrial, heights: Heights, highest: float) -> _Cell:
        """Place a trial; `place` counts from the upper left, row by row."""
        row, column = divmod(place, COLUMNS)
        widths = widths_of(trial)
        space, middle, y = min(SPACE, 0.92 / len(widths)), (len(widths) - 1) / 2, -row * PITCH * highest
        boxes = tuple(
            Box(column + (layer - middle) * space, 0.6 * space, heights(units), y)
            for layer, units in enumerate(widths)
        )
        return cls(rank, trial, column, y, boxes)

    @property
    def title(self) -> str:
        """Rank, profile and loss; a long profile takes two lines."""
        widths = [str(units) for units in widths_of(self.trial)]
        lines = ["-".join(widths)]
        if len(lines[0]) > 20:
            half = (len(widths) + 1) // 2
            lines = ["-".join(widths[:half]) + "-", "-".join(widths[half:])]
        lines[0] = f"{self.rank}. <b>{lines[0]}</b>"
        lines[1:] = [f"<b>{line}</b>" for line in lines[1:]]
        return "<br>".join([*lines, f"loss {self.trial.score:.4g}"])

    @property
    def boundaries(self) -> tuple[BoundaryMeasures, ...]:
        """Between layers; empty where nothing was measured."""
        return self.trial.narrowing.boundaries if self.trial.narrowing else ()

    @property
    def links(self) -> list[Link]:
        """The gaps between the boxes."""
        return list(pairwise(self.boxes))


def _add_links(figure: go.Figure, cells: Sequence[_Cell]) -> None:
    """Fill the gaps between layers with the colours of the verdicts; grey lines where there is none."""
    for word in by_word(boundary for cell in cells for boundary in cell.boundaries):
        links = [
            link
            for cell in cells
            for link, boundary in zip(cell.links, cell.boundaries, strict=False)
            if boundary.verdict.word == word
        ]
        _add_link(figure, links, fillcolor=colour(word), opacity=0.75, line={"width": 0}, name=shown(word))
    unknown = [link for cell in cells if not cell.boundaries for link in cell.links]
    if unknown:
        _add_link(
            figure,
            unknown,
            fillcolor="rgba(0,0,0,0)",
            line={"color": OUTLINE, "width": 1, "dash": "dot"},
            name="not measured",
        )


def _add_link(figure: go.Figure, links: Sequence[Link], **look: Any) -> None:
    figure.add_scatter(**outlines(links), mode="lines", fill="toself", hoverinfo="skip", **look)


def _add_boxes(figure: go.Figure, cells: Sequence[_Cell], heights: Heights) -> None:
    """Add the filled parts, then the outlines, which are what one points at and clicks on."""
    measured = [cell for cell in cells if cell.trial.narrowing]
    if measured:
        ranks = [
            heights(layer[Fill].effective_rank)
            for cell in measured
            for layer in (cell.trial.narrowing.layers if cell.trial.narrowing else ())
        ]
        _add_bars(
            figure,
            measured,
            ranks,
            marker={"color": UNIT},
            name="units that do different work",
            hoverinfo="skip",
        )
    _add_bars(
        figure,
        cells,
        [box.height for cell in cells for box in cell.boxes],
        marker={"color": "rgba(0,0,0,0)", "line": {"color": OUTLINE, "width": 1.5}},
        name="units",
        hovertext=[text for cell in cells for text in _texts(cell)],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _add_bars(figure: go.Figure, cells: Sequence[_Cell], heights: Sequence[float], **look: Any) -> None:
    numbers = [cell.trial.number for cell in cells for _ in cell.boxes]
    figure.add_bar(**bars([box for cell in cells for box in cell.boxes], heights), customdata=numbers, **look)


def _add_chips(figure: go.Figure, cells: Sequence[_Cell]) -> None:
    """Add what one points at to read a verdict: a mark in the middle of each link."""
    marks = [
        (cell, link, boundary)
        for cell in cells
        for link, boundary in zip(cell.links, cell.boundaries, strict=False)
    ]
    figure.add_scatter(
        x=[(left.x + right.x) / 2 for _, (left, right), _ in marks],
        y=[cell.y for cell, _, _ in marks],
        customdata=[cell.trial.number for cell, _, _ in marks],
        hovertext=[told(boundary) for _, _, boundary in marks],
        hovertemplate="%{hovertext}<extra></extra>",
        mode="markers",
        marker={"color": [colour(one.verdict.word) for _, _, one in marks], "size": 7, "symbol": "diamond"},
        showlegend=False,
    )


def _texts(cell: _Cell) -> list[str]:
    """Return what to say about each layer when one points at it."""
    head = f"<b>{shown(cell.trial.name)}</b><br>validation loss {cell.trial.score:.4g}<br>"
    texts = [head + layer_name(number, units) for number, units in enumerate(widths_of(cell.trial), start=1)]
    if not cell.trial.narrowing:
        return [f"{text}<br>nothing was measured" for text in texts]
    ranks = cell.trial.narrowing.effective_widths
    return [f"{text}, effective rank {rank:.1f}" for text, rank in zip(texts, ranks, strict=True)]
