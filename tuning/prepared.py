"""A job whose data were read: windows, what the data decided, and what the job has in common with others.

Two jobs have the same identity exactly if one may go on with the run of the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..search_spaces.stack_parts import RULES, check_segments
from . import algorithms
from .defaults import (
    default_epochs,
    default_lookback,
    default_patience,
    default_rung,
    default_segments,
    in_own_size,
    linear_lookback,
    older_folds_of,
)
from .job_data import read_data, said_of
from .job_options import JobOptions
from .series.series import Series
from .series.shaped import shaped
from .series.windows import Windows

if TYPE_CHECKING:
    from ..search_spaces.parts import Part
    from ..search_spaces.space import Space

BATCH_SIZE = 32
"""Of `model.fit` for a HyperModel that says nothing, which is only asked how long an epoch is."""


@dataclass(frozen=True)
class Prepared:
    """A job whose data were read.

    Args:
        series: the data.
        windows: cut and scaled as the job says.
        epochs: most epochs of a trial.
        patience: epochs without a better validation loss that end a trial; 0 is never.
        rung: epoch after which successive halving first ends trials; 0 is never.
        identity: JSON-able; equal for jobs that may continue each other.
        parts: of the space; none where it is the user's own.
        space: what builds the models, where it is the user's own; else None.
        older: windows of the folds before the newest one, which is `windows`; the later ones first.
    """

    series: Series
    windows: Windows
    epochs: int
    patience: int
    rung: int
    identity: dict[str, Any]
    parts: Mapping[str, Part]
    space: Space | None = None
    older: tuple[Windows, ...] = ()


def prepare(job: JobOptions, parts: Mapping[str, Part] | None, lookbacks: Sequence[int]) -> Prepared:
    """Read the data of a job and cut the windows.

    Args:
        job: checked.
        parts: of its space; None for a space of the user's own.
        lookbacks: asked for; none when the data decide.

    Raises:
        UserError: for anything the user can mend.
    """
    series = read_data(job)
    parts = parts or {}
    asked = [*lookbacks, *(parts["lookback"].ends if "lookback" in parts else ())]
    lookback = max(map(int, asked)) if asked else default_lookback(series, job.horizon)
    windows = Windows(series, lookback, job.horizon, job.split)
    windows.refuse_short(min(map(int, asked or [lookback])))
    windows = in_own_size(windows, job.levels, parts)
    if isinstance(job.space, Mapping):
        parts = {**parts, **unsaid_parts(job, series, asked or [lookback])}
    check_segments(parts, lookback)
    if not asked and "linear" in parts:
        # The linear forecast chooses its own past; the LSTM reads the newest rows of it.
        windows = windows.cut(lookback=linear_lookback(windows), own=windows.own is not None)
    if windows.lookback > lookback and "lookback" not in parts:
        parts = {**parts, "lookback": RULES["lookback"].read(lookback)}
    # Of several batch sizes the smallest has the most steps, and so the least need of patience.
    batch_size = int(parts["batch_size"].ends[0]) if parts else BATCH_SIZE
    epochs = default_epochs(windows, batch_size) if job.epochs is None else job.epochs
    patience = default_patience(windows, batch_size) if job.patience is None else job.patience
    rung = _rung(job, windows, int(parts["batch_size"].ends[1]) if parts else BATCH_SIZE)
    own = own_space(job.space, windows)
    older = older_folds_of(windows, job.folds)
    ends = {"epochs": epochs, "patience": patience, "rung": rung, "folds": 1 + len(older)}
    identity = identity_of(job, parts, series, windows, own) | ends
    return Prepared(series, windows, epochs, patience, rung, identity, parts, own, older)


def unsaid_parts(job: JobOptions, series: Series, lookbacks: Sequence[int]) -> dict[str, Part]:
    """Return what is searched of those parts of a stacked LSTM of which nothing was said.

    Of built-in series each is as in `DEFAULTS`: most of them are linear in their window, so that a linear
    forecast would solve them whatever the widths, and a study of widths is what they are for.

    Args:
        job: checked.
        series: its data.
        lookbacks: rows that stacks read.
    """
    if isinstance(job.source, str) and job.source.startswith("synthetic:"):
        return {}
    found: dict[str, list[Any]] = {
        "linear": ["none", "ridge"],
        "segment": default_segments(series, lookbacks),
        "channels": ["together", "apart"] if len(series.targets) > 1 else ["together"],
    }
    return {
        name: RULES[name].read(options)
        for name, options in found.items()
        if job.space.get(name) is None and len(options) > 1
    }


def _rung(job: JobOptions, windows: Windows, batch_size: int) -> int:
    """Return the first rung of a job; the largest `batch_size` has the fewest steps, and so learns last."""
    wanted = job.halving and not algorithms.halves(job.algorithm)
    return default_rung(windows, batch_size) if wanted else 0


def own_space(given: Any, windows: Windows) -> Space | None:
    """Return the space of a job where its models are not those of a `StackedLSTM`; imports Keras for it.

    Raises:
        UserError: when what was given is no space, or its models do not fit the windows.
    """
    if isinstance(given, Mapping):
        return None
    from ..search_spaces.own_space import as_space, check_shapes

    space = as_space(given)
    if space.is_stack:
        return None
    space = shaped(space, windows)
    check_shapes(space, windows.input_names, windows.output_shape)
    return space


def identity_of(
    job: JobOptions, parts: Mapping[str, Part], series: Series, windows: Windows, own: Space | None
) -> dict[str, Any]:
    """Return the identity of a job, JSON-able.

    Args:
        job: checked.
        parts: of its space, see `Job.parts`.
        series: its data.
        windows: cut as it says.
        own: from `own_space`.
    """
    return {
        "data": series.digest(),
        "targets": list(series.targets),
        "features": [*series.features, *series.categorical],
        "conventions": said_of(job),
        "lookback": windows.lookback,
        "horizon": windows.horizon,
        "split": job.split,
        "levels": "shared" if windows.own is None else "own",
        "space": _space(parts, own),
        "callbacks": _callbacks(job.callbacks),
        "loss": own.loss_name() if own else getattr(job.space, "loss", job.loss),
        "clipnorm": getattr(job.space, "clipnorm", job.clipnorm),
        "algorithm": job.algorithm,
        "seed": job.seed,
        "max_parameters": job.max_parameters,
    }


def _space(parts: Mapping[str, Part], own: Space | None) -> dict[str, Any]:
    if own is None:
        return {name: str(part) for name, part in parts.items()}
    from ..search_spaces import identity

    return identity.identity_of(own)


def _callbacks(given: Any) -> str | None:
    if not given:
        return None
    from ..search_spaces.identity import source_digest

    return f"code {source_digest(given)}"
