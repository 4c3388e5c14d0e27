"""`study`: a controlled comparison that says how narrow a layer may be.

A study belongs to a run: it is of the run's data, and what it trains and finds is kept in it. Given data
instead, it goes into the run that `tune` would make of them, whether that has trials or not.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..callbacks.studied import RecordedStudy
from ..search_spaces.errors import UserError
from ..search_spaces.quiet import load_tensorflow
from .api import default_folder, names_checked
from .job import Job
from .runs.start import held, started
from .study_options import StudyOptions

if TYPE_CHECKING:
    from .progress.study import StudyProgress
    from .runs.folder import RunFolder

logger = logging.getLogger(__name__)


@names_checked
def study(
    source: Any,
    *,
    profile: str | Sequence[int] | None = None,
    layer: int | str = "all",
    feature: str | None = None,
    widths: str | Sequence[int] | None = None,
    seeds: int = 8,
    rates: int = 3,
    delta: float = 0.05,
    match: str = "width",
    steps: int = 1000,
    minutes: float | None = None,
    seed: int = 0,
    cache: bool = True,
    cluster: str | None = None,
    target: str | Sequence[str] | None = None,
    time: str | Sequence[str] | None = None,
    id: str | None = None,
    wide: str | None = None,
    features: str | Sequence[str] | None = None,
    known: str | Sequence[str] | None = None,
    static: str | Sequence[str] | None = None,
    calendar: str | Sequence[str] | None = None,
    missing: str | None = None,
    missing_values: str | float | Sequence[str | float] | None = None,
    categorical: str | Sequence[str] | None = None,
    day_first: bool | None = None,
    zone: str | None = None,
    season: int | None = None,
    lookback: int | None = None,
    horizon: int | None = None,
    split: str | None = None,
    levels: str | None = None,
    out: str | Path | None = None,
    progress: bool | StudyProgress = True,
) -> tuple[RecordedStudy, ...]:
    """Find out by trained networks, compared fairly, how narrow a layer may be.

        for one in narrows.study("runs/sales", layer=2):
            print(one.enough, one.sentences)

    Each width gets the learning rate that is best for it, the same seeds, batches and number of steps; their
    losses on the test part are compared seed by seed. What was trained is kept, and the same call goes on
    where an earlier one ended.

    Args:
        source: folder of a run, whose best trial is studied; or data, as for `tune`.
        profile: widths of the network, `32-32`; None takes those of the run's best trial, or 32-32.
        layer: a layer's number from 1, `all` of them in turn, `bottleneck` (one more layer), `depth` or
            `shape` (at equal parameters).
        feature: compare with and without this feature instead.
        widths: units to compare; None is all powers of two up to those of the layer.
        seeds: each width gets half as many where these decide, and twice as many where they do not.
        rates: learning rates each width begins with.
        delta: a loss that is larger by this share at most does not matter.
        match: `width` leaves the other layers as they are, `parameters` widens them as one is narrowed.
        steps: of each training.
        minutes: time budget of one start; None is none.
        seed: of everything random.
        cache: whether compiled programs are kept in the user's cache folder for the next study on the same
            shapes, and taken from there; it changes no result.
        cluster: a Ray cluster to train on: `auto` (the one this machine is in), `ray://HOST:PORT` or
            `HOST:PORT`; `auto,cores=4` has each worker process train four trials. None is this machine alone.
        target, time, id, wide, features, known, static, calendar, missing, missing_values, categorical,
            day_first, zone, season, lookback, horizon, split, levels: of data, as for `tune`.
        out: folder of the run made of data; None is the one `tune` takes.
        progress: True shows it on standard error, False shows nothing.

    Returns:
        What came out, a study for each layer or question: `study.sentences`, `study.arms`.

    Raises:
        UserError: for anything the user can mend, before anything is trained.
    """
    options = StudyOptions(
        profile, layer, feature, widths, seeds, rates, delta, match, steps, minutes, seed, cache, cluster
    )
    data = {
        "target": target, "time": time, "id": id, "wide": wide, "features": features, "known": known,
        "static": static, "calendar": calendar, "missing": missing, "missing_values": missing_values,
        "categorical": categorical, "day_first": day_first, "zone": zone, "season": season,
        "lookback": lookback, "horizon": horizon, "split": split, "levels": levels,
    }  # fmt: skip
    given = {name: value for name, value in data.items() if value is not None}
    return conduct(source, options, given, out, _shown(progress))[1]


def conduct(
    source: Any,
    options: StudyOptions,
    data: dict[str, Any],
    out: str | Path | None,
    progress: StudyProgress,
) -> tuple[Path, tuple[RecordedStudy, ...]]:
    """Do the studies that `options` ask for; see `study`.

    Args:
        source: folder of a run, or data.
        options: of the study.
        data: how to read data, by the names of `tune`; only what was said.
        out: folder of the run made of data.
        progress: what is told of it.

    Returns:
        The folder of the run, and the studies.
    """
    options.check()
    if is_run(source):
        if given := [*data, *(["out"] if out else [])]:
            raise UserError(
                f"{source} is a run, which knows its data: leave out {', '.join(given)}, or name the data"
            )
        with held(source) as run:
            return run.folder, _conducted(run, options, progress)
    # Its networks are compared on the same windows by several seeds.
    job = Job(source, **data, folds=1)
    prepared = job.prepare()
    folder = Path(out) if out else default_folder(job, prepared)
    with started(folder, job.describe(prepared), prepared.series) as run:
        return folder, _conducted(run, options, progress)


def is_run(source: Any) -> bool:
    """Return whether `source` is the folder of a run; a folder that is none is told as such later."""
    return isinstance(source, str | Path) and Path(source).is_dir()


def _conducted(run: RunFolder, options: StudyOptions, progress: StudyProgress) -> tuple[RecordedStudy, ...]:
    until = math.inf if options.minutes is None else time.monotonic() + 60 * options.minutes
    logger.info("study of %s with %s", run.job["source"], options)
    load_tensorflow()
    from ..callbacks.tab_record import TabRecord
    from .studies.studying import studied

    try:
        return studied(run, options, progress, until)
    finally:
        # Also after Ctrl-C: of several studies some may have ended.
        if run.studies:
            run.store.check_there()  # else a folder that was removed would be made anew
            TabRecord(run.paths.tensorboard, run.recorded()).close()


def _shown(progress: bool | StudyProgress) -> StudyProgress:
    from .progress.study import StudyProgress, shown_from_python

    return progress if isinstance(progress, StudyProgress) else shown_from_python(bool(progress))
