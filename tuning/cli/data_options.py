"""Options that several commands share: what the data are, and where it is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from typer import Option

from .complete import CLUSTERS, LEVELS, MISSING, WIDE, one_of

DATA, WINDOWS, WHERE = "Data", "Windows", "Where"
MISSING_HELP = "Missing values and gaps: error, ffill (repeat the last), interpolate or drop."


def option(panel: str, help: str, *names: str, default: str | bool = True, values: Sequence[str] = ()) -> Any:
    """Return an option.

    Args:
        panel: of the help it stands in.
        help: what it is.
        names: as it is typed; none takes the name of the parameter.
        default: in words what holds where the default value is None.
        values: that the tab key completes.
    """
    return Option(
        *names, help=help, rich_help_panel=panel, show_default=default, autocompletion=one_of(values)
    )


Target = Annotated[
    list[str] | None, option(DATA, "Column to forecast; repeat for several.", "--target", "-t")
]
Time = Annotated[str | None, option(DATA, "Time column, or several as year,month,day,hour.")]
Id = Annotated[str | None, option(DATA, "Column that tells several series apart.")]
Wide = Annotated[
    str | None,
    option(
        DATA,
        "A table with one column, or one row, for each series: columns or rows.",
        default="one row a time step",
        values=WIDE,
    ),
]
Features = Annotated[str | None, option(DATA, "Columns to read beside the target: a,b,c, or 'all' others.")]
Known = Annotated[str | None, option(DATA, "Features that are known for the rows to forecast, a,b,c.")]
Static = Annotated[str | None, option(DATA, "Features that have one value in a series, a,b,c.")]
Calendar = Annotated[
    str | None, option(DATA, "Features of the time: hour, weekday, monthday, yearday, month, holidays=DE.")
]
Missing = Annotated[str, option(DATA, MISSING_HELP, values=MISSING)]
MissingIfSaid = Annotated[str | None, option(DATA, MISSING_HELP, default="error", values=MISSING)]
MissingValues = Annotated[
    str | None,
    option(
        DATA, "What else is a missing value: -200, or text among numbers.", default="empty cells, NA, ..."
    ),
]
Categorical = Annotated[
    str | None, option(DATA, "Features that are categories although they look like numbers: a,b.")
]
DayFirst = Annotated[
    bool | None,
    option(
        DATA,
        "Whether 1/2/2020 is in February or in January.",
        "--day-first/--month-first",
        default="from the data",
    ),
]
Zone = Annotated[
    str | None, option(DATA, "Time zone of a local clock, such as Europe/Berlin.", default="none")
]
Season = Annotated[
    int | None,
    option(DATA, "Rows after which the series repeats, such as 7 for days.", default="from the time column"),
]
Levels = Annotated[
    str | None,
    option(
        WINDOWS,
        "own: each window is counted in its own size, for series that differ in it; shared: one scaling.",
        default="own where the series differ in size",
        values=LEVELS,
    ),
]
Cluster = Annotated[
    str | None,
    option(
        WHERE,
        "Train on a Ray cluster: auto (the one this machine is in), ray://HOST:PORT or HOST:PORT; "
        "auto,cores=4 has each worker process train four trials.",
        default="this machine alone",
        values=CLUSTERS,
    ),
]
