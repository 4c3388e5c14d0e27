"""How a `Narrowing` is mapped to plain values: as everything is (`search_spaces.plain`), but shorter.

Floats are rounded to four digits. An `Estimate` is a list of its four numbers; a field that is None is left
out. Measures stand under their names, and measures that are not known are left out when they are read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override

from ...search_spaces.plain import CONVERTER
from .estimate import Estimate
from .measures import Measure, kinds

Measures = Mapping[str, Measure]


def _rounded(value: float) -> float | None:
    return float(f"{value:.4g}") if math.isfinite(value) else None


def _estimate(estimate: Estimate) -> list[float | None]:
    return [_rounded(number) for number in (estimate.value, estimate.low, estimate.high, estimate.null)]


def _from_estimate(plain: list[float | None], _: Any) -> Estimate:
    return Estimate(*NARROWING.structure(plain, tuple[float, float, float, float]))


def _measures(measures: Measures) -> dict[str, Any]:
    return {name: NARROWING.unstructure(measure) for name, measure in measures.items()}


def _from_measures(plain: Mapping[str, Any], _: Any) -> dict[str, Measure]:
    known = kinds()
    return {name: NARROWING.structure(item, known[name]) for name, item in plain.items() if name in known}


def _without_nones(kind: type, converter: Converter) -> Callable[[Any], dict[str, Any]]:
    absent: dict[str, Any] = {
        one.name: override(omit_if_default=True) for one in fields(kind) if one.default is None
    }
    return make_dict_unstructure_fn(kind, converter, **absent)


def _converter() -> Converter:
    converter = CONVERTER.copy()
    converter.register_unstructure_hook(float, _rounded)
    converter.register_unstructure_hook_factory(is_dataclass, _without_nones)
    converter.register_unstructure_hook(Estimate, _estimate)
    converter.register_structure_hook(Estimate, _from_estimate)
    converter.register_unstructure_hook_func(lambda kind: kind == Measures, _measures)
    converter.register_structure_hook_func(lambda kind: kind == Measures, _from_measures)
    return converter


NARROWING = _converter()
