"""The bytes of a text file -> UTF-8 text with ends of lines that polars knows.

A file in UTF-8 is read through once and left where it is. One in UTF-16 or UTF-32, in Windows-1252 (of which
Latin-1 is a part) or with the line ends of old Macs is read whole and written anew in memory. Windows-1252 is
what remains of what is no UTF-8: a file in which some letters are UTF-8 and others are not is refused. `.gz`
is unpacked on the fly, up to a bound: a small file may unpack to one that fills the memory.
"""

from __future__ import annotations

import codecs
import gzip
import itertools
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, BytesIO, TextIOWrapper
from pathlib import Path
from typing import IO, Any

from ....search_spaces.errors import UserError

EXPECTED = "expected .csv, .tsv, .txt (also with .gz) or .parquet"
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
WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Longer marks first: one begins with another."""


@dataclass(frozen=True)
class Decoded:
    """A file as text.

    Args:
        source: the file itself where polars reads it as it is, else its content in UTF-8.
        encoding: how it was written, in words.
    """

    source: Path | BytesIO
    encoding: str

    def lines(self) -> IO[str]:
        """Return a reader of its lines, with their ends."""
        if isinstance(self.source, BytesIO):
            return TextIOWrapper(BytesIO(self.source.getbuffer()), encoding="utf-8-sig", newline="")
        options: dict[str, Any] = {"encoding": "utf-8-sig", "newline": ""}
        packed = _gzipped(self.source)
        return gzip.open(self.source, "rt", **options) if packed else self.source.open("r", **options)


def decoded(path: Path) -> Decoded:
    """Return a file as text.

    Raises:
        UserError: for a file of another kind, for binary data, and for letters that nobody can read.
    """
    try:
        chunks = _chunks(path)
        start = next(chunks)
        if wide := _wide(path, start):
            return _rewritten(b"".join([start, *chunks]), wide, path)
        if told := _no_utf8(path, itertools.chain([start], chunks)):
            return _from_windows(path, told)
        with Decoded(path, "UTF-8").lines() as file:
            head = file.read(CHUNK_BYTES)
        if "\r" in head and "\n" not in head:
            return _rewritten(b"".join(_chunks(path)), "utf-8", path)
        return Decoded(_for_polars(path), "UTF-8")
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path.name} cannot be unpacked: {error}") from error


def _chunks(path: Path) -> Iterator[bytes]:
    bound = MOST_UNPACKED_BYTES if _gzipped(path) else math.inf
    with _open_bytes(path) as file:
        while True:
            chunk = file.read(CHUNK_BYTES)
            bound -= len(chunk)
            if bound < 0:
                raise UserError(
                    f"{path.name} unpacks to more than {MOST_UNPACKED_BYTES / 2**30:g} GiB of text, and "
                    "a small file may unpack to any size: unpack it (gunzip) and give the .csv, or write "
                    "the columns that are needed to a Parquet file"
                )
            yield chunk
            if not chunk:
                return


def _wide(path: Path, start: bytes) -> str:
    """Return the name of an encoding of several bytes a letter; empty where it is none."""
    for magic, what in MAGIC.items():
        if start.startswith(magic):
            raise UserError(f"{path.name} is {what}; {EXPECTED}")
    for mark, name in WIDE.items():
        if start.startswith(mark):
            return name
    zeros = [place for place, byte in enumerate(start[:4]) if not byte]
    return {(0, 2): "utf-16-be", (1, 3): "utf-16-le", (1, 2, 3): "utf-32-le", (0, 1, 2): "utf-32-be"}.get(
        tuple(zeros), ""
    )


def _no_utf8(path: Path, chunks: Iterator[bytes]) -> str:
    """Return what is wrong with what is no UTF-8, in words; empty where all of it is.

    Raises:
        UserError: for a zero byte, which no text has.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    try:
        for chunk in chunks:
            if b"\0" in chunk:
                raise _binary(path)
            decoder.decode(chunk, final=not chunk)
            lines += chunk.count(b"\n")
    except UnicodeDecodeError as error:
        line = lines + error.object[: error.start].count(b"\n")
        cut = "the file ends inside a letter" if error.reason == "unexpected end of data" else ""
        return cut or f"line {line} holds the byte 0x{error.object[error.start]:02X}"
    return ""


def _binary(path: Path) -> UserError:
    return UserError(f"{path.name} holds binary data (zero bytes), not text; {EXPECTED}")


def _from_windows(path: Path, told: str) -> Decoded:
    content = b"".join(_chunks(path))
    mixed = not content.decode("utf-8", "ignore").isascii()
    try:
        if mixed or told.startswith("the file ends"):
            raise UnicodeError
        return _rewritten(content, "cp1252", path)
    except UnicodeError:
        part = "only a part of it is UTF-8, and " if mixed else ""
        raise UserError(
            f"{path.name} is neither UTF-8 nor Windows-1252 text: {part}{told}; save the file as UTF-8"
        ) from None


def _rewritten(content: bytes, encoding: str, path: Path) -> Decoded:
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except UnicodeError:
        if encoding == "cp1252":
            raise
        text = "\0"
    if "\0" in text:
        raise _binary(path)
    if "\n" not in text:
        text = text.replace("\r", "\n")
    # A mark of UTF-8 at its beginning keeps polars from taking it for packed data, see `ZLIB`.
    words = {"cp1252": "Windows-1252 (Latin-1)"}.get(encoding, encoding.upper())
    return Decoded(BytesIO(codecs.BOM_UTF8 + text.encode()), words)


def _for_polars(path: Path) -> Path | BytesIO:
    with path.open("rb") as file:
        packed = file.read(2) in ZLIB
    return BytesIO(codecs.BOM_UTF8 + path.read_bytes()) if packed else path


def _gzipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _open_bytes(path: Path) -> gzip.GzipFile | BufferedReader:
    return gzip.open(path, "rb") if _gzipped(path) else path.open("rb")
