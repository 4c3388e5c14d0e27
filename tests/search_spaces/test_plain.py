"""The one mapper of dataclasses to plain values and back."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any

import numpy as np
import pytest

from narrows.search_spaces.plain import Unreadable, from_json, from_plain, to_json, to_plain
from narrows.search_spaces.trial import Epoch, Status, Trial
from narrows.tuning.series.series import Series


class Side(Enum):
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True)
class Point:
    x: float
    y: float | None = None


@dataclass(frozen=True)
class Held:
    name: str
    side: Side
    first: Point
    points: tuple[Point, ...] = ()
    pairs: tuple[tuple[str, ...], ...] = ()
    last: Point | None = None
    count: int | None = None
    by_name: Mapping[str, float] = field(default_factory=dict)
    free: Mapping[str, Any] | None = None


WHOLE = Held(
    "a",
    Side.RIGHT,
    Point(0.5, 2.0),
    (Point(1.0), Point(2.0, 3.0)),
    (("a", "b"), ()),
    Point(1.0),
    7,
    {"x": 0.1},
    {"on": True, "none": None, "list": [1, 2.5, "x"], "deep": {"rate": 1e-3}},
)


@pytest.mark.parametrize("held", [WHOLE, Held("b", Side.LEFT, Point(1.0))])
def test_all_comes_back_as_it_was(held: Held) -> None:
    assert from_json(Held, to_json(held)) == held
    assert from_plain(Held, to_plain(held)) == held


def test_plain_values_are_dicts_lists_numbers_and_texts() -> None:
    assert to_plain(WHOLE) == {
        "name": "a",
        "side": "right",
        "first": {"x": 0.5, "y": 2.0},
        "points": [{"x": 1.0, "y": None}, {"x": 2.0, "y": 3.0}],
        "pairs": [["a", "b"], []],
        "last": {"x": 1.0, "y": None},
        "count": 7,
        "by_name": {"x": 0.1},
        "free": {"on": True, "none": None, "list": [1, 2.5, "x"], "deep": {"rate": 1e-3}},
    }
    assert to_json(Point(0.5)) == '{"x":0.5,"y":null}'


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_null_and_comes_back_as_the_field_says(odd: float) -> None:
    held = Held("a", Side.LEFT, Point(odd, odd), by_name={"x": odd}, free={"deep": [{"x": odd}, (odd,)]})
    text = to_json(held)
    assert json.loads(text)["first"] == {"x": None, "y": None}
    again = from_json(Held, text)
    assert math.isnan(again.first.x) and again.first.y is None
    assert math.isnan(again.by_name["x"])
    assert again.free == {"deep": [{"x": None}, [None]]}


def test_lists_and_dicts_of_dataclasses_are_mapped_too() -> None:
    epochs = [Epoch(0, 1, math.nan, 0.5, 1e-3, 0.1), Epoch(0, 2, 0.25, 0.5, 1e-3, 0.1)]
    plain = to_plain({"epochs": epochs, "rate": math.inf})
    assert plain["rate"] is None and plain["epochs"][0]["loss"] is None
    assert from_plain(Epoch, plain["epochs"][1]) == epochs[1]


def test_a_trial_comes_back_with_its_status_and_its_units() -> None:
    trial = Trial(3, {"units_1": 8}, epochs=5, status=Status.STOPPED, units=(8,), best_val_loss=0.5)
    again = from_json(Trial, to_json(trial))
    assert again == trial and again.status is Status.STOPPED and again.parent is None


def test_what_is_missing_is_named_and_what_is_unknown_left_out() -> None:
    with pytest.raises(Unreadable, match="'x' is not there"):
        from_plain(Point, {"y": 1.0})
    assert from_plain(Point, {"x": 1, "z": 2}) == Point(1.0)
    with pytest.raises(Unreadable, match="'other' is not a valid Status"):
        from_plain(Trial, {"number": 0, "values": {}, "epochs": 1, "status": "other"})


def test_what_json_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        to_json(Trial(0, {"rate": object()}, epochs=1))


def test_a_series_is_mapped_and_its_arrays_stay() -> None:
    codes = np.array([[0], [1], [-1]], np.int32)
    series = Series(
        "a", ("y",), np.ones((3, 1)), categorical=("kind",), codes=codes, categories=(("p", "q"),), zone="UTC"
    )
    plain = to_plain(series)
    arrays = {name: value for name, value in plain.items() if isinstance(value, np.ndarray)}
    assert sorted(arrays) == ["codes", "starts", "values"]
    about = json.loads(json.dumps({name: value for name, value in plain.items() if name not in arrays}))
    again = from_plain(Series, about | arrays)
    for one in fields(Series):
        assert np.array_equal(getattr(again, one.name), getattr(series, one.name)), one.name
    assert again.digest() == series.digest() and again.categories == (("p", "q"),)
    with pytest.raises(Unreadable, match="'numbers' is no ndarray"):
        from_plain(Series, about | arrays | {"values": "numbers"})


def test_importing_it_loads_neither_numpy_nor_tensorflow() -> None:
    code = "import sys, narrows.search_spaces.plain; print({'numpy', 'keras', 'tensorflow'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
