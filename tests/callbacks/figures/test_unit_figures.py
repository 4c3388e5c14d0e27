"""What the picture of a unit promises: states and gates beside the series, and where a state comes again."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from narrows.callbacks.figures import NothingToShow, draw
from narrows.callbacks.figures._units import LIKE, Chosen, again, beside
from narrows.callbacks.figures.unit import life
from narrows.callbacks.recorded import RecordedSearch
from narrows.callbacks.unit_page import unit_page
from narrows.callbacks.unit_record import Packed, UnitLayer, UnitRecord
from narrows.search_spaces.plain import Unreadable, from_json, to_json

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def search(make_search):
    return make_search(12)


@pytest.fixture(scope="module")
def record(make_units):
    return make_units()


def page_of(search, **asked):
    return unit_page(search, search.best, asked)


def with_states(record, h):
    """The record with these states, (windows, steps, units), as its only layer."""
    same = Packed.of(np.asarray(h, float))
    return replace(record, layers=(UnitLayer(np.shape(h)[2], *(same,) * 5),))


def test_the_picture_opens_with_the_two_units_that_are_most_alike_where_the_error_is_largest(record):
    chosen = Chosen.of(record, {})
    assert (chosen.layer, chosen.unit, chosen.other) in [(1, 0, 3), (2, 0, 2)], "mirror images are alike"
    assert record.windows[chosen.window].why == "largest error"
    assert chosen.step == len(record.steps) - 1, "as the forecast is made"
    assert not chosen.gates


def test_states_of_both_units_stand_below_the_series_over_the_same_time(record):
    chosen = Chosen.of(record, {"layer": 1, "unit": 0, "other": 3, "window": 1})
    figure, window = life(record, chosen), record.windows[1]
    named = {trace.name: trace for trace in figure.data}
    assert list(named) == ["forecast", "truth", "unit 0", "unit 3"]
    assert named["truth"].y == window.actual and named["forecast"].y == window.forecast
    assert named["truth"].x[: record.past] == named["unit 0"].x == named["unit 3"].x
    assert named["forecast"].x == window.times[record.past :]
    own, other = (np.array(named[f"unit {unit}"].y) for unit in (0, 3))
    np.testing.assert_allclose(own, record.values(1, "h")[1, :, 0], atol=1e-4)
    np.testing.assert_allclose(own, -other, atol=0.01)
    assert named["unit 3"].line.dash == "dot", "or one would hide the other"
    assert named["unit 0"].customdata == tuple(f"step/{place}" for place in range(12))
    assert named["truth"].customdata[:13] == (*named["unit 0"].customdata, "")


def test_gates_and_memory_are_drawn_where_they_are_asked_for(record):
    figure = life(record, Chosen.of(record, {"layer": 1, "unit": 2, "gates": 1}))
    named = {trace.name: trace for trace in figure.data}
    assert {"written", "remembered", "handed on", "memory of unit 2"} <= set(named)
    for name, kind in (("written", "i"), ("remembered", "f"), ("handed on", "o"), ("memory of unit 2", "c")):
        np.testing.assert_allclose(named[name].y, record.values(1, kind)[0, :, 2], atol=1e-3)
    assert figure.layout.height > life(record, Chosen.of(record, {})).layout.height


def test_a_state_comes_again_where_it_was_planted_and_never_beside_itself(record):
    rng = np.random.default_rng(0)
    h = rng.uniform(0.2, 0.9, (3, 12, 2))
    h[0, 10] = h[0, 11] = h[1, 4] = h[2, 7] = -0.8
    h[2, 7, 1] = -0.7
    planted = with_states(record, h)
    chosen = Chosen.of(planted, {"layer": 1, "unit": 0, "other": 1})
    first, second, *_ = again(planted, chosen)
    assert (first.window, first.step, second.window, second.step) == (1, 4, 2, 7)
    assert first.differs < 0.01 < second.differs
    one = again(planted, Chosen.of(planted, {"layer": 1, "unit": 0}))
    assert {(found.window, found.step) for found in one[:2]} == {(1, 4), (2, 7)}
    assert max(found.differs for found in one[:2]) < 0.01, "of one unit they are the same"
    whole = again(planted, Chosen.of(planted, {"layer": 1, "unit": 0, "whole": 1}))
    assert whole == again(planted, chosen)
    assert len(one) == LIKE


def test_windows_that_overlap_are_not_told_as_another_time(record):
    windows = tuple(replace(one, row=record.windows[0].row) for one in record.windows)
    chosen = Chosen.of(record, {})
    found = again(replace(record, windows=windows), chosen)
    assert found and all(one.step <= chosen.step - 3 for one in found)


def test_one_window_of_one_step_has_no_other_time_and_is_drawn(record):
    (window, *_), h = record.windows, [[[0.1, 0.2]]]
    one = with_states(replace(record, windows=(window,), steps=(11,)), h)
    assert again(one, Chosen.of(one, {})) == []
    figure = life(one, Chosen.of(one, {}))
    assert next(trace for trace in figure.data if trace.name == "unit 0").mode == "markers"


def test_units_beside_are_told_the_most_alike_or_opposite_first(record):
    (first, value), *others = beside(record, Chosen.of(record, {"layer": 1, "unit": 0}))
    assert first == 3 and value == pytest.approx(-1, abs=1e-3)
    sizes = [abs(value) for _, value in others]
    assert sizes == sorted(sizes, reverse=True) and 0 not in dict(others)


@pytest.mark.parametrize("h", [np.zeros((3, 12, 3)), np.full((3, 12, 1), 0.3)])
def test_units_that_never_move_and_a_layer_of_one_are_no_fault(record, h):
    still = with_states(record, h)
    chosen = Chosen.of(still, {})
    assert all(value == 0 for _, value in beside(still, chosen))
    life(still, replace(chosen, gates=True))


@pytest.mark.parametrize(
    "asked",
    [{"layer": 9}, {"layer": 0}, {"layer": -1}, {"unit": 10**30}, {"layer": 1, "unit": -1}, {"window": 3},
     {"step": 99}, {"other": 2}, {"layer": 1, "unit": 1, "other": 1}, {"layer": None, "gates": None}],
)  # fmt: skip
def test_in_place_of_what_is_not_there_something_is_shown(search, asked):
    found = page_of(search, **asked)
    chosen = found["chosen"]
    assert 1 <= chosen["layer"] <= len(found["layers"])
    assert 0 <= chosen["unit"] < found["layers"][chosen["layer"] - 1]
    assert chosen["other"] != chosen["unit"] and found["figure"]["data"]


def test_the_page_of_a_unit_names_windows_and_times_as_people_read_them(search):
    found = page_of(search)
    assert found["windows"][0] == "2024-04-10: largest error, RMSE 1.5"
    assert found["moment"] == "2024-04-09"
    assert all(one["label"].startswith("2024-") and "differs by" in one["label"] for one in found["again"])
    times = tuple(map(str, search.units.rows))
    windows = tuple(replace(one, series="north", times=times) for one in search.units.windows)
    panel = replace(search.units, windows=windows, panel=True, targets=2, dates=False, time="week")
    found = page_of(replace(search, units=panel))
    assert found["windows"][0] == "week 0: largest error, RMSE 1.5, sold, north"
    assert found["moment"] == "north, week -1"


def test_of_other_trials_it_is_said_what_to_do(search):
    best, other = search.ranked[:2]
    for changed, trial, said in (
        (search, other, f"best trial alone, which is {best.name}: open that one"),
        (replace(search, units=None), best, "the same narrows tune command ends it"),
        (replace(search, units=UnitRecord("Too large: take fewer.")), best, "Too large: take fewer."),
        (RecordedSearch("empty", "mse", ()), None, "No trial has a score yet"),
    ):
        with pytest.raises(NothingToShow, match=said):
            draw("unit", changed, trial)
        assert unit_page(changed, trial, {}) == {"figure": None}


def test_steps_that_are_left_out_and_rows_read_together_are_said(search):
    record = replace(search.units, segment=24, every=3)
    figure = draw("unit", replace(search, units=record), search.best)
    told = [axis.title.text for axis in figure.select_xaxes() if axis.title.text]
    assert told == ["the network reads 24 rows at a step; one of 3 steps is kept"]


def test_names_from_the_data_are_only_shown(search):
    times = tuple(map(str, search.units.rows))
    windows = tuple(replace(one, target=HOSTILE, times=times) for one in search.units.windows)
    record = replace(search.units, windows=windows, dates=False, time=HOSTILE)
    text = json.dumps(draw("unit", replace(search, units=record), search.best).to_plotly_json(), default=str)
    assert "<img" not in text and "&lt;img" in text


@pytest.mark.parametrize("shape", [(3, 5, 2), (1, 1, 1)])
def test_packed_numbers_are_off_by_no_more_than_is_promised(shape):
    values = np.random.default_rng(1).normal(3, 100, shape)
    packed = Packed.of(values)
    off = np.abs(packed.array(*shape) - values)
    assert (off <= np.ptp(values, axis=(0, 1)) / 509 + 5e-4 * np.abs(values).max(axis=(0, 1))).all()
    assert from_json(Packed, to_json(packed)) == packed


def test_a_record_whose_parts_do_not_fit_is_refused(record):
    plain = json.loads(to_json(record))
    assert from_json(UnitRecord, json.dumps(plain)) == record
    window = plain["windows"][0]
    for changed in (
        {"steps": [3, 2]}, {"steps": [-1]}, {"steps": [12]}, {"steps": []}, {"rows": [0]}, {"layers": []},
        {"windows": []}, {"windows": [window | {"forecast": []}]}, {"windows": [window | {"times": []}]},
        {"dates": False}, {"windows": [window | {"actual": ["1"] * 15}]},
        {"layers": [plain["layers"][0] | {"units": 0}]}, {"windows": [window | {"row": 10**20}]},
    ):  # fmt: skip
        with pytest.raises(Unreadable):
            from_json(UnitRecord, json.dumps(plain | changed))


@pytest.mark.parametrize("low", [1e308, float("inf"), float("nan"), -1e7])
def test_states_that_no_layer_makes_are_refused(record, low):
    packed = replace(record.layers[0].h, low=(low,) * 4)
    with pytest.raises(Unreadable, match="no numbers of a layer"):
        packed.array(3, 12, 4)


@pytest.mark.parametrize("text", ["", "AAAA", "é", "=" * 192, "A" * 191])
def test_states_that_are_not_those_of_the_layer_are_refused(record, text):
    with pytest.raises(Unreadable, match="no numbers of a layer"):
        with_text = replace(record.layers[0], h=replace(record.layers[0].h, text=text))
        replace(record, layers=(with_text,)).values(1, "h")
