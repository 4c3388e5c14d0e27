"""`narrows series`: what a file is taken for; the synthetic families, listed or written to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from ...search_spaces.errors import UserError
from .data_options import DATA, Categorical, DayFirst, Id, MissingValues, Zone, option
from .output import note, say, say_facts
from .tables import table


def series(
    name: Annotated[
        str | None,
        Argument(
            help="A file of yours, or NAME[,key=value...] of a synthetic one; without it, these are listed."
        ),
    ] = None,
    out: Annotated[
        str | None, Option("--out", "-o", help="CSV or Parquet file to write a synthetic series to.")
    ] = None,
    time: Annotated[
        str | None,
        option(DATA, "Time column, or several as year,month,day,hour.", default="what looks like it"),
    ] = None,
    id: Id = None,
    missing_values: MissingValues = None,
    categorical: Categorical = None,
    day_first: DayFirst = None,
    zone: Zone = None,
) -> None:
    """Say what a file is taken for, without training; or list, describe or write the synthetic series.

    Examples:

      narrows series sales.csv

      narrows series air.csv --time Date,Time --missing-values -200

      narrows series

      narrows series streams

      narrows series streams,n=4,delay=2 --out streams.csv
    """
    from ..series import synthetic

    if name is None:
        for known in synthetic.names():
            say(f"synthetic:{known}\n    {synthetic.describe(known)}")
        return
    if _is_file(name):
        if out is not None:
            raise UserError(f"{name} is a file; --out writes synthetic series")
        from ..series.reading.described import HEAD, described

        found = described(
            name, time=time, id=id, missing_values=missing_values, categorical=categorical,
            day_first=day_first, zone=zone,
        )  # fmt: skip
        say_facts(found.facts)
        say(f"\n{table(HEAD, found.columns, right=[2])}\n")
        for line in found.notes:
            note(line)
        return
    text = name.removeprefix("synthetic:")
    if out is None:
        say(synthetic.describe(text.partition(",")[0]))
        return
    from ..series.reading import write_series

    made = synthetic.make(f"synthetic:{text}")
    write_series(made, out)
    note(f"{out}: {made.rows:,} rows, {', '.join([*made.columns, *made.categorical])}")


def _is_file(name: str) -> bool:
    """Whether a name is that of a file, be it there or not; those of synthetic series have no point."""
    return Path(name).exists() or "." in name.partition(",")[0] or "/" in name
