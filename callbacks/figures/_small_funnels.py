"""Small funnels side by side: the layers of several trials in one picture, all on one scale."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..bottleneck import bottleneck_of
from ..narrowing.measures.fill import Fill
from ._layers import layer_names
from ._stack import Box, Heights, Link, area, bars, by_word, mark_of, outlines, told, widths_of
from ._style import LEAST, LEGEND_ROW, LETTER, NEUTRAL, UNIT, legend_rows, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..narrowing import BoundaryMeasures
    from ..recorded import RecordedTrial

COLUMNS = 4
WIDEST = 108
"""Pixels of the height of the widest layer."""
PITCH = 1.75
"""From one row's middle line to the next, in heights of the widest layer; leaves room for the title."""
TITLE_FROM, LINE = 0.54, 16
"""Where a title begins above the middle of a row, in heights of the widest layer; pixels of a line of it."""
SPACE = 0.24
"""From one layer's middle to the next, in columns, where there are few of them."""
BESIDE, GAP = 80, 16
"""Pixels beside the funnels, and between the words of two."""
ABOVE, BELOW = 40, 8
"""Pixels above, for a legend of one row, and below."""
_TITLE: dict[str, Any] = {"showarrow": False, "yanchor": "bottom", "align": "center"}


@dataclass(frozen=True)
class Cell:
    """One small funnel.

    Args:
        trial: whose layers are known.
        head: stands before its profile, fit for plotly.
        leads: whether a click leads to the trial: it is one of the search on the page.
    """

    trial: RecordedTrial
    head: str
    leads: bool = True

    @property
    def title(self) -> str:
        """Head, profile, bottleneck and loss; a long profile takes two lines."""
        widths = [str(units) for units in widths_of(self.trial)]
        lines = ["-".join(widths)]
        if len(lines[0]) > 20:
            half = (len(widths) + 1) // 2
            lines = ["-".join(widths[:half]) + "-", "-".join(widths[half:])]
        lines[0] = f"{self.head}<b>{lines[0]}</b>"
        lines[1:] = [f"<b>{line}</b>" for line in lines[1:]]
        place = bottleneck_of(self.trial)
        narrow = [] if place is None else [f"bottleneck {self.trial.units[place]}"]
        return "<br>".join([*lines, *narrow, _loss(self.trial)])


def small_funnels(cells: Sequence[Cell], columns: int = COLUMNS) -> go.Figure:
    """Return the figure of one cell or more, in rows of so many columns."""
    import plotly.graph_objects as go

    every = [units for cell in cells for units in widths_of(cell.trial)]
    heights = Heights.of(every)
    highest = max(heights(units) for units in every)
    placed = [_Placed.at(*divmod(place, columns), cell, heights, highest) for place, cell in enumerate(cells)]
    figure = go.Figure()
    _add_links(figure, placed)
    _add_boxes(figure, placed, heights)
    _add_chips(figure, placed)
    for one in placed:
        figure.add_annotation(x=one.x, y=one.y + TITLE_FROM * highest, text=one.cell.title, **_TITLE)
    rows, across = -(-len(cells) // columns), min(columns, len(cells))
    letters = max(len(re.sub("<.*?>", "", line)) for cell in cells for line in cell.title.split("<br>"))
    least = min(BESIDE + across * (LETTER * letters + GAP), LEAST)
    above = ABOVE + LEGEND_ROW * (legend_rows(figure, least - BESIDE) - 1)
    lines = max(cell.title.count("<br>") + 1 for cell in cells[:columns])
    # From below the last row to above the title of the first, in heights of the widest layer.
    span = (-((rows - 1) * PITCH + 0.55), TITLE_FROM + (lines + 0.5) * LINE / WIDEST)
    figure.update_layout(
        barmode="overlay",
        meta={"least": least},
        height=round(above + BELOW + (span[1] - span[0]) * WIDEST),
        margin={"t": above, "b": BELOW},
        xaxis={"range": [-0.5, across - 0.5], "visible": False, "fixedrange": True},
        yaxis={
            "range": [end * highest for end in span],
            # A single row is too low for one line of it.
            "title": heights.title.replace(" (", "<br>("),
            "showticklabels": False,
            "showgrid": False,
            "showline": False,
            "zeroline": False,
            "fixedrange": True,
        },
    )
    return figure


@dataclass(frozen=True)
class _Placed:
    """A small funnel in the plane."""

    cell: Cell
    x: float
    y: float
    boxes: tuple[Box, ...]

    @classmethod
    def at(cls, row: int, column: int, cell: Cell, heights: Heights, highest: float) -> _Placed:
        """Place a cell; rows and columns count from the upper left."""
        widths = widths_of(cell.trial)
        space, middle, y = min(SPACE, 0.92 / len(widths)), (len(widths) - 1) / 2, -row * PITCH * highest
        boxes = tuple(
            Box(column + (layer - middle) * space, 0.6 * space, heights(units), y)
            for layer, units in enumerate(widths)
        )
        return cls(cell, column, y, boxes)

    @property
    def trial(self) -> RecordedTrial:
        """Whose layers they are."""
        return self.cell.trial

    @property
    def number(self) -> int | None:
        """What a click leads to."""
        return self.trial.number if self.cell.leads else None

    @property
    def boundaries(self) -> tuple[BoundaryMeasures, ...]:
        """Between layers; empty where nothing was measured."""
        return self.trial.narrowing.boundaries if self.trial.narrowing else ()

    @property
    def links(self) -> list[Link]:
        """The gaps between the boxes."""
        return list(pairwise(self.boxes))


def _add_links(figure: go.Figure, cells: Sequence[_Placed]) -> None:
    """Fill the gaps between layers in the colours and hatches of the verdicts; lines where there is none."""
    for word in by_word(boundary for cell in cells for boundary in cell.boundaries):
        links = [
            link
            for cell in cells
            for link, boundary in zip(cell.links, cell.boundaries, strict=False)
            if boundary.verdict.word == word
        ]
        _add_link(figure, links, **area(word, 0.75), legendgroup=shown(word), showlegend=False)
    unknown = [link for cell in cells if not cell.boundaries for link in cell.links]
    if unknown:
        _add_link(
            figure,
            unknown,
            fill="toself",
            fillcolor="rgba(0,0,0,0)",
            line={"color": NEUTRAL, "width": 1, "dash": "dot"},
            name="not measured",
        )


def _add_link(figure: go.Figure, links: Sequence[Link], **look: Any) -> None:
    figure.add_scatter(**outlines(links), mode="lines", hoverinfo="skip", **look)


def _add_boxes(figure: go.Figure, cells: Sequence[_Placed], heights: Heights) -> None:
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
        marker={"color": "rgba(0,0,0,0)", "line": {"color": NEUTRAL, "width": 1.5}},
        name="units",
        hovertext=[text for cell in cells for text in _texts(cell)],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _add_bars(figure: go.Figure, cells: Sequence[_Placed], heights: Sequence[float], **look: Any) -> None:
    numbers = [cell.number for cell in cells for _ in cell.boxes]
    figure.add_bar(**bars([box for cell in cells for box in cell.boxes], heights), customdata=numbers, **look)


def _add_chips(figure: go.Figure, cells: Sequence[_Placed]) -> None:
    """Add what one points at to read a verdict: its mark in the middle of each link."""
    marks = [
        (cell, link, boundary)
        for cell in cells
        for link, boundary in zip(cell.links, cell.boundaries, strict=False)
    ]
    for word in by_word(boundary for _, _, boundary in marks):
        own = [mark for mark in marks if mark[2].verdict.word == word]
        figure.add_scatter(
            x=[(left.x + right.x) / 2 for _, (left, right), _ in own],
            y=[cell.y for cell, _, _ in own],
            customdata=[cell.number for cell, _, _ in own],
            hovertext=[told(boundary) for _, _, boundary in own],
            hovertemplate="%{hovertext}<extra></extra>",
            mode="markers",
            marker=mark_of(word, 9),
            legendgroup=shown(word),
            name=shown(word),
        )


def _texts(cell: _Placed) -> list[str]:
    """Return what to say about each layer when one points at it."""
    head = f"<b>{shown(cell.trial.name)}</b><br>{_loss(cell.trial, 'validation loss')}<br>"
    texts = [head + name for name in layer_names(widths_of(cell.trial), bottleneck_of(cell.trial))]
    if not cell.trial.narrowing:
        return [f"{text}<br>nothing was measured" for text in texts]
    known = zip(texts, cell.trial.units, cell.trial.narrowing.effective_widths, strict=False)
    return [text if units == 1 else f"{text}, {work:.1f} do different work" for text, units, work in known]


def _loss(trial: RecordedTrial, named: str = "loss") -> str:
    return f"no {named}" if trial.score is None else f"{named} {trial.score:.4g}"
