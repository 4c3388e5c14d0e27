"""The columns of the HParams dashboard, for spaces of every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras_tuner
import numpy as np
import pytest

from narrows.callbacks.hparams import Column, columns
from narrows.search_spaces import StackedLSTM


def _columns(declare: Callable[[keras_tuner.HyperParameters], Any]) -> dict[str, Column]:
    hp = keras_tuner.HyperParameters()
    declare(hp)
    return {column.name: column for column in columns(hp)}


def _domain(column: Column) -> tuple[float, float] | list[Any]:
    """An interval as a pair, options as a list."""
    info = column.info
    if info.HasField("domain_interval"):
        return info.domain_interval.min_value, info.domain_interval.max_value
    return list(info.domain_discrete)


def _under(switch: bool, declare: Callable[[keras_tuner.HyperParameters], Any]) -> Callable[..., None]:
    """Declare `switch` and, only where it is on, what `declare` declares."""

    def declared(hp: keras_tuner.HyperParameters) -> None:
        hp.Boolean("switch", default=True) if switch else hp.Fixed("switch", True)
        with hp.conditional_scope("switch", [True]):
            declare(hp)

    return declared


TABLE = {
    "integers are an interval": (lambda hp: hp.Int("x", 4, 128), (4, 128), True),
    "floats are an interval": (lambda hp: hp.Float("x", 1e-4, 1e-2, sampling="log"), (1e-4, 1e-2), True),
    "a few numbers are options, in order": (lambda hp: hp.Choice("x", [32, 8, 16]), [8, 16, 32], True),
    "nine numbers are options": (lambda hp: hp.Choice("x", list(range(1, 10))), [*range(1, 10)], True),
    "ten numbers are an interval": (lambda hp: hp.Choice("x", list(range(1, 11))), (1, 10), True),
    "texts keep their order": (lambda hp: hp.Choice("x", ["tanh", "relu"]), ["tanh", "relu"], True),
    "many texts are options": (
        lambda hp: hp.Choice("x", [f"o{i}" for i in range(12)]),
        [f"o{i}" for i in range(12)],
        True,
    ),
    "truth values are texts": (lambda hp: hp.Boolean("x"), ["True", "False"], True),
    "a fixed number does not differ": (lambda hp: hp.Fixed("x", 32), [32], False),
    "a fixed text does not differ": (lambda hp: hp.Fixed("x", "last"), ["last"], False),
    "a fixed truth value does not differ": (lambda hp: hp.Fixed("x", True), ["True"], False),
    "a range of one number does not differ": (lambda hp: hp.Int("x", 8, 8), [8], False),
    "conditional integers begin at 0": (_under(True, lambda hp: hp.Int("x", 4, 64)), (0, 64), True),
    "conditional options have 0": (_under(True, lambda hp: hp.Choice("x", [16, 8])), [0, 8, 16], True),
    "conditional texts have none": (
        _under(True, lambda hp: hp.Choice("x", ["a", "b"])),
        ["none", "a", "b"],
        True,
    ),
    "conditional truth values have none": (
        _under(True, lambda hp: hp.Boolean("x")),
        ["none", "True", "False"],
        True,
    ),
    "what is fixed where it exists differs": (_under(True, lambda hp: hp.Fixed("x", 64)), [0, 64], True),
    "a condition that always holds is none": (_under(False, lambda hp: hp.Int("x", 4, 64)), (4, 64), True),
}


@pytest.mark.parametrize(("declare", "domain", "differs"), TABLE.values(), ids=TABLE.keys())
def test_domain_is_what_a_trial_may_record(declare: Any, domain: Any, differs: bool) -> None:
    column = _columns(declare)["x"]
    assert _domain(column) == domain
    assert column.info.differs is differs


def test_one_name_under_several_conditions_is_one_column_with_all_values() -> None:
    def declare(hp: keras_tuner.HyperParameters) -> None:
        hp.Choice("cell", ["small", "large"])
        with hp.conditional_scope("cell", ["small"]):
            hp.Int("units", 4, 16)
        with hp.conditional_scope("cell", ["large"]):
            hp.Int("units", 64, 256)

    found = _columns(declare)
    assert list(found) == ["cell", "units"]
    assert _domain(found["units"]) == (0, 256)
    assert found["units"].info.description == (
        "4 to 16, linear scale or 64 to 256, linear scale; 0 where it does not exist"
    )


def test_a_first_layer_always_exists_and_a_second_may_not() -> None:
    found = {c.name: c for c in columns(StackedLSTM(num_layers=(1, 3), units=(4, 128)).hyperparameters())}
    assert _domain(found["units_1"]) == (4, 128)
    assert _domain(found["units_2"]) == (0, 128)
    assert found["units_1"].info.description == "4 to 128, log scale"
    assert found["units_2"].info.description == "4 to 128, log scale; 0 where it does not exist"


def test_fixed_depth_has_no_absent_layers() -> None:
    found = {c.name: c for c in columns(StackedLSTM(num_layers=2, units=[64, (4, 32)]).hyperparameters())}
    assert _domain(found["num_layers"]) == [2]
    assert _domain(found["units_1"]) == [64]
    assert _domain(found["units_2"]) == (4, 32)
    assert not found["num_layers"].info.differs and not found["units_1"].info.differs


def test_inner_names_sort_as_the_space_declares_and_the_user_sees_the_names() -> None:
    space = StackedLSTM(num_layers=(1, 12))
    found = columns(space.hyperparameters())
    inner = [column.info.name for column in found]
    assert inner == sorted(inner)
    assert [column.info.display_name for column in found] == list(space.parts)


@pytest.mark.parametrize(
    ("value", "recorded"),
    [(8, 8.0), (np.int64(8), 8.0), (np.float32(0.5), 0.5), (0, 0.0), (None, 0)],
)
def test_numbers_of_any_kind_are_recorded_as_numbers(value: Any, recorded: float) -> None:
    column = _columns(lambda hp: hp.Float("x", 0.0, 16.0))["x"]
    found = column.recorded({} if value is None else {"x": value})
    assert found == recorded
    assert type(found) in (int, float)


@pytest.mark.parametrize(
    ("values", "recorded"), [({"x": True}, "True"), ({"x": np.bool_(False)}, "False"), ({}, "none")]
)
def test_truth_values_are_recorded_as_texts(values: Any, recorded: str) -> None:
    assert _columns(_under(True, lambda hp: hp.Boolean("x")))["x"].recorded(values) == recorded
