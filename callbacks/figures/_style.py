"""How all pictures look: one template for light and one for dark, and colours that mean one thing each.

No two meanings share a colour, and what stands in one picture differs by a mark besides, a symbol, a dash or
a hatch: people who cannot tell red from green or blue from yellow can read all of them. Colours are seen on
white and on the grey of a dark page. The scales of shares, viridis and cividis, are even in lightness; the
scale of losses goes from the colour of the best to a pale blue, which keeps its order for any colour vision.
Texts, and the line of what came, have the colour of the page's. Backgrounds are transparent: a picture takes
the colour of the page.
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
"""The best trial, what it forecasts, and the least loss so far."""
TRIAL = "#3a8fc7"
"""Any trial; hollow or thin where it ended early."""
SEED = "#e08ac0"
"""A network trained again with another seed."""
FOLD = "#8c6d1f"
"""A network trained on one of several folds."""
FAILED = "#a8a29a"
"""What has no number: a trial without a score, a rate that diverged, a dead unit."""
NEUTRAL = "#80868b"
"""Outlines, frames, levels, and what a kind of line means."""
EFFECT = "#0d9488"
"""What a hyperparameter does to the loss."""
TRUTH = "#202124"
"""What came: the ink of the page, thin and above the broader lines of forecasts, so that both are seen."""
FLOOR = "#7c7a2e"
"""A simple forecast."""
UNIT, OTHER_UNIT = "#3f6fb5", "#d9657f"
"""Units, and the part of a layer whose units do different work; one that is drawn over another."""
GATES = ("#57b0a0", "#a27fd6", "#c9b43c")
"""How much a unit writes, remembers and hands on."""
REFERENCE = "#6f5ad0"
"""What the networks of a study are compared with."""
WIDE, OPEN, NARROW, FEW = "#3cbf8a", "#dba520", "#b3259d", "#8f9df0"
"""Wide enough; not decided; too narrow; too few data to tell."""
SIDES = (("#1f6fd1", "circle"), ("#ea7d45", "square"), ("#3f9a3f", "diamond"), ("#a34ac2", "triangle-up"))
"""What stands side by side, each with its symbol."""
VERDICTS = {
    NOTHING_LOST: WIDE,
    NOTHING_TO_GAIN: WIDE,
    NO_HELP: WIDE,
    NOT_SHOWN: OPEN,
    BYPASSED: OPEN,
    NOT_LEARNED: OPEN,
    TOO_NARROW: NARROW,
    HELPS: NARROW,
    TOO_FEW: FEW,
}
"""What a boundary did, by `Verdict.word`."""
SYMBOLS = {
    NOTHING_LOST: "circle",
    NOTHING_TO_GAIN: "hexagon",
    NO_HELP: "star",
    NOT_SHOWN: "square",
    BYPASSED: "diamond",
    NOT_LEARNED: "diamond-tall",
    TOO_NARROW: "triangle-up",
    HELPS: "triangle-down",
    TOO_FEW: "cross",
}
"""The mark of a verdict beside its colour."""
HATCHES = {WIDE: "", OPEN: "/", NARROW: "x", FEW: "."}
"""How an area of such a colour is hatched."""
KEPT_SCALE = "cividis"
"""From 0, all lost, to 1, all kept."""
LOSS_SCALE = [[0.0, BEST], [0.15, "#dc7d38"], [0.5, "#cda58b"], [1.0, "#9fb3c8"]]
"""From the smallest loss to the largest."""

LEAST = 500
"""Pixels of a picture with many texts side by side, `meta.least`; with fewer it scrolls in itself."""
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

_INK = {False: (TRUTH, "#e3e5e8", "#ffffff"), True: ("#e8eaed", "#4a4d52", "#303030")}


def styled(figure: go.Figure, dark: bool = False) -> go.Figure:
    """Return `figure` with the fonts, lines and margins of all pictures; its own margins and legend stay."""
    ink, line, ground = _INK[dark]
    # Where labels need more, plotly draws the whole picture once more.
    margin = {"l": 64, "r": 16, "t": 32, "b": 56} | figure.layout.margin.to_plotly_json()
    legend = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0}
    legend |= figure.layout.legend.to_plotly_json()
    axis: dict[str, Any] = {
        "gridcolor": line,
        "linecolor": line,
        "zerolinecolor": line,
        "automargin": True,
        "title_standoff": 8,
        # Margins have room for labels; to measure each one, plotly has the browser lay out all points again.
        "ticklabeloverflow": "allow",
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
    figure.update_traces({"line.color": ink}, {"type": "scatter", "line.color": TRUTH})
    return figure


def entitled(figure: go.Figure, title: str, of: str) -> go.Figure:
    """Return a styled `figure` with a title that says what it is a picture `of`; the plane keeps its size."""
    above = TITLE + LEGEND_ROW * (legend_rows(figure) - 1)
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


def legend_rows(figure: go.Figure, width: int = LEGEND) -> int:
    """Return how many rows the legend takes, at least 1; it grows upwards, into what stands above it."""
    names = [trace.name for trace in figure.data if trace.name and trace.showlegend is not False]
    return max(1, math.ceil(sum(LEGEND_MARK + LETTER * len(name) for name in names) / width))


def shown(text: str) -> str:
    """Return `text` so that plotly, which reads a few HTML tags, shows it literally."""
    return html.escape(text, quote=False)
