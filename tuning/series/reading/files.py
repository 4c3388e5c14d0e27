"""CSV and Parquet files -> a polars frame, with one clear error for each way a file can be bad.

`decoded` makes text of the bytes, `layout` finds separator and names of columns before polars sees them.
Column types come from the first rows; when a later cell contradicts them the file is read again as text, so
that the cell can be named. So is a file in which commas are decimal signs: the point of 1.234 is none then.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ....search_spaces.errors import UserError, did_you_mean
from .decoded import EXPECTED, Decoded, decoded
from .layout import Layout, layout_of, refuse_ragged, with_tabs, without_remarks
from .numbers import decimal_of

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
SUFFIXES = (*TEXT_SUFFIXES, *PARQUET_SUFFIXES)
SAMPLE_ROWS = 10_000


@dataclass(frozen=True)
class TextTable:
    """A text file as a table.

    Args:
        frame: its columns, named as in the header without outer spaces.
        layout: how its cells are separated.
        encoding: how it was written, in words.
        decimal: the decimal sign that its numbers leave no doubt of; None where none tells.
        below: lines of remarks below it, which are left out.
    """

    frame: pl.DataFrame
    layout: Layout
    encoding: str
    decimal: str | None
    below: int = 0


def check_file(path: Path) -> None:
    """Raise a `UserError` unless `path` is a readable, non-empty file of a known kind."""
    if path.is_dir():
        inside = sorted(p.name for p in path.iterdir() if _kind(p) in SUFFIXES)
        hint = f"give one of its files: {', '.join(inside[:20])}" if inside else EXPECTED
        raise UserError(f"{path} is a folder, not a file; {hint}")
    if not path.exists():
        raise UserError(_no_such_file(path))
    if _kind(path) not in SUFFIXES:
        raise UserError(f"{path.name}: unknown kind of file {path.suffix!r}; {EXPECTED}")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    if empty:
        raise UserError(f"{path} is empty (0 bytes); expected a header line and rows of data")


def read_parquet(path: Path) -> pl.DataFrame:
    """Read a Parquet file whole."""
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UserError(f"{path.name} cannot be read as Parquet: {_first_line(error)}") from error


def read_csv(path: Path, text: Collection[str] = (), decimal: str | None = None) -> TextTable:
    """Read a text table whole.

    Args:
        path: the file, checked by `check_file`.
        text: columns that stay text, such as ids like `007`.
        decimal: the decimal sign where no number tells; None where that is not known.

    Raises:
        UserError: wrong encoding, binary content, repeated column names, a ragged row, an open quote.
    """
    held = decoded(path)
    with held.lines() as file:
        layout = layout_of(path.name, file)
    apart = layout
    if layout.separator == " ":
        held = Decoded(with_tabs(path.name, held, layout), held.encoding)
        apart = dataclasses.replace(layout, separator="\t")
    below = 0
    try:
        frame = _read(path, held, apart, text)
    except UserError:
        cut = without_remarks(path.name, held, apart)
        if cut is None:
            raise
        held, below = cut
        frame = _read(path, held, apart, text)
    found = decimal_of(column for column in frame if column.dtype == pl.String) or decimal
    if found == "," and any(column.dtype == pl.Float64 for column in frame):
        frame = _read(path, held, apart, None)
    return TextTable(frame, layout, held.encoding, found, below)


def _read(path: Path, held: Decoded, layout: Layout, text: Collection[str] | None) -> pl.DataFrame:
    """Return the columns; those of `text`, or with None all of them, as text."""
    names, source = layout.names, held.source
    options: dict[str, Any] = {
        "separator": layout.separator,
        "new_columns": names,
        "skip_rows": layout.above,
        "schema_overrides": {name: pl.String for name in text or () if name in names},
    }
    try:
        if text is None:
            raise pl.exceptions.ComputeError
        frame = pl.read_csv(source, infer_schema_length=SAMPLE_ROWS, **options)
    except pl.exceptions.ComputeError:
        try:
            frame = pl.read_csv(source, infer_schema=False, **options)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _unreadable(path, held, layout, error) from error
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(path, held, layout, error) from error
    # polars pads a short line with nulls: only then may one of the lines be short.
    if len(names) > 1 and frame[names[-1]].null_count():
        refuse_ragged(path.name, held, layout)
    return frame


def _unreadable(path: Path, held: Decoded, layout: Layout, error: Exception) -> UserError:
    refuse_ragged(path.name, held, layout)
    return UserError(
        f"{path.name} cannot be read as a table: {_first_line(error)}; look for a quote character that "
        "is never closed, or that stands inside a cell"
    )


def _no_such_file(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"no such file: {path} (the folder {folder} does not exist)"
    files = sorted(p.name for p in folder.iterdir() if p.is_file() and _kind(p) in SUFFIXES)
    where = "this folder" if folder == Path() else str(folder)
    return f"no such file: {path}" + (
        did_you_mean(path.name, files) or f"; {where} holds no CSV or Parquet file"
    )


def _kind(path: Path) -> str:
    return Path(re.sub(r"\.gz$", "", path.name, flags=re.IGNORECASE)).suffix.lower()


def is_parquet(path: Path) -> bool:
    """Whether the name says Parquet."""
    return _kind(path) in PARQUET_SUFFIXES


def is_text(path: Path) -> bool:
    """Whether the name says a text table."""
    return _kind(path) in TEXT_SUFFIXES


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
