"""`narrows tune`: search, then tell the answer and the next command."""

from __future__ import annotations

from typing import Annotated, Any

from typer import Argument

from ..job_options import JobOptions
from .complete import ALGORITHMS, CHANNELS, ENGINES, LINEAR, LOSSES, SCALINGS
from .data_options import (
    WINDOWS,
    Calendar,
    Categorical,
    Cluster,
    DayFirst,
    Features,
    Id,
    Known,
    Levels,
    Missing,
    MissingValues,
    Season,
    Static,
    Target,
    Time,
    Wide,
    Zone,
    option,
)
from .notation import typed_default
from .output import Verbose
from .searching import search

SPACE, SEARCH, OUTPUT = "Space", "Search", "Output"
UNITS = [typed_default("units")]


def tune(
    source: Annotated[str, Argument(help="CSV or Parquet file, or synthetic:NAME[,key=value...].")],
    target: Target = None,
    time: Time = None,
    id: Id = None,
    wide: Wide = None,
    features: Features = None,
    known: Known = None,
    static: Static = None,
    calendar: Calendar = None,
    missing: Missing = JobOptions.missing,
    missing_values: MissingValues = None,
    categorical: Categorical = None,
    day_first: DayFirst = None,
    zone: Zone = None,
    season: Season = None,
    lookback: Annotated[
        str | None,
        option(WINDOWS, "Rows a forecast looks back on; 24,48,96 tries each.", default="two seasons, or 24"),
    ] = None,
    horizon: Annotated[int, option(WINDOWS, "Rows to forecast at once.")] = JobOptions.horizon,
    split: Annotated[
        str,
        option(WINDOWS, "What to train, validate and test on, in time order: fractions, rows, or two dates."),
    ] = JobOptions.split,
    levels: Levels = None,
    folds: Annotated[
        int | None,
        option(
            WINDOWS,
            "Train each trial so many times, on data that end earlier and later; its loss is the mean.",
            default="3 where validation windows are few, else 1",
        ),
    ] = None,
    layers: Annotated[
        str,
        option(SPACE, "Number of LSTM layers: 2, 1..3 or 1,3."),
    ] = typed_default("num_layers"),
    units: Annotated[
        list[str], option(SPACE, "Units of a layer: 8, 4..128 or 8,16,32; repeat for layer 1, 2, ...")
    ] = UNITS,
    bottleneck: Annotated[
        str,
        option(SPACE, "Units of one extra narrow layer; 0 is none."),
    ] = typed_default("bottleneck"),
    bottleneck_after: Annotated[
        str | None, option(SPACE, "The layer the bottleneck follows.", default="any")
    ] = None,
    learning_rate: Annotated[str, option(SPACE, "Learning rate of Adam.")] = typed_default("learning_rate"),
    batch_size: Annotated[str, option(SPACE, "Windows in one training step.")] = typed_default("batch_size"),
    dropout: Annotated[
        str, option(SPACE, "Share of a layer's output left out at random in training.")
    ] = typed_default("dropout"),
    scaling: Annotated[
        str,
        option(
            SPACE,
            "standard, last (counted from the window's last value), none; or several: standard,last.",
            values=SCALINGS,
        ),
    ] = typed_default("scaling"),
    linear: Annotated[
        str | None,
        option(
            SPACE,
            "ridge: the LSTM adds to a linear forecast; none: it forecasts alone; none,ridge tries both.",
            default="none,ridge; none for synthetic series",
            values=LINEAR,
        ),
    ] = None,
    segment: Annotated[
        str | None,
        option(
            SPACE,
            "Rows that a step of the LSTM reads at once; 1,24 tries both.",
            default="1 and a season; 1 for synthetic series",
        ),
    ] = None,
    channels: Annotated[
        str | None,
        option(
            SPACE,
            "Several targets: together, or apart, each from its own past by the same network; "
            "together,apart tries both.",
            default="together,apart; together for synthetic series",
            values=CHANNELS,
        ),
    ] = None,
    loss: Annotated[
        str, option(SEARCH, "What training makes small: mse, mae or huber.", values=LOSSES)
    ] = JobOptions.loss,
    clipnorm: Annotated[
        float,
        option(
            SEARCH,
            "Cap on the gradient of a batch (its norm), so that an odd one cannot undo what was "
            "learned; 0 is none.",
        ),
    ] = JobOptions.clipnorm,
    algorithm: Annotated[
        str, option(SEARCH, f"Which trial comes next: {', '.join(ALGORITHMS)}.", values=ALGORITHMS)
    ] = JobOptions.algorithm,
    engine: Annotated[
        str, option(SEARCH, f"How trials are trained: {', '.join(ENGINES)}.", values=ENGINES)
    ] = JobOptions.engine,
    trials: Annotated[
        int, option(SEARCH, "Trials in all; raise it to go on.", "--trials", "-n")
    ] = JobOptions.trials,
    minutes: Annotated[
        float | None, option(SEARCH, "Minutes until this start ends; the same command goes on.")
    ] = None,
    epochs: Annotated[
        int | None,
        option(
            SEARCH,
            "Most epochs of a trial, rounds over the training data.",
            default="30 for long series to 300 for short",
        ),
    ] = None,
    patience: Annotated[
        int | None,
        option(
            SEARCH,
            "Epochs without a better validation loss that end a trial; 0 is never.",
            default="3 to 30, likewise",
        ),
    ] = None,
    halving: Annotated[
        bool,
        option(
            SEARCH,
            "End a trial early that is not among the best third of those before it.",
            "--halving/--no-halving",
        ),
    ] = JobOptions.halving,
    confirm: Annotated[
        bool,
        option(
            SEARCH,
            "Train the best trials again with other seeds before the answer.",
            "--confirm/--no-confirm",
        ),
    ] = JobOptions.confirm,
    seed: Annotated[
        int, option(SEARCH, "Decides all that is random: the same seed, the same search.")
    ] = JobOptions.seed,
    max_parameters: Annotated[
        int, option(SEARCH, "A network of more parameters is not trained.")
    ] = JobOptions.max_parameters,
    keep: Annotated[int, option(OUTPUT, "Trials whose weights are kept, the best ones.")] = JobOptions.keep,
    record: Annotated[
        int, option(OUTPUT, "Trials with a run of their own in TensorBoard, the best and the newest.")
    ] = JobOptions.record,
    cache: Annotated[
        bool,
        option(SEARCH, "Neither keep compiled programs nor use kept ones.", " /--no-cache", default=False),
    ] = JobOptions.cache,
    cluster: Cluster = JobOptions.cluster,
    out: Annotated[
        str | None,
        option(OUTPUT, "Run folder. The same command goes on there.", "--out", "-o", default="runs/NAME"),
    ] = None,
    quiet: Annotated[bool, option(OUTPUT, "Only the answer.", "--quiet", "-q")] = False,
    as_json: Annotated[
        bool, option(OUTPUT, "One JSON object a line; the answer is the last.", "--json")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Search stacked LSTMs on a series: units of each layer, number of layers, bottleneck widths.

    Examples:

      narrows tune synthetic:narma10 --lookback 12 --trials 10 --epochs 40

      narrows tune sales.csv --target units --time date --features price,promotion --horizon 7

      narrows tune sales.csv -t units --time date --known promotion --calendar weekday,holidays=DE

      narrows tune ETTh1.csv -t OT --time date --horizon 24 --split 8640,2880,2880 --minutes 10

      narrows tune sales.csv -t units --layers 2 --units 16..64 --units 4..32 --bottleneck 0

      narrows tune sales.csv -t units --lookback 14,28,56
    """
    from ..job import Job

    space: dict[str, Any] = {
        "num_layers": layers,
        "units": units,
        "bottleneck": bottleneck,
        "bottleneck_after": bottleneck_after,
        "learning_rate": learning_rate,
        "batch_size": batch_size,
        "dropout": dropout,
        "scaling": scaling,
        "linear": linear,
        "segment": segment,
        "channels": channels,
    }
    job = Job(
        source=source, target=target, time=time, id=id, wide=wide, features=names_of(features),
        known=names_of(known), static=names_of(static), calendar=calendar, missing=missing,
        missing_values=missing_values, categorical=categorical, day_first=day_first, zone=zone, season=season,
        lookback=lookback, horizon=horizon, split=split, levels=levels, folds=folds, space=space, loss=loss,
        clipnorm=clipnorm, algorithm=algorithm, engine=engine, trials=trials, minutes=minutes, epochs=epochs,
        patience=patience, halving=halving, confirm=confirm, seed=seed, max_parameters=max_parameters,
        keep=keep, record=record, cache=cache, cluster=cluster,
    )  # fmt: skip
    search(job, out, quiet=quiet, as_json=as_json)


def names_of(text: str | None) -> str | list[str] | None:
    """Return the columns that an option names: `a,b`, or the word `all`."""
    return text if text in (None, "all") else [name.strip() for name in str(text).split(",")]
