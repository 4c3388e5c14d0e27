"""CSV and Parquet files -> a polars frame, with one clear error for each way a file can be bad.

A CSV file is first read through once as bytes: encoding, binary junk and the separator are settled
before polars sees it. Column types come from the first rows; when a later cell contradicts them
the file is read again as text, so that the cell can be named. `.gz` is unpacked on the fly, up to a bound:
a small file may unpack to one that fills the memory.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import itertools
import math
import re
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import IO, Any

import polars as pl

from ....search_spaces.errors import UserError, did_you_mean

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
SUFFIXES = (*TEXT_SUFFIXES, *PARQUET_SUFFIXES)
EXPECTED = "expected .csv, .tsv, .txt (also with .gz) or .parquet"
SEPARATORS = (",", ";", "\t")
SAMPLE_ROWS = 10_000
CHUNK_BYTES = 1 << 20
MOST_UNPACKED_BYTES = 1 << 30
"""Of a `.gz` file: some ten million rows."""
ZLIB = tuple(b"x" + bytes([level]) for level in (0x01, 0x5E, 0x9C, 0xDA))
"""What polars takes for packed data: a text may begin so, `x^2,y`."""
MAGIC = {
    b"PAR1": "a Parquet file (let its name end in .parquet)",
    b"PK\x03\x04": "a zip archive or an Excel workbook (unpack it, or save the sheet as CSV)",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (save the sheet as CSV)",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"%PDF": "a PDF document",
    b"\x89HDF": "an HDF5 file",
    b"SQLite format 3": "an SQLite database",
}


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


def read_csv(path: Path, text: Collection[str] = ()) -> tuple[pl.DataFrame, str]:
    """Read a text table whole.

    Args:
        path: the file, checked by `check_file`.
        text: columns that stay text, such as ids like `007`.

    Returns:
        The frame, its columns named as in the header without outer spaces, and the separator.

    Raises:
        UserError: wrong encoding, binary content, repeated column names, a ragged row, an open quote.
    """
    _check_text(path)
    with _open_text(path) as file:
        head = list(itertools.islice(file, 20))
    separator = _separator(path, head)
    header = _header(path, head, separator)
    options: dict[str, Any] = {
        "separator": separator,
        "new_columns": header,
        "schema_overrides": {name: pl.String for name in text if name in header},
    }
    try:
        try:
            frame = pl.read_csv(_for_polars(path), infer_schema_length=SAMPLE_ROWS, **options)
        except pl.exceptions.ComputeError:
            frame = pl.read_csv(_for_polars(path), infer_schema=False, **options)
    except (pl.exceptions.PolarsError, OSError) as error:
        _refuse_ragged(path, separator, len(header))
        raise UserError(
            f"{path.name} cannot be read as a table: {_first_line(error)}; look for a quote character that "
            "is never closed, or that stands inside a cell"
        ) from error
    # polars pads a short line with nulls: only then may one of the lines be short.
    if len(header) > 1 and frame[header[-1]].null_count():
        _refuse_ragged(path, separator, len(header))
    return frame, separator


def _check_text(path: Path) -> None:
    """Raise a `UserError` unless the whole file is UTF-8 text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, bound = 1, MOST_UNPACKED_BYTES if _gzipped(path) else math.inf
    try:
        with _open_bytes(path) as file:
            start = file.read(CHUNK_BYTES)
            _refuse_binary(path, start)
            for chunk in itertools.chain([start], iter(lambda: file.read(CHUNK_BYTES), b"")):
                bound -= len(chunk)
                if bound < 0:
                    raise UserError(
                        f"{path.name} unpacks to more than {MOST_UNPACKED_BYTES / 2**30:g} GiB of text, and "
                        "a small file may unpack to any size: unpack it (gunzip) and give the .csv, or write "
                        "the columns that are needed to a Parquet file"
                    )
                if b"\0" in chunk:
                    raise UserError(f"{path.name} holds binary data (zero bytes), not text; {EXPECTED}")
                decoder.decode(chunk)
                lines += chunk.count(b"\n")
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        line = lines + error.object[: error.start].count(b"\n")
        raise UserError(
            f"{path.name} is not UTF-8 text: line {line} holds the byte 0x{error.object[error.start]:02X} "
            "(probably latin-1 or Windows-1252); save the file as UTF-8"
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path.name} cannot be unpacked: {error}") from error


def _refuse_binary(path: Path, start: bytes) -> None:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or 0 in start[:2]:
        raise UserError(f"{path.name} is UTF-16 text; save the file as UTF-8")
    for magic, what in MAGIC.items():
        if start.startswith(magic):
            raise UserError(f"{path.name} is {what}; {EXPECTED}")


def _for_polars(path: Path) -> Path | BytesIO:
    """Return what polars reads as the text that it is, see `ZLIB`."""
    with path.open("rb") as file:
        packed = file.read(2) in ZLIB
    return BytesIO(codecs.BOM_UTF8 + path.read_bytes()) if packed else path


def _rows(path: Path, lines: Iterable[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of a line, from 1, and its cells."""
    reader = csv.reader(lines, delimiter=separator)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise UserError(
            f"{path.name} cannot be read as a table: line {reader.line_num}: {error}; look there for a "
            f"quote character that is never closed, or for a cell of more than {csv.field_size_limit():,} "
            "characters, and leave such a column out"
        ) from None


def _separator(path: Path, head: list[str]) -> str:
    """Return the separator that splits the header, and the lines below it into as many cells.

    A header that none of them splits is one column, and its lines are split at commas.
    """

    def fit(separator: str) -> tuple[float, int]:
        try:
            cells = [len(row) for _, row in _rows(path, head, separator) if row] or [0]
        except UserError:
            return 0, 0  # a wide line that it does not split is one cell, and too long for that
        return (sum(count == cells[0] for count in cells) / len(cells), cells[0]) if cells[0] > 1 else (0, 0)

    return max(SEPARATORS, key=fit)


def _header(path: Path, head: list[str], separator: str) -> list[str]:
    """Return the column names without outer spaces; a column without a name is `column_N`."""
    cells = next((row for _, row in _rows(path, head, separator) if row), [])
    if not any(cell.strip() for cell in cells):
        raise UserError(f"{path.name}: the first line is empty; expected the names of the columns")
    names = [cell.strip() or f"column_{place}" for place, cell in enumerate(cells, 1)]
    repeated = [f"{name!r} ({count} times)" for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise UserError(f"{path.name}: column names must differ, these repeat: {', '.join(repeated)}")
    return names


def _refuse_ragged(path: Path, separator: str, width: int) -> None:
    with _open_text(path) as file:
        rows = _rows(path, file, separator)
        ragged = next(((line, len(row)) for line, row in rows if row and len(row) != width), None)
    if ragged:
        line, cells = ragged
        raise UserError(
            f"{path.name}: line {line} has {cells} cell{'s' * (cells != 1)}, the header has {width}; "
            "look there for a missing or extra separator, or a comma inside a number or text without quotes"
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


def _gzipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _open_bytes(path: Path) -> gzip.GzipFile | BufferedReader:
    return gzip.open(path, "rb") if _gzipped(path) else path.open("rb")


def _open_text(path: Path) -> IO[str]:
    options: dict[str, Any] = {"encoding": "utf-8-sig", "newline": ""}
    return gzip.open(path, "rt", **options) if _gzipped(path) else path.open("r", **options)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
