"""`tune`: a whole tuning job in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ..search_spaces.errors import did_you_mean, raise_all
from ..search_spaces.quiet import load_tensorflow
from ..search_spaces.stack_parts import DEFAULTS
from .job import Job
from .progress import shown_from_python
from .progress.base import Progress
from .run import Run
from .runs.finding import free_folder
from .runs.start import started

if TYPE_CHECKING:
    from .prepared import Prepared
    from .runs.folder import RunFolder

Asked = ParamSpec("Asked")
Given = TypeVar("Given")


def names_checked(function: Callable[Asked, Given]) -> Callable[Asked, Given]:
    """Return `function` that tells an argument it does not have as a `UserError`.

    It keeps its signature, for `help` and for those who check types or complete names: a parameter that takes
    any name would hide a mistake from them.
    """
    known = signature(function).parameters

    @wraps(function)
    def call(*args: Asked.args, **options: Asked.kwargs) -> Given:
        raise_all([_unknown(function.__name__, name, known) for name in options if name not in known])
        return function(*args, **options)

    return call


def _unknown(function: str, name: str, known: Any) -> str:
    if name in DEFAULTS:
        return f"{function} has no option {name!r}, which is a part of the space: space={{{name!r}: ...}}"
    return f"{function} has no option {name!r}{did_you_mean(name, known)}"


@names_checked
def tune(
    source: Any,
    *,
    target: str | Sequence[str] | None = None,
    time: str | Sequence[str] | None = None,
    id: str | None = None,
    wide: str | None = None,
    features: str | Sequence[str] | None = None,
    known: str | Sequence[str] | None = None,
    static: str | Sequence[str] | None = None,
    calendar: str | Sequence[str] | None = None,
    missing: str = "error",
    missing_values: str | float | Sequence[str | float] | None = None,
    categorical: str | Sequence[str] | None = None,
    day_first: bool | None = None,
    zone: str | None = None,
    season: int | None = None,
    lookback: int | str | Sequence[int] | None = None,
    horizon: int = 1,
    split: str = "0.7,0.15,0.15",
    levels: str | None = None,
    folds: int | None = None,
    space: Any = None,
    callbacks: Any = None,
    loss: str = "mse",
    clipnorm: float = 1.0,
    algorithm: str = "tpe",
    engine: str = "fused",
    trials: int = 30,
    minutes: float | None = None,
    epochs: int | None = None,
    patience: int | None = None,
    halving: bool = True,
    confirm: bool = True,
    seed: int = 0,
    max_parameters: int = 5_000_000,
    keep: int = 20,
    record: int = 400,
    cache: bool = True,
    cluster: str | None = None,
    out: str | Path | None = None,
    progress: bool | Progress = True,
) -> Run:
    """Search stacked LSTMs on a series and return the run.

        run = narrows.tune("sales.csv", target="units", time="date", horizon=7, out="runs/sales")
        print(run.best.name, run.best.score)
        print(*run.answer["sentences"], sep="\\n")

    The same call goes on with a run that was interrupted, and more `trials` with one that is finished.

    Args:
        source: path of a CSV or Parquet file, a data frame, arrays, or `synthetic:NAME[,key=value]`.
        target: column or columns to forecast.
        time: column or columns of the time; None takes the rows as they come.
        id: column that tells several series apart.
        wide: of a table that is not one row a time step: columns, one for each series, or rows, one for each.
        features: past features, or `all` remaining columns.
        known: features whose values are known for the rows to forecast: promotions that were decided, prices.
            The lookback is then the horizon at least.
        static: features that have one value in a series, such as its region.
        calendar: features to make of the times: hour, weekday, monthday, yearday, month, and holidays=DE.
        missing: what to do about missing values and gaps: error, ffill, interpolate or drop.
        missing_values: what stands for a missing value beside empty cells and words such as NA: -200, or
            several; `text` is whatever is no number in a column of numbers.
        categorical: features that are categories although they look like numbers.
        day_first: whether 1/2/2020 is the first of February; None where the data tell.
        zone: time zone of the wall clock that times without a zone were read off, `Europe/Berlin`, on which
            days and months are counted.
        season: rows in a season; None infers it from the time.
        lookback: rows a forecast looks back on, or several to search among, `[24, 48]` or "24,48"; None
            takes two seasons, or 24 rows.
        horizon: rows to forecast at once.
        split: fractions, numbers of rows, or first dates of validation and test.
        levels: own: each window of each series is counted in its own size, for series that differ in it; or
            shared: one scaling for all. None takes own where they differ.
        folds: rolling-origin folds that each trial is trained on, the validation part and parts of its length
            before it; its loss is the mean over them. None takes 3 where validation windows are few, else 1.
        space: parts of the space by the names that `StackedLSTM` takes, `{"num_layers": 2, "units": (4, 9)}`;
            those not named are as there. Or a `keras_tuner.HyperModel`, or a function from its
            hyperparameters to a compiled model.
        callbacks: Keras callbacks of every trial: a list, of which each trial gets copies, or a function
            that is given the trial and returns its own. The keras engine trains then.
        loss: mse, mae or huber.
        clipnorm: bound on the norm of the whole gradient; 0 is none.
        algorithm: tpe, random, grid, bayesian or hyperband.
        engine: how trials are trained: fused, or keras for spaces it refuses and to compare with.
        trials: how many trials in all.
        minutes: time budget of one start of the search; None is none. 15 % of it is for `confirm`.
        epochs: most epochs of a trial; None takes 30 for long series to 300 for short ones.
        patience: epochs without a better validation loss that end a trial; 0 is never; None takes 3 for
            long series to 30 for short ones (`defaults`).
        halving: end a trial early that is not among the best third of the trials before it: successive
            halving. Hyperband does that itself.
        confirm: train the best trials again with other seeds before the answer: one for each ten trials, at
            most three, twice each.
        seed: of everything random.
        max_parameters: a larger model is not trained.
        keep: trials whose weights are kept, the best ones.
        record: trials that keep a run of their own in TensorBoard, the best and the newest ones.
        cache: whether compiled programs are kept in the user's cache folder for the next search on the same
            shapes, and taken from there; it changes no result.
        cluster: a Ray cluster to train on: `auto` (the one this machine is in), `ray://HOST:PORT` or
            `HOST:PORT`; `auto,cores=4` has each worker process train four trials. None is this machine alone.
        out: folder of the run; None takes a free one below `runs/`, or the one the same job began.
        progress: True shows it: in one place of a terminal or a notebook, else a line a trial on standard
            error. False shows nothing. Or a display of your own, see `tuning.progress.base`.

    Returns:
        The finished run: `run.best`, `run.trials`, `run.answer`.

    Raises:
        UserError: for anything the user can mend, before the search starts.
    """
    # Names, defaults and words of the options are those of `JobOptions`, which a test sees to: editors show
    # only what is written out here.
    job = Job(
        source, target=target, time=time, id=id, wide=wide, features=features, known=known, static=static,
        calendar=calendar, missing=missing, missing_values=missing_values, categorical=categorical,
        day_first=day_first, zone=zone, season=season, lookback=lookback, horizon=horizon, split=split,
        levels=levels, folds=folds, space={} if space is None else space, callbacks=callbacks, loss=loss,
        clipnorm=clipnorm, algorithm=algorithm, engine=engine, trials=trials, minutes=minutes, epochs=epochs,
        patience=patience, halving=halving, confirm=confirm, seed=seed, max_parameters=max_parameters,
        keep=keep, record=record, cache=cache, cluster=cluster,
    )  # fmt: skip
    display = shown_from_python(progress)
    prepared = job.prepare()
    folder = Path(out) if out else default_folder(job, prepared)
    with started(folder, job.describe(prepared), prepared.series) as run:
        load_tensorflow()
        for told in prepared.windows.notes:
            display.note(told)
        search_into(run, job, prepared, display)
    finished = Run(folder)
    finished.given_space = prepared.space
    return finished


def search_into(run: RunFolder, job: Job, prepared: Prepared, progress: Progress) -> None:
    """Run the search of `job` in `run`, which is held for writing. Imports TensorFlow."""
    from .search import search

    search(job, prepared, run, progress)


def default_folder(job: Job, prepared: Prepared) -> Path:
    """Return `runs/NAME`, or `runs/NAME-2` and so on when another job has it."""
    return free_folder(Path("runs") / prepared.series.name.replace("/", "-"), prepared.identity)
