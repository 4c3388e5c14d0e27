"""`narrows series`: the synthetic families, listed or written to a file."""

from __future__ import annotations

from typing import Annotated

from typer import Argument, Option

from .output import note, say


def series(
    name: Annotated[str | None, Argument(help="NAME[,key=value...]; without it, all are listed.")] = None,
    out: Annotated[str | None, Option("--out", "-o", help="CSV or Parquet file to write.")] = None,
) -> None:
    """List the synthetic series, describe one, or write one to a file.

    Examples:

      narrows series

      narrows series streams

      narrows series streams,n=4,delay=2 --out streams.csv
    """
    from ..series import synthetic

    if name is None:
        for known in synthetic.names():
            say(f"synthetic:{known}\n    {synthetic.describe(known)}")
        return
    text = name.removeprefix("synthetic:")
    if out is None:
        say(synthetic.describe(text.partition(",")[0]))
        return
    from ..series.reading import write_series

    made = synthetic.make(f"synthetic:{text}")
    write_series(made, out)
    note(f"{out}: {made.rows:,} rows, {', '.join([*made.columns, *made.categorical])}")
