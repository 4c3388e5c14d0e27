"""The studies that were asked for, one after the other, in a run that is held for writing."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from ...callbacks.studied import RecordedStudy
from ...callbacks.tab_record import TabRecord
from ...search_spaces.errors import UserError
from ...search_spaces.plain import to_json
from ...search_spaces.profile import Profile
from ..series.windows import Windows
from . import question as questions
from .conduct import Shows, Study, spread_of
from .paired import looks
from .result import About, recorded
from .seen import Terms
from .trainer import Budget, Trainer

if TYPE_CHECKING:
    from ..runs.folder import RunFolder
    from ..series.series import Series

DEFAULT_PROFILE = Profile((32, 32))
BATCH_SIZE = 32
SHARED = ("batch_size", "dropout", "scaling", "lookback")
"""Hyperparameters that all networks of a study have from the best trial."""
WIDEST: dict[str, Any] = {"num_layers": (1, 12), "units": (1, 4096), "bottleneck": 0}


class Asked(Protocol):
    """What is read of `study_options.StudyOptions`, which stands above this."""

    feature: str | None
    seeds: int
    rates: int
    delta: float
    match: str
    steps: int
    seed: int

    def units(self) -> Profile | None: ...
    def tried(self) -> list[int]: ...
    def asked(self) -> int | str: ...


class Display(Shows, Protocol):
    """What is told of studies while they go on."""

    def begins(self, title: str) -> None:
        """Called when a study begins."""

    def ended(self, study: RecordedStudy) -> None:
        """Called when a study ended."""

    def finished(self) -> None:
        """Called last, however it ended."""


def studied(
    run: RunFolder, options: Asked, display: Display, until: float = math.inf, engine: str = "fused"
) -> tuple[RecordedStudy, ...]:
    """Do the studies that `options` ask for; keep each in the run, its record included.

    Args:
        run: held for writing.
        options: checked.
        display: is told how far it is.
        until: of `time.monotonic`.
        engine: that trains.
    """
    identity = run.job["identity"]
    if "source" in identity["space"]:
        raise UserError(
            f"a study varies the layers of a stacked LSTM, and {run.folder} searched a space of your own"
        )
    profile, values = network_of(run, options.units())
    asked = asked_of(run, options, profile)
    given = {"loss": identity["loss"], "clipnorm": identity["clipnorm"], **WIDEST}
    batch_size = int(values["batch_size"])
    # All networks get as many steps, also those that are not given a feature.
    budget = Budget.of(options.steps, run.windows, batch_size)

    @cache
    def trainer(without: str) -> Trainer:
        windows = windows_without(run, without)
        apart = f"without {without}" if without else ""
        return Trainer(run, windows, given, budget, engine, apart)

    found = []
    try:
        for question in asked:
            display.begins(question.title)
            spread = min(spread_of(identity["loss"], run.windows, "test"))
            terms = Terms(question, looks(options.seeds), options.rates, options.delta, spread)
            conducted = Study(terms, values, trainer, options.seed).conduct(display, until)
            about = About(
                profile=str(profile),
                loss=identity["loss"],
                steps=budget.epochs * budget.steps,
                seeds=options.seeds,
                windows=len(run.windows.parts["test"]),
                inputs={one: windows_without(run, one).input_shape[1] for one in _left_out(question)},
                outputs=math.prod(run.windows.output_shape),
            )
            study = recorded(conducted, about)
            run.store.set_study(study.name, to_json(study))
            display.ended(study)
            found.append(study)
    finally:
        display.finished()
        if found:
            TabRecord(run.paths.tensorboard, run.recorded()).close()
    return tuple(found)


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


def asked_of(run: RunFolder, options: Asked, profile: Profile) -> list[questions.Question]:
    """Return the questions that were asked.

    Raises:
        UserError: when the run has no such layer or feature.
    """
    widths, layer = options.tried(), options.asked()
    outputs = math.prod(run.windows.output_shape)
    size = questions.Size.of(profile, run.windows.input_shape[1], outputs)
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
    identity = run.job["identity"]
    series = _without(run.series, feature)
    return Windows(series, identity["lookback"], identity["horizon"], identity["split"])


def _without(series: Series, feature: str) -> Series:
    if feature in series.features:
        keep = [n for n, name in enumerate(series.columns) if name != feature]
        features = tuple(name for name in series.features if name != feature)
        return replace(series, values=series.values[:, keep], features=features)
    keep = [n for n, name in enumerate(series.categorical) if name != feature]
    return replace(
        series,
        codes=series.codes[:, keep],
        categories=tuple(series.categories[n] for n in keep),
        categorical=tuple(series.categorical[n] for n in keep),
    )


def _left_out(question: questions.Question) -> list[str]:
    return list(dict.fromkeys(one.without for one in question.contenders))
