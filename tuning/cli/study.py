"""`narrows study`: a controlled comparison that says how narrow a layer may be."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from ..study_options import StudyOptions
from .complete import MISSING, one_of
from .output import Verbose, say, say_how_to_go_on
from .tables import table

if TYPE_CHECKING:
    from ...callbacks.studied import Arm, RecordedStudy

WHAT, FAIR, DATA, OUTPUT = "What is compared", "How surely", "Data (of a run they are known)", "Output"
FROM_RUN = "of the run, or as in tune"


def _option(panel: str, help: str, *names: str, default: str | bool = True, **more: Any) -> Any:
    return Option(*names, help=help, rich_help_panel=panel, show_default=default, **more)


def study(
    source: Annotated[str, Argument(help="Run folder; or data, as for tune.")],
    profile: Annotated[
        str | None,
        _option(WHAT, "Widths of the network.", default="those of the best trial, or 32-32"),
    ] = None,
    layer: Annotated[
        str, _option(WHAT, "The layer to vary: 1, 2, ..., all; or bottleneck, depth, shape.", "--layer", "-l")
    ] = str(StudyOptions.layer),
    feature: Annotated[str | None, _option(WHAT, "Compare with and without this feature instead.")] = None,
    widths: Annotated[
        str | None, _option(WHAT, "Units to compare: 1,2,4,8.", default="powers of two up to the layer's")
    ] = None,
    match: Annotated[
        str,
        _option(
            WHAT,
            "width: other layers stay; parameters: they widen to keep the size.",
            autocompletion=one_of(("width", "parameters")),
        ),
    ] = StudyOptions.match,
    seeds: Annotated[
        int, _option(FAIR, "Seeds a width gets; half where they decide, twice where they do not.")
    ] = StudyOptions.seeds,
    rates: Annotated[int, _option(FAIR, "Learning rates each width begins with.")] = StudyOptions.rates,
    delta: Annotated[
        float, _option(FAIR, "A loss that is larger by this share does not matter.")
    ] = StudyOptions.delta,
    steps: Annotated[int, _option(FAIR, "Steps of each training.")] = StudyOptions.steps,
    minutes: Annotated[float | None, _option(FAIR, "Time budget of this start.")] = None,
    seed: Annotated[int, _option(FAIR, "Seed of everything random.")] = StudyOptions.seed,
    cache: Annotated[
        bool,
        _option(FAIR, "Neither keep compiled programs nor use kept ones.", " /--no-cache", default=False),
    ] = StudyOptions.cache,
    target: Annotated[
        list[str] | None, _option(DATA, "Column to forecast; repeat for several.", "--target", "-t")
    ] = None,
    time: Annotated[str | None, _option(DATA, "Time column, or several as year,month,day,hour.")] = None,
    id: Annotated[str | None, _option(DATA, "Column that tells several series apart.")] = None,
    features: Annotated[str | None, _option(DATA, "Past features, a,b,c or 'all'.")] = None,
    known: Annotated[
        str | None, _option(DATA, "Features that are known for the rows to forecast, a,b,c.")
    ] = None,
    static: Annotated[str | None, _option(DATA, "Features that have one value in a series, a,b,c.")] = None,
    calendar: Annotated[
        str | None,
        _option(DATA, "Features of the time: hour, weekday, monthday, yearday, month, holidays=DE."),
    ] = None,
    missing: Annotated[
        str | None,
        _option(
            DATA,
            "Missing values and gaps: error, ffill, interpolate or drop.",
            default="error",
            autocompletion=one_of(MISSING),
        ),
    ] = None,
    missing_values: Annotated[
        str | None,
        _option(
            DATA, "What else is a missing value: -200, or text among numbers.", default="empty cells, NA, ..."
        ),
    ] = None,
    categorical: Annotated[
        str | None, _option(DATA, "Features that are categories although they look like numbers: a,b.")
    ] = None,
    day_first: Annotated[
        bool | None,
        _option(
            DATA,
            "Whether 1/2/2020 is in February or in January.",
            "--day-first/--month-first",
            default="from the data",
        ),
    ] = None,
    zone: Annotated[
        str | None, _option(DATA, "Time zone of a local clock, such as Europe/Berlin.", default="none")
    ] = None,
    season: Annotated[
        int | None,
        _option(
            DATA, "Rows after which the series repeats, such as 7 for days.", default="from the time column"
        ),
    ] = None,
    lookback: Annotated[
        int | None, _option(DATA, "Rows a forecast looks back on.", default="two seasons, or 24")
    ] = None,
    horizon: Annotated[int | None, _option(DATA, "Rows to forecast at once.", default="1")] = None,
    split: Annotated[
        str | None, _option(DATA, "Train, validation, test, as in tune.", default="0.7,0.15,0.15")
    ] = None,
    out: Annotated[
        str | None, _option(OUTPUT, "Run folder to make of data.", "--out", "-o", default="runs/NAME")
    ] = None,
    quiet: Annotated[bool, _option(OUTPUT, "Only the answer.", "--quiet", "-q")] = False,
    as_json: Annotated[
        bool, _option(OUTPUT, "One JSON object a line; studies are the event `study`.", "--json")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Find out how narrow a layer may be: trains every width fairly and compares them on the test part.

    Every width gets its own best learning rate, the same seeds, batches and number of steps. What was
    trained is kept in the run; the same command goes on where it was interrupted.

    Examples:

      narrows study runs/sales

      narrows study runs/sales --layer 2 --widths 1,2,4,8,16 --seeds 16

      narrows study sales.csv --target units --time date --profile 32-32 --layer bottleneck

      narrows study runs/sales --layer shape --minutes 20

      narrows study synthetic:streams,n=4 --profile 16-16-16 --layer 2 --widths 1,2,3,4,16
    """
    from ..progress.study import display
    from ..study_api import conduct
    from .tune import names_of

    options = StudyOptions(
        profile=profile, layer=layer, feature=feature, widths=widths, seeds=seeds, rates=rates, delta=delta,
        match=match, steps=steps, minutes=minutes, seed=seed, cache=cache,
    )  # fmt: skip
    data = {
        "target": target, "time": time, "id": id, "features": names_of(features), "known": names_of(known),
        "static": names_of(static), "calendar": calendar, "missing": missing,
        "missing_values": missing_values, "categorical": categorical, "day_first": day_first, "zone": zone,
        "season": season, "lookback": lookback, "horizon": horizon, "split": split,
    }  # fmt: skip
    given = {name: value for name, value in data.items() if value is not None}
    with say_how_to_go_on():
        folder, found = conduct(source, options, given, out, display(quiet, as_json))
    if as_json:
        return
    for one in found:
        say(f"\n{study_text(one)}")
    say(f"\nlook at it   narrows board {shlex.quote(str(folder))}")


def study_text(study: RecordedStudy) -> str:
    """Return what came out of a study: a row for each arm, and its sentences."""
    rows = [_row(study, arm) for arm in study.arms]
    text = table(list(rows[0]), [list(row.values()) for row in rows], right=range(2, 9))
    return "\n".join([study.title, f"({study.about})", "", text, "", *study.sentences])


def _row(study: RecordedStudy, arm: Arm) -> dict[str, str]:
    """Return the cells of an arm; the reference is compared with nothing."""
    from ...callbacks.studied import percent
    from ..studies.words import unexplained

    known = [loss for loss in arm.losses if loss is not None]
    compared = arm.label != study.reference and None not in (arm.cost, arm.low, arm.high)
    between = f"{percent(arm.low or 0.0)} to {percent(arm.high or 0.0)}"
    return {
        "units" if study.numeric else "": arm.label,
        "profile": arm.profile,
        "parameters": f"{arm.parameters:,}",
        "rate": f"{arm.rate:g}",
        "seeds": str(len(arm.losses)),
        f"test {study.loss}": f"{sum(known) / len(known):.4g}" if known else "-",
        "unexplained": f"{100 * unexplained(study, arm):.1f} %" if known else "-",
        "more loss": percent(arm.cost or 0.0) if compared else "",
        "95 % interval": between if compared else "",
        "verdict": "" if arm.label == study.reference else arm.word,
    }
