"""`narrows study`: a controlled comparison that says how narrow a layer may be."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

from typer import Argument

from ..study_options import StudyOptions
from .data_options import (
    DATA,
    Calendar,
    Categorical,
    Cluster,
    DayFirst,
    Features,
    Id,
    Known,
    Levels,
    MissingIfSaid,
    MissingValues,
    Season,
    Static,
    Target,
    Time,
    Wide,
    Zone,
    option,
)
from .output import Verbose, say, say_how_to_go_on
from .tables import table

if TYPE_CHECKING:
    from ...callbacks.studied import Arm, RecordedStudy

WHAT, FAIR, OUTPUT = "What is compared", "How surely", "Output"


def study(
    source: Annotated[str, Argument(help="Run folder, whose data are known; or data, as for tune.")],
    profile: Annotated[
        str | None,
        option(WHAT, "Widths of the network.", default="those of the best trial, or 32-32"),
    ] = None,
    layer: Annotated[
        str, option(WHAT, "The layer to vary: 1, 2, ..., all; or bottleneck, depth, shape.", "--layer", "-l")
    ] = str(StudyOptions.layer),
    feature: Annotated[str | None, option(WHAT, "Compare with and without this feature instead.")] = None,
    widths: Annotated[
        str | None, option(WHAT, "Units to compare: 1,2,4,8.", default="powers of two up to the layer's")
    ] = None,
    match: Annotated[
        str,
        option(
            WHAT,
            "width: other layers stay; parameters: they widen to keep the size.",
            values=("width", "parameters"),
        ),
    ] = StudyOptions.match,
    seeds: Annotated[
        int, option(FAIR, "Seeds a width gets; half where they decide, twice where they do not.")
    ] = StudyOptions.seeds,
    rates: Annotated[int, option(FAIR, "Learning rates each width begins with.")] = StudyOptions.rates,
    delta: Annotated[
        float, option(FAIR, "A loss that is larger by this share does not matter.")
    ] = StudyOptions.delta,
    steps: Annotated[int, option(FAIR, "Steps of each training.")] = StudyOptions.steps,
    minutes: Annotated[float | None, option(FAIR, "Time budget of this start.")] = None,
    seed: Annotated[int, option(FAIR, "Seed of everything random.")] = StudyOptions.seed,
    cache: Annotated[
        bool,
        option(FAIR, "Neither keep compiled programs nor use kept ones.", " /--no-cache", default=False),
    ] = StudyOptions.cache,
    cluster: Cluster = StudyOptions.cluster,
    target: Target = None,
    time: Time = None,
    id: Id = None,
    wide: Wide = None,
    features: Features = None,
    known: Known = None,
    static: Static = None,
    calendar: Calendar = None,
    missing: MissingIfSaid = None,
    missing_values: MissingValues = None,
    categorical: Categorical = None,
    day_first: DayFirst = None,
    zone: Zone = None,
    season: Season = None,
    lookback: Annotated[
        int | None, option(DATA, "Rows a forecast looks back on.", default="two seasons, or 24")
    ] = None,
    horizon: Annotated[int | None, option(DATA, "Rows to forecast at once.", default="1")] = None,
    split: Annotated[
        str | None, option(DATA, "Train, validation, test, as in tune.", default="0.7,0.15,0.15")
    ] = None,
    levels: Levels = None,
    out: Annotated[
        str | None, option(OUTPUT, "Run folder to make of data.", "--out", "-o", default="runs/NAME")
    ] = None,
    quiet: Annotated[bool, option(OUTPUT, "Only the answer.", "--quiet", "-q")] = False,
    as_json: Annotated[
        bool, option(OUTPUT, "One JSON object a line; studies are the event `study`.", "--json")
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
        match=match, steps=steps, minutes=minutes, seed=seed, cache=cache, cluster=cluster,
    )  # fmt: skip
    data = {
        "target": target, "time": time, "id": id, "wide": wide, "features": names_of(features),
        "known": names_of(known), "static": names_of(static), "calendar": calendar, "missing": missing,
        "missing_values": missing_values, "categorical": categorical, "day_first": day_first, "zone": zone,
        "season": season, "lookback": lookback, "horizon": horizon, "split": split, "levels": levels,
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
