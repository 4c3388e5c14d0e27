"""The HParams dashboard of TensorBoard: one column for each hyperparameter, with its true domain.

The dashboard sorts its columns by (not differs, name) and shows the first five, so every column has
an inner name that begins with its place in the space (`02 units_1`) and shows the user's own name.

Parallel coordinates leave out, without a word, every trial that lacks a value in a shown column.
Therefore each trial has a value in each column: what does not exist in it (the units of a third
layer, when there are two) is 0, or `none` for texts, and the domain says so. The domains have no
place for a log scale; the description tells it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

from .events import Value
from .recorded import Declared

if TYPE_CHECKING:
    import keras_tuner
    from keras_tuner.engine.hyperparameters import HyperParameter

ABSENT: dict[bool, float | str] = {True: 0, False: "none"}
"""What stands for "not in this trial" in a column of numbers (True) or of texts (False)."""

MOST_OPTIONS = 9
"""From ten options on, the dashboard filters by regular expression, and fails on numbers."""


@dataclass(frozen=True)
class Column:
    """One hyperparameter as the dashboard knows it.

    Args:
        name: the user's name of it.
        numeric: whether values are numbers; everything else, truth values included, is text.
        info: the declaration.
    """

    name: str
    numeric: bool
    info: api_pb2.HParamInfo

    def recorded(self, values: Mapping[str, Any]) -> float | str:
        """Return what stands in this column for a trial with these active `values`."""
        value = values.get(self.name)
        if value is None:
            return ABSENT[self.numeric]
        return float(value) if self.numeric else str(value)


def columns(hyperparameters: keras_tuner.HyperParameters) -> tuple[Column, ...]:
    """Return one column for each name, in the order in which the space declares them.

    A name that is declared several times under different conditions is one column.
    """
    declared = _variants(hyperparameters)
    digits = len(str(len(declared)))
    return tuple(
        _column(name, f"{place:0{digits}d} {name}", variants, _always_exists(variants, declared))
        for place, (name, variants) in enumerate(declared.items(), start=1)
    )


def _variants(hyperparameters: keras_tuner.HyperParameters) -> dict[str, list[HyperParameter]]:
    """Return the declarations of each name, in the order of the space."""
    found: dict[str, list[HyperParameter]] = {}
    for hyperparameter in hyperparameters.space:
        found.setdefault(hyperparameter.name, []).append(hyperparameter)
    return found


def _column(name: str, inner_name: str, variants: Sequence[HyperParameter], always: bool) -> Column:
    points = [point for variant in variants for point in _points(variant)]
    numeric = all(_is_number(point) for point in points)
    recorded = points if numeric else [str(point) for point in points]
    options = list(dict.fromkeys(recorded if always else [ABSENT[numeric], *recorded]))
    info = api_pb2.HParamInfo(
        name=inner_name,
        display_name=name,
        description=_description(variants)
        + ("" if always else f"; {ABSENT[numeric]} where it does not exist"),
        type=api_pb2.DATA_TYPE_FLOAT64 if numeric else api_pb2.DATA_TYPE_STRING,
        differs=len(options) > 1,
    )
    ranged = any(_is_range(variant) for variant in variants)
    if numeric and len(options) > 1 and (ranged or len(options) > MOST_OPTIONS):
        info.domain_interval.min_value = min(options)
        info.domain_interval.max_value = max(options)
    else:
        info.domain_discrete.extend(sorted(options) if numeric else options)
    return Column(name, numeric, info)


def _always_exists(
    variants: Sequence[HyperParameter], declared: Mapping[str, Sequence[HyperParameter]]
) -> bool:
    """Whether every trial has a value: where a condition always holds, as "at least one layer" does."""
    return any(all(_always_holds(condition, declared) for condition in v.conditions) for v in variants)


def _always_holds(condition: Any, declared: Mapping[str, Sequence[HyperParameter]]) -> bool:
    parents = declared.get(condition.name, ())
    return bool(parents) and all(
        not parent.conditions and set(_options(parent)) <= set(condition.values) for parent in parents
    )


def _options(hyperparameter: HyperParameter) -> Iterable[Any]:
    """Every value of a hyperparameter; for a range of floats a value that no condition names."""
    if not _is_range(hyperparameter):
        return hyperparameter.values
    low, high = hyperparameter.min_value, hyperparameter.max_value
    return range(low, high + 1) if isinstance(low, int) else (math.nan,)


def _is_range(hyperparameter: HyperParameter) -> bool:
    return hasattr(hyperparameter, "min_value")


def _points(hyperparameter: HyperParameter) -> tuple[Any, ...]:
    """The options of a hyperparameter, or the two ends of its range."""
    if _is_range(hyperparameter):
        return hyperparameter.min_value, hyperparameter.max_value
    return tuple(hyperparameter.values)


def _description(variants: Sequence[HyperParameter]) -> str:
    parts = [
        f"{variant.min_value:g} to {variant.max_value:g}, {variant.sampling} scale"
        if _is_range(variant)
        else ", ".join(map(str, variant.values))
        for variant in variants
    ]
    return " or ".join(dict.fromkeys(parts))


def declared(hyperparameters: keras_tuner.HyperParameters) -> tuple[Declared, ...]:
    """Return what pictures must know of each hyperparameter, in the order of the space."""
    variants = _variants(hyperparameters)
    return tuple(
        Declared(
            column.name,
            numeric=column.numeric,
            log=any(getattr(one, "sampling", None) == "log" for one in variants[column.name]),
            fixed=not column.info.differs,
            always=_always_exists(variants[column.name], variants),
            **_values(variants[column.name]),
        )
        for column in columns(hyperparameters)
    )


def _values(variants: Sequence[HyperParameter]) -> dict[str, Any]:
    """Return what `Declared` says of the values of a name: an interval that holds them all, or options."""
    points = [point for variant in variants for point in _points(variant)]
    ranges = [variant for variant in variants if _is_range(variant)]
    if not ranges or not all(_is_number(point) for point in points):
        return {"options": tuple(dict.fromkeys(points))}
    whole = all(isinstance(point, int) for point in points)
    even = len(variants) == 1 and ranges[0].sampling == "linear" and ranges[0].step not in (None, 1)
    step = ranges[0].step if even else None
    return {"low": min(points), "high": max(points), "whole": whole, "step": step}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def experiment(of: Sequence[Column], metrics: Mapping[str, str]) -> Value:
    """Return the declaration of the dashboard's columns.

    TensorBoard uses one of those below its folder and does not say which, so that all must be equal.

    Args:
        of: the hyperparameters.
        metrics: scalar tags, in the order of their columns, and what they mean. The last value of
            a scalar is shown.
    """
    found = api_pb2.Experiment(hparam_infos=[column.info for column in of])
    for tag, meaning in metrics.items():
        found.metric_infos.add(name=api_pb2.MetricName(tag=tag), description=meaning)
    return _value(metadata.EXPERIMENT_TAG, experiment=found)


def session_start(of: Sequence[Column], values: Mapping[str, Any], start_secs: float) -> Value:
    """Return the hyperparameters of one trial; what is written first to a run directory stays.

    It names no group: TensorBoard shows the mean of a group, and trials of one name in different searches
    below its folder are not one trial. Without one the directory is the name.
    """
    info = plugin_data_pb2.SessionStartInfo(start_time_secs=start_secs)
    for column in of:
        recorded = column.recorded(values)
        if isinstance(recorded, str):
            info.hparams[column.info.name].string_value = recorded
        else:
            info.hparams[column.info.name].number_value = recorded
    return _value(metadata.SESSION_START_INFO_TAG, session_start_info=info)


def session_end(succeeded: bool, end_secs: float) -> Value:
    """Return how one trial ended; what is written first to a run directory stays."""
    status = api_pb2.STATUS_SUCCESS if succeeded else api_pb2.STATUS_FAILURE
    info = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=end_secs)
    return _value(metadata.SESSION_END_INFO_TAG, session_end_info=info)


def _value(tag: str, **data: Any) -> Value:
    """The dashboard reads the metadata; the tensor is empty."""
    content = plugin_data_pb2.HParamsPluginData(**data)
    return Value(tag=tag, metadata=metadata.create_summary_metadata(content), tensor=metadata.NULL_TENSOR)
