"""Correlation: which units of a layer go together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..narrowing.measures.correlation import Correlation
from ..narrowing.measures.redundancy import Redundancy
from ._base import NothingToShow, Picture
from ._layers import measured, plural
from ._style import FAILED

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..narrowing import LayerMeasures
    from ..recorded import RecordedSearch, RecordedTrial

COLUMNS, MOST_COLUMNS = 3, 4
"""Maps beside each other; all of them where there are no more than the second number."""
MAP = {1: 320, 2: 320, 3: 320, 4: 260}
"""Pixels of a square map at most, where there are so many beside each other."""
ACROSS, DOWN = 0.16, 0.24
"""Space between maps, as a share of a column or a row."""
MARGIN = {"l": 24, "r": 16, "t": 32, "b": 48}
BAR = 76
"""Pixels that the colour bar takes."""
LABELLED = 12
"""Up to so many units the axes have their numbers; of more, one reads them by pointing at a cell."""
SMALLEST, LABEL = 72, 15
"""Pixels of a map at least, for its name, and of the number of a unit."""
FEW = 64
"""Up to so many units the leaves of the tree are put in the best order, which takes long for more."""


class UnitCorrelation(Picture):
    """A heat map for each layer, similar units beside each other."""

    view = "trial"
    place = 30
    title = "Correlation of units"
    sentence = (
        "One map for each layer: red units rise and fall together, blue ones are mirror images, white ones "
        "have nothing to do with each other."
    )
    note = (
        "Units are ordered so that similar ones are neighbours: dark squares along the diagonal are groups "
        "that say the same. On the diagonal, where a correlation would always be 1, stands instead how much "
        "of the unit all others of the layer tell together; a dark diagonal in a pale map means that the "
        "units repeat each other in sum though no two are alike. Dead units, whose state hardly ever moves, "
        "stand at the end, blank and with a cross. Units are numbered from 0, as in the arrays of weights."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        from plotly.subplots import make_subplots

        layers = [
            (number, layer)
            for number, layer in enumerate(measured(trial).layers, start=1)
            if layer.get(Correlation)
        ]
        if not layers:
            raise NothingToShow("Correlations are measured for the best ten trials, when the search ends.")
        columns = len(layers) if len(layers) <= MOST_COLUMNS else COLUMNS
        rows = -(-len(layers) // columns)
        figure = make_subplots(
            rows,
            columns,
            horizontal_spacing=ACROSS / columns,
            vertical_spacing=DOWN / rows if rows > 1 else 0,
        )
        for place, (number, layer) in enumerate(layers):
            row, column = divmod(place, columns)
            _add_map(figure, number, layer, row=row + 1, col=column + 1)
            _set_axes(figure, number, layer, row=row + 1, col=column + 1)
        figure.update_layout(
            **_size(rows, columns, max((one.units for _, one in layers if one.units <= LABELLED), default=0)),
            coloraxis={
                "colorscale": "RdBu_r",
                "cmin": -1,
                "cmax": 1,
                "colorbar": {
                    "title": {"text": "correlation", "side": "right"},
                    "thickness": 12,
                    "len": 1 if rows == 1 else 0.5,
                    "y": 1,
                    "yanchor": "top",
                },
            },
        )
        _show_once(figure)
        return figure


def order_of(correlation: np.ndarray, dead: Sequence[int] = ()) -> list[int]:
    """Return the units so that similar ones are neighbours, dead ones last.

    The order of the leaves of average linkage on 1 - |r|; for up to `FEW` units the best of the orders of
    that tree (Bar-Joseph et al. 2001).

    Args:
        correlation: float (units, units).
        dead: units, from 0.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage

    alive = np.setdiff1d(np.arange(len(correlation)), np.asarray(dead, int))
    if len(alive) > 2:
        distance = 1 - np.abs(np.nan_to_num(correlation[np.ix_(alive, alive)]))
        condensed = np.clip(distance[np.triu_indices(len(alive), 1)], 0, 1)
        tree = linkage(condensed, "average", optimal_ordering=len(alive) <= FEW)
        alive = alive[leaves_list(tree)]
    return [*alive.tolist(), *sorted(dead)]


def _size(rows: int, columns: int, labelled: int) -> dict[str, Any]:
    """Return height and margins; where the maps are smaller for want of width, the page needs less height.

    They are never so small that the numbers of the `labelled` units of a map would lie on each other.
    """
    least = max(SMALLEST, LABEL * labelled)
    high, broad = _span(rows, DOWN), _span(columns, ACROSS)
    beside, above = MARGIN["l"] + MARGIN["r"] + BAR, MARGIN["t"] + MARGIN["b"]
    return {
        "height": round(above + high * MAP[columns]),
        "margin": MARGIN,
        "meta": {
            "wide": columns > 2,
            "height": [high / broad, beside, above],
            "least": round(beside + broad * least),
        },
    }


def _span(count: int, space: float) -> float:
    """Return the length of so many maps with the space between them, in maps, as `make_subplots` has it."""
    return count**2 / (count - space * (count - 1))


def _add_map(figure: go.Figure, number: int, layer: LayerMeasures, **where: int) -> None:
    """Add a layer: its correlations, its redundancies on the diagonal, crosses on dead units.

    Its number, from 1, stands in `meta`: with the names on the axes it tells which units a mark is of.
    """
    redundancy, matrix = layer[Redundancy], layer[Correlation].matrix
    order = order_of(matrix, redundancy.dead)
    np.fill_diagonal(matrix, np.nan)
    matrix[list(redundancy.dead)] = matrix[:, list(redundancy.dead)] = np.nan
    names = [str(unit) for unit in order]
    figure.add_heatmap(
        x=names,
        y=names,
        z=matrix[np.ix_(order, order)].astype(np.float32),
        coloraxis="coloraxis",
        hoverongaps=False,
        hovertemplate="units %{x} and %{y}: %{z:.2f}<extra></extra>",
        meta={"layer": number},
        **where,
    )
    alive = [unit for unit in order if unit not in redundancy.dead]
    figure.add_heatmap(
        x=[str(unit) for unit in alive],
        y=[str(unit) for unit in alive],
        z=[redundancy.of_units[unit] for unit in alive],
        coloraxis="coloraxis",
        hoverongaps=False,
        hovertemplate="unit %{x}: the others tell %{z:.0%} of it<extra></extra>",
        meta={"layer": number},
        **where,
    )
    if redundancy.dead:
        figure.add_scatter(
            x=[str(unit) for unit in sorted(redundancy.dead)],
            y=[str(unit) for unit in sorted(redundancy.dead)],
            mode="markers",
            marker={"color": FAILED, "symbol": "x", "size": 6},
            hovertemplate="unit %{x} is dead: its state hardly ever moves<extra></extra>",
            name="dead unit",
            legendgroup="dead",
            meta={"layer": number},
            **where,
        )


def _set_axes(figure: go.Figure, number: int, layer: LayerMeasures, **where: int) -> None:
    """Make a map square, name its layer under it, and number its units downwards."""
    dead = len(layer[Redundancy].dead)
    frame = {
        "type": "category",
        "showticklabels": layer.units <= LABELLED,
        "ticks": "",
        "tickangle": 0,
        "dtick": 1,
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "mirror": True,
        "constrain": "domain",
    }
    ends = [-0.5, layer.units - 0.5]
    title = f"layer {number}<br>{plural(layer.units, 'unit')}" + (f", {dead} dead" if dead else "")
    figure.update_xaxes(title=title, range=ends, **frame, **where)
    across = next(figure.select_yaxes(**where)).anchor
    figure.update_yaxes(scaleanchor=across, constraintoward="top", range=ends[::-1], **frame, **where)


def _show_once(figure: go.Figure) -> None:
    """Leave one entry for all dead units in the legend."""
    for place, trace in enumerate(figure.select_traces({"type": "scatter"})):
        trace.showlegend = place == 0
