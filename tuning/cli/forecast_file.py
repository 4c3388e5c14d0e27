"""What `narrows forecast` prints or writes: whole files, never in place of what is no earlier forecast."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ...search_spaces.errors import UserError
from ...search_spaces.whole_file import write_whole

if TYPE_CHECKING:
    import polars


def refuse(out: str, data: str) -> None:
    """Raise a `UserError` where `out` is no file, or the data themselves by whatever name."""
    if not os.path.exists(out):
        return
    if not Path(out).is_file():
        raise UserError(f"{out} cannot be written: it is not a file")
    if os.path.exists(data) and os.path.samefile(out, data):
        raise UserError(f"{out} holds the data that the forecast is made of; give another --out")


def write(out: str, table: polars.DataFrame, *, force: bool) -> None:
    """Write a forecast, as Parquet where the name says so, else as CSV; it appears whole or not at all.

    An earlier forecast of the same columns and as many rows is replaced.

    Args:
        out: the file; a link stays a link, and the file that it leads to is written.
        table: the forecast.
        force: whether to replace any other file, too.

    Raises:
        UserError: when another file is there, or it cannot be written.
    """
    path = Path(out).resolve()
    parquet = path.suffix.lower() == ".parquet"
    text = csv_of(table)
    try:
        if path.exists() and not (
            force or (_is_alike_parquet(path, table) if parquet else _is_alike(path, text))
        ):
            raise UserError(
                f"{out} exists and is not an earlier forecast of these columns and rows; give another --out, "
                "or --force to replace it"
            )
        write_whole(path, table.write_parquet if parquet else text.encode())
    except OSError as error:
        raise UserError(f"{out} cannot be written: {error.strerror}") from None


def csv_of(table: polars.DataFrame) -> str:
    """Return a table as CSV text, times with no more of the clock than they need, numbers in nine digits."""
    import polars

    texts = []
    for column in table.get_columns():
        if isinstance(column.dtype, polars.Datetime):
            zoned, plain = column.dtype.time_zone is not None, column.dt.replace_time_zone(None)
            if zoned:
                plain = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            whole = bool((plain == plain.dt.truncate("1d")).all()) and not zoned
            text = plain.dt.strftime("%Y-%m-%d" if whole else "%Y-%m-%d %H:%M:%S")
            column = text + "Z" if zoned else text
        elif column.dtype == polars.Float64:
            column = polars.Series(column.name, [f"{value:.9g}" for value in column], polars.String)
        texts.append(column)
    return polars.DataFrame(texts).write_csv()


def _is_alike_parquet(path: Path, table: polars.DataFrame) -> bool:
    """Whether a file is Parquet with the columns of `table` and as many rows."""
    import polars

    try:
        found = polars.read_parquet(path)
    except polars.exceptions.PolarsError:
        return False
    return found.columns == table.columns and len(found) == len(table)


def _is_alike(path: Path, text: str) -> bool:
    """Whether a file has the head of `text` and as many lines."""
    head, *rows = text.encode().splitlines()
    with path.open("rb") as file:
        if file.readline(len(head) + 2).rstrip(b"\r\n") != head:
            return False
        return sum(1 for _, _ in zip(file, range(len(rows) + 1), strict=False)) == len(rows)
