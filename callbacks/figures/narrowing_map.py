"""Narrowing map: how much a boundary narrows against how wide the narrow layer is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from ._base import NothingToShow, Picture
from ._layers import plural
from ._loss import loss_bar, on_log_scale, with_score
from ._stack import percent
from ._style import BUTTONS, KEPT_SCALE, LOSS_SCALE, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial


BESIDE, COLUMN = 220, 32
"""Pixels beside the map, and of a column, with the words below it: `meta.least`."""


class NarrowingMap(Picture):
    """Heat map of all boundaries that narrow; colour is the best loss, or the median kept."""

    view = "shapes"
    place = 20
    title = "Narrowing map"
    sentence = (
        "Every place where a layer is followed by a narrower one: how wide the narrow layer is, how "
        "strongly it narrows, and the best validation loss that was reached so."
    )
    note = (
        "The number in a cell is the number of trials with such a boundary. A cell with many trials has "
        "more chances of a good one, and a trial differs from another in more than this boundary, so read "
        "rows and columns, not single cells. If the loss rises to the left whatever the row, the narrow "
        "layer is too narrow in itself; if it rises downwards, the narrowing is too sudden. The button "
        "colours by the median of what was kept of the state before. A click opens the best trial of a "
        "cell."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        if not search.ranked:
            raise NothingToShow("No trial has a score yet.")
        cells = cells_of(sorted(with_score(search), key=lambda one: (one.score, one.number)))
        if not cells:
            raise NothingToShow("No trial with a score has a layer that is narrower than the one before it.")
        columns = _range(column for column, _ in cells)
        rows = _range(row for _, row in cells)
        figure = go.Figure()

        def add(value: Callable[[Cell], float | None], **look: Any) -> None:
            figure.add_heatmap(
                z=_grid(cells, rows, columns, value),
                x=[width_label(column) for column in columns],
                y=[ratio_label(row) for row in rows],
                text=_grid(cells, rows, columns, lambda cell: str(cell.trials), empty=""),
                texttemplate="%{text}",
                customdata=_grid(cells, rows, columns, lambda cell: cell.best.number),
                hovertext=_grid(cells, rows, columns, _told),
                hovertemplate="width %{x}, %{y} of the layer before<br>%{hovertext}<extra></extra>",
                hoverongaps=False,
                xgap=2,
                ygap=2,
                **look,
            )

        losses = [_loss(cell) for cell in cells.values()]
        log = on_log_scale(losses)
        add(
            lambda cell: math.log10(_loss(cell)) if log else _loss(cell),
            colorscale=LOSS_SCALE,
            colorbar=loss_bar(losses, f"best validation loss ({shown(search.loss)})", log),
        )
        add(
            lambda cell: cell.median_kept,
            colorscale=KEPT_SCALE,
            zmin=0,
            zmax=1,
            colorbar={
                "title": {"text": "median kept", "side": "right"},
                "tickformat": ".0%",
                "thickness": 12,
            },
            visible=False,
        )
        figure.update_layout(
            xaxis={
                "title": "units of the narrow layer",
                "type": "category",
                "showgrid": False,
                # The least width of a column stands at its left edge, where a number has room.
                "tickvals": [place - 0.5 for place in range(len(columns) + 1)],
                "ticktext": [str(2**column) for column in (*columns, columns[-1] + 1)],
                "tickangle": 0,
            },
            yaxis={"title": "narrow layer / layer before", "type": "category", "showgrid": False},
            updatemenus=[_buttons()],
            meta={"least": BESIDE + COLUMN * len(columns)},
        )
        return figure


@dataclass
class Cell:
    """The boundaries that fall into one cell.

    Args:
        best: the trial of the smallest validation loss.
        trials: how many trials.
        boundaries: how many boundaries.
        kept: of each boundary where it is known, 0 to 1.
    """

    best: RecordedTrial
    trials: int = 0
    boundaries: int = 0
    kept: list[float] = field(default_factory=list)

    @property
    def median_kept(self) -> float | None:
        """None where nothing is known."""
        return median(self.kept) if self.kept else None


def cells_of(by_loss: Sequence[RecordedTrial]) -> dict[tuple[int, int], Cell]:
    """Return the cells that are not empty, by column and row.

    A boundary with `after` units behind `before` is in column floor(log2(after)), 0 for 1 unit, 1 for 2
    and 3, and in row floor(log2(after / before)), -1 for 1/2 to below 1, -2 for 1/4 to below 1/2.

    Args:
        by_loss: trials, that of the least loss first.
    """
    cells: dict[tuple[int, int], Cell] = {}
    for trial in by_loss:
        met = set()
        for place, (before, after) in enumerate(pairwise(trial.units)):
            if after >= before:
                continue
            # Exact where log2 may round: x = m 2^e with 1/2 <= m < 1.
            key = math.frexp(after)[1] - 1, math.frexp(after / before)[1] - 1
            cell = cells.setdefault(key, Cell(trial))
            cell.boundaries += 1
            cell.trials += key not in met
            met.add(key)
            kept = trial.kept[place] if place < len(trial.kept) else math.nan
            if not math.isnan(kept):
                cell.kept.append(kept)
    return cells


def width_label(column: int) -> str:
    """Return the widths of a column: `1`, `2-3`, `4-7`."""
    return f"{2**column}-{2 ** (column + 1) - 1}" if column else "1"


def ratio_label(row: int) -> str:
    """Return the ratios of a row: `1/2 to 1`, `1/4 to 1/2`; the second one is not included."""
    low, high = 2**-row, 2 ** (-row - 1)
    return f"1/{low} to " + (f"1/{high}" if high > 1 else "1")


def _range(found: Iterator[int]) -> list[int]:
    """Return all numbers from the smallest to the largest."""
    numbers = set(found)
    return list(range(min(numbers), max(numbers) + 1))


def _grid(
    cells: dict[tuple[int, int], Cell],
    rows: Sequence[int],
    columns: Sequence[int],
    value: Callable[[Cell], Any],
    empty: Any = None,
) -> list[list[Any]]:
    """Return a list for each row, `empty` where there is no cell.

    No array, since plotly finds no customdata of a cell in one.
    """
    return [
        [value(cells[column, row]) if (column, row) in cells else empty for column in columns] for row in rows
    ]


def _loss(cell: Cell) -> float:
    return cell.best.score or 0.0


def _told(cell: Cell) -> str:
    """Return what to say about a cell when one points at it."""
    kept = "not known" if cell.median_kept is None else percent(cell.median_kept)
    return (
        f"{plural(cell.trials, 'trial')}, "
        f"{cell.boundaries} boundar{'y' if cell.boundaries == 1 else 'ies'}<br>"
        f"best {shown(cell.best.name)}, validation loss {cell.best.score:.4g}<br>median kept {kept}"
    )


def _buttons() -> dict[str, Any]:
    """Return the buttons that choose the colour."""
    labels = ("best loss", "median kept")
    buttons = [
        {"label": label, "method": "restyle", "args": [{"visible": [place == shows for place in (0, 1)]}]}
        for shows, label in enumerate(labels)
    ]
    return BUTTONS | {"buttons": buttons, "y": 1.02, "yanchor": "bottom", "pad": {"r": 0, "t": 0}}
