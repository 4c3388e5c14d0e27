"""How all pictures look: one template for light and one for dark, and colours that mean one thing each.

Colours are from the palette of Okabe & Ito (2008), which people with any colour vision can tell apart, its
blue made lighter: it has a contrast of 3 to 1 both on white and on the grey of a dark page. The scales of
shares, viridis and cividis, are even in lightness; the scale of losses goes from the colour of the best to
grey, since lines of any colour in it are seen on light and on dark. Backgrounds are
transparent, so that a picture takes the colour of the page.
"""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any

from ..narrowing.verdict import (
    BYPASSED,
    HELPS,
    NO_HELP,
    NOT_LEARNED,
    NOT_SHOWN,
    NOTHING_LOST,
    NOTHING_TO_GAIN,
    TOO_FEW,
    TOO_NARROW,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

BEST = "#d55e00"
"""The best trial, and the least loss so far."""
TRIAL = "#3a8fc7"
"""Any trial."""
SEED = "#cc79a7"
"""A network trained again with another seed."""
FOLD = "#009e73"
"""A network trained on one of several folds."""
FAILED = "#999999"
"""A trial without a score."""
SIDES = (TRIAL, BEST, FOLD, SEED)
"""What stands side by side, where nothing else has these colours."""
VERDICTS = {
    NOTHING_LOST: "#009e73",
    NOTHING_TO_GAIN: "#56b4e9",
    NO_HELP: "#56b4e9",
    NOT_SHOWN: "#e69f00",
    BYPASSED: "#e69f00",
    NOT_LEARNED: "#e69f00",
    TOO_NARROW: "#d55e00",
    HELPS: "#d55e00",
    TOO_FEW: "#999999",
}
"""What a boundary did, by `Verdict.word`."""
KEPT_SCALE = "cividis"
"""From 0, all lost, to 1, all kept."""
LOSS_SCALE = [[0.0, "#d55e00"], [0.15, "#e69f00"], [0.45, "#56b4e9"], [1.0, "#9aa0a6"]]
"""From the smallest loss to the largest."""

TITLE = 44
"""Pixels that a title takes above a picture."""
HEIGHT = 420
"""Pixels of a picture that asks for no height, without its title."""
LEGEND, LEGEND_ROW, LEGEND_MARK, LETTER = 640, 20, 44, 7
"""Pixels of a legend, about: its width, the height of a row, what stands before a name, a letter of it."""

BUTTONS = {
    "type": "buttons",
    "direction": "right",
    "x": 0,
    "xanchor": "left",
    # plotly's pressed button is nearly white on any page, so that these are the same on both.
    "bgcolor": "#c9ced6",
    "bordercolor": "#8a8f98",
    "font": {"color": "#202124"},
}
"""How a row of buttons looks, and that it begins at the left edge."""

_INK = {False: ("#202124", "#e3e5e8", "#ffffff"), True: ("#e8eaed", "#4a4d52", "#303030")}


def styled(figure: go.Figure, dark: bool = False) -> go.Figure:
    """Return `figure` with the fonts, lines and margins of all pictures; its own margins and legend stay."""
    ink, line, ground = _INK[dark]
    margin = {"l": 56, "r": 16, "t": 32, "b": 48} | figure.layout.margin.to_plotly_json()
    legend = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0}
    legend |= figure.layout.legend.to_plotly_json()
    axis: dict[str, Any] = {
        "gridcolor": line,
        "linecolor": line,
        "zerolinecolor": line,
        "automargin": True,
        "title_standoff": 8,
    }
    figure.update_layout(
        template="none",
        font={"family": "Roboto, system-ui, sans-serif", "size": 12, "color": ink},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hoverlabel={"bgcolor": ground, "font": {"color": ink}, "align": "left"},
        legend=legend,
        margin=margin,
    )
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    return figure


def entitled(figure: go.Figure, title: str, of: str) -> go.Figure:
    """Return a styled `figure` with a title that says what it is a picture `of`; the plane keeps its size."""
    above = TITLE + LEGEND_ROW * (_legend_rows(figure) - 1)
    figure.update_layout(
        title={
            "text": f'{shown(title)}  <span style="font-size: 12px">{shown(of)}</span>',
            "xref": "paper",
            "x": 0,
            "xanchor": "left",
            "yref": "container",
            "y": 1,
            "yanchor": "top",
            "pad": {"t": 12},
        },
        margin={"t": figure.layout.margin.t + above},
        height=(figure.layout.height or HEIGHT) + above,
    )
    return figure


def _legend_rows(figure: go.Figure) -> int:
    """Return how many rows the legend takes, at least 1; it grows upwards, into what stands above it."""
    names = [trace.name for trace in figure.data if trace.name and trace.showlegend is not False]
    return max(1, math.ceil(sum(LEGEND_MARK + LETTER * len(name) for name in names) / LEGEND))


def shown(text: str) -> str:
    """Return `text` so that plotly, which reads a few HTML tags, shows it literally."""
    return html.escape(text, quote=False)
