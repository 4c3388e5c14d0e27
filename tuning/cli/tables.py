"""Tables as rich draws them: whole on a line when piped; on a terminal in blocks that fit, or cut to fit."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from typing import Any

GAP = 2
LONG_CELL = 30
"""Columns of the terminal that a column may claim; what is longer is folded into the room that is left."""
UNBOUNDED = 1_000_000
"""Wider than any table: nothing is folded for a program or a file that reads it."""


def table(head: Sequence[str], rows: Sequence[Sequence[Any]], right: Collection[int] = ()) -> str:
    """Return a table as text for standard output.

    A table that is wider than the terminal is cut into blocks below each other, each of which begins with
    the first column. Standard output that is no terminal gets one line a row and no colours.

    Args:
        head: names of the columns.
        rows: their cells; what they say is shown literally.
        right: numbers of the columns that are aligned to the right.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = sys.stdout.isatty()
    console = Console(force_terminal=terminal, width=None if terminal else UNBOUNDED)
    cells = [[Text(str(cell)) for cell in row] for row in [head, *rows]]
    widths = [max(console.measure(cell).maximum for cell in column) for column in zip(*cells, strict=True)]
    blocks = []
    for shown in _blocks([min(width, LONG_CELL) for width in widths], console.width):
        block = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
        for column in shown:
            block.add_column(
                cells[0][column], justify="right" if column in right else "left", overflow="fold"
            )
        for row in cells[1:]:
            block.add_row(*(row[column] for column in shown))
        with console.capture() as drawn:
            console.print(block)
        blocks.append("\n".join(line.rstrip() for line in drawn.get().rstrip("\n").split("\n")))
    return "\n\n".join(blocks)


def fitting(
    head: Sequence[str], rows: Sequence[Sequence[Any]], right: Collection[int] = ()
) -> tuple[str, list[str]]:
    """Return a table with one line a row, and the names of the columns that are not shown whole.

    On a terminal the first columns are shown, as many as fit; a cell longer than `LONG_CELL` loses its end,
    but not one of the first column, which is what one types next. Standard output that is no terminal gets
    all of it.

    Args:
        head: names of the columns, the most important first.
        rows: their cells; what they say is shown literally.
        right: numbers of the columns that are aligned to the right.
    """
    if not sys.stdout.isatty():
        return table(head, rows, right), []
    from rich.cells import cell_len, set_cell_size
    from rich.console import Console

    def cut(place: int, cell: Any) -> str:
        text = " ".join(str(cell).split())
        short = place == 0 or cell_len(text) <= LONG_CELL
        return text if short else set_cell_size(text, LONG_CELL - 1).rstrip() + "…"

    cells = [[cut(*placed) for placed in enumerate(row)] for row in [head, *rows]]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    fits = len(next(_blocks(widths, Console(force_terminal=True).width)))
    not_whole = [
        name
        for place, name in enumerate(head)
        if place >= fits
        or any(str(before[place]) != after[place] for before, after in zip(rows, cells[1:], strict=True))
    ]
    return table(cells[0][:fits], [row[:fits] for row in cells[1:]], right), not_whole


def _blocks(widths: Sequence[int], room: int) -> Iterator[list[int]]:
    """Yield the columns of each block, as many as fit beside the first column in `room`."""
    first, *others = widths
    block, used = [0], first
    for column, width in enumerate(others, start=1):
        if used + GAP + width > room and len(block) > 1:
            yield block
            block, used = [0], first
        block.append(column)
        used += GAP + width
    yield block
