"""What was asked of a run: which network, which questions, on which windows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from ...search_spaces.profile import Profile
from ...search_spaces.reading import Reading
from ...search_spaces.stack_parts import UNSAID
from ..series.reading.selection import select_columns
from ..series.windows import Windows
from . import question as questions
from .losses import spread_of

if TYPE_CHECKING:
    from ..runs.folder import RunFolder

DEFAULT_PROFILE = Profile((32, 32))
BATCH_SIZE = 32
SHARED = ("batch_size", "dropout", "scaling", "linear", "lookback", "segment", "channels")
"""Hyperparameters that all networks of a study have from the best trial."""
WIDEST: dict[str, Any] = {"num_layers": (1, 12), "units": (1, 4096), "bottleneck": 0}


class Asked(Protocol):
    """What is read of `study_options.StudyOptions`, which stands above this."""

    @property
    def feature(self) -> str | None: ...
    @property
    def seeds(self) -> int: ...
    @property
    def rates(self) -> int: ...
    @property
    def delta(self) -> float: ...
    @property
    def match(self) -> str: ...
    @property
    def steps(self) -> int: ...
    @property
    def seed(self) -> int: ...
    @property
    def cache(self) -> bool: ...
    @property
    def cluster(self) -> str | None: ...

    def units(self) -> Profile | None: ...
    def tried(self) -> list[int]: ...
    def asked(self) -> int | str: ...


def network_of(run: RunFolder, asked: Profile | None) -> tuple[Profile, dict[str, Any]]:
    """Return the widths of the network that is studied, and the hyperparameters that all networks share.

    They are those of the best trial; without one the scaling is the one whose constant forecast, the last
    value or the mean, is the better one on validation.
    """
    best = run.best
    if best is not None:
        shared = {name: best.values[name] for name in SHARED if name in best.values}
        return asked or Profile(best.units), shared
    mean, last = spread_of(run.job["identity"]["loss"], run.windows, "validation")
    scaling = "last" if last < mean else "standard"
    return asked or DEFAULT_PROFILE, {"batch_size": BATCH_SIZE, "dropout": 0.0, "scaling": scaling}


def given_of(identity: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the space that all networks share.

    Args:
        identity: of the job of the run.
        values: of `network_of`.
    """
    unsaid = {name: values[name] for name in UNSAID if name in values}
    return {"loss": identity["loss"], "clipnorm": identity["clipnorm"], **WIDEST, **unsaid}


def reading_of(values: Mapping[str, Any], windows: Windows) -> Reading:
    """Return how networks with these hyperparameters read windows."""
    return Reading.of(values, windows.input_shape, windows.output_shape)


def shared_by(values: Mapping[str, Any], reading: Reading) -> str:
    """Return what these networks have that a plain stack has not, in words; empty where there is nothing."""
    found = {
        "each adds to a linear forecast": values.get("linear", "none") != "none",
        f"{reading.segment} rows a step": reading.segment > 1,
        "one network for all targets, each by itself": reading.apart,
    }
    return ", ".join(told for told, holds in found.items() if holds)


def asked_of(run: RunFolder, options: Asked, profile: Profile, reading: Reading) -> list[questions.Question]:
    """Return the questions that were asked.

    Args:
        run: with the data.
        options: checked.
        profile: of the network that is studied.
        reading: of it.

    Raises:
        UserError: when the run has no such layer or feature.
    """
    widths, layer = options.tried(), options.asked()
    size = questions.Size.of(profile, reading.width, reading.outputs)
    if options.feature is not None:
        series = run.windows.series
        return [questions.of_feature(profile, options.feature, (*series.features, *series.categorical))]
    if layer == "depth":
        return [questions.of_depth(profile, size)]
    if layer == "shape":
        return [questions.of_shape(profile, size)]
    if layer == "bottleneck":
        return [questions.of_bottleneck(profile, widths)]
    layers = range(1, profile.num_layers + 1) if layer == "all" else [int(layer)]
    matched = size if options.match == "parameters" else None
    return [questions.of_layer(profile, one, widths, matched) for one in layers]


def windows_without(run: RunFolder, feature: str) -> Windows:
    """Return the windows of a run, without a feature where one is named."""
    if not feature:
        return run.windows
    names = [name for name in (*run.series.features, *run.series.categorical) if name != feature]
    return run.windows.cut(series=select_columns(run.series, None, names))


def left_out(question: questions.Question) -> list[str]:
    """Return the features that contenders are not given; empty for one that is given all."""
    return list(dict.fromkeys(one.without for one in question.contenders))
