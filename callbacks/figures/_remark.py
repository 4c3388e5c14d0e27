"""A line of text inside a picture: what it leaves out, or how far to trust it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go


def add_remark(figure: go.Figure, text: str, *, right: bool, y: float, yanchor: str) -> None:
    """Write `text` at the left or right edge of `figure`, at `y` from 0, the foot, to 1, the top."""
    figure.add_annotation(
        text=text,
        xref="paper",
        yref="paper",
        x=int(right),
        xanchor="right" if right else "left",
        align="right" if right else "left",
        y=y,
        yanchor=yanchor,
        showarrow=False,
    )
