"""How a text table is laid out: its separator, the names of its columns, and what stands above them.

Excel writes `sep=;` above the names, instruments write titles and remarks there: lines of one cell above the
first line that has as many cells as the lines below it, none of them a number, are left out. So are remarks
below an empty line at the end.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

from ....search_spaces.errors import UserError
from ....search_spaces.plain import reads_as_number
from ..words import counted
from .decoded import Decoded

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
HEAD_LINES = 20
Lines = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class Layout:
    """How a text table is laid out.

    Args:
        separator: one of `SEPARATORS`; a space is any number of them.
        names: of the columns.
        above: lines above the line of the names that are no part of the table.
    """

    separator: str
    names: list[str]
    above: int = 0


def layout_of(label: str, lines: Iterable[str]) -> Layout:
    """Find out how a table is laid out, from its first lines.

    Args:
        label: its name in messages.
        lines: with their ends.

    Raises:
        UserError: for an empty first line, and for names that repeat.
    """
    head = list(itertools.islice(lines, HEAD_LINES))
    first = head[0].strip().strip('"').lower() if head else ""
    given = head[0].strip().strip('"')[4:] if first.startswith("sep=") else ""
    said = int(first.startswith("sep="))
    if given.strip() in SEPARATORS or given in SEPARATORS:
        separator = given if given in SEPARATORS else given.strip()
    else:
        separator = _separator(label, head[said:])
    rows = [row for row in _rows(label, head[said:], separator) if row[1]]
    at = _first_of_table(rows)
    above = said + (rows[at][0] - 1 if rows and at else 0)
    return Layout(separator, _names(label, rows[at][1] if rows else []), above)


def refuse_ragged(label: str, held: Decoded, layout: Layout) -> None:
    """Raise a `UserError` that names the first line with more or fewer cells than there are names."""
    width = len(layout.names)
    with held.lines() as file:
        rows = _rows(label, itertools.islice(file, layout.above, None), layout.separator)
        ragged = next(((line, len(row)) for line, row in rows if row and len(row) != width), None)
    if ragged:
        line, cells = ragged
        raise UserError(
            f"{label}: line {line + layout.above} has {counted(cells, 'cell')}, the header has {width}; look "
            "there for a missing or extra separator, or a comma inside a number or text without quotes"
        )


def without_remarks(label: str, held: Decoded, layout: Layout) -> tuple[Decoded, int] | None:
    """Return a table without the remarks below it, and how many lines they are; None where there are none.

    They follow an empty line, are no more than `HEAD_LINES`, and no cell of them is a number.
    """
    with held.lines() as file:
        rows = deque(
            _rows(label, itertools.islice(file, layout.above, None), layout.separator), HEAD_LINES + 1
        )
    last = [*rows]
    empty = next((place for place in reversed(range(len(last) - 1)) if not any(last[place][1])), None)
    below = [] if empty is None else [cells for _, cells in last[empty + 1 :]]
    if not below or any(reads_as_number(cell) for cells in below for cell in cells):
        return None
    assert empty is not None
    at = last[empty][0] + layout.above
    with held.lines() as file:
        text = "".join(itertools.islice(file, at - 1))
    return Decoded(BytesIO(text.encode()), held.encoding), len(below)


def with_tabs(label: str, held: Decoded, layout: Layout) -> BytesIO:
    """Return a table whose cells are separated by any number of spaces with a tab between them."""
    text = io.StringIO()
    write = csv.writer(text, delimiter="\t", lineterminator="\n")
    with held.lines() as file:
        write.writerows(row for _, row in _rows(label, file, layout.separator))
    return BytesIO(text.getvalue().encode())


def _rows(label: str, lines: Iterable[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of a line, from 1, and its cells."""
    spaced = separator == " "
    reader = csv.reader(
        (line.strip(" \r\n") + "\n" if spaced else line for line in lines),
        delimiter=separator,
        skipinitialspace=spaced,
    )
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise UserError(
            f"{label} cannot be read as a table: line {reader.line_num}: {error}; look there for a "
            f"quote character that is never closed, or for a cell of more than {csv.field_size_limit():,} "
            "characters, and leave such a column out"
        ) from None


def _separator(label: str, head: list[str]) -> str:
    """Return the separator that splits the lines into the same number of cells.

    Where none does, the table is one column, and its lines are split at commas. Spaces are in texts and
    times, so they separate only where all lines agree and nothing else does.
    """

    def fit(separator: str) -> tuple[float, int]:
        try:
            cells = [len(row) for _, row in _rows(label, head, separator) if row] or [0]
        except UserError:
            return 0, 0  # a wide line that it does not split is one cell, and too long for that
        usual, count = Counter(cells).most_common(1)[0]
        return (count / len(cells), usual) if usual > 1 else (0, 0)

    fits = {separator: fit(separator) for separator in SEPARATORS}
    spaced = fits.pop(" ")
    best = max(fits, key=lambda separator: fits[separator])
    return " " if fits[best] == (0, 0) and spaced[0] == 1 else best


def _first_of_table(rows: Lines) -> int:
    """Return which of the rows has the names of the columns."""
    widths = [len(cells) for _, cells in rows]
    if not rows or widths[0] == widths[-1]:
        return 0
    at = next(place for place, width in enumerate(widths) if width == widths[-1])
    titles = all(sum(bool(cell.strip()) for cell in cells) <= 1 for _, cells in rows[:at])
    numbers = any(reads_as_number(cell) for cell in rows[at][1])
    below = set(widths[at:])
    return at if titles and not numbers and len(below) == 1 and len(widths) > at + 1 else 0


def _names(label: str, cells: Sequence[str]) -> list[str]:
    """Return the column names without outer spaces; a column without a name is `column_N`."""
    if not any(cell.strip() for cell in cells):
        raise UserError(f"{label}: the first line is empty; expected the names of the columns")
    names = [cell.strip() or f"column_{place}" for place, cell in enumerate(cells, 1)]
    repeated = [f"{name!r} ({count} times)" for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise UserError(f"{label}: column names must differ, these repeat: {', '.join(repeated)}")
    return names
