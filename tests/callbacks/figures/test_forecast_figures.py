"""What the pictures of forecasts promise: the best trial against the truth, and its error by step."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from narrows.callbacks.figures import NothingToShow, draw
from narrows.callbacks.figures._forecasts import Shown
from narrows.callbacks.forecast_record import Line
from narrows.callbacks.recorded import RecordedSearch
from narrows.search_spaces.plain import Unreadable

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def search(make_search):
    return make_search(12)


def drawn(search, name="forecast", **changed):
    return draw(name, replace(search, forecasts=replace(search.forecasts, **changed)), search.best)


def named(figure, name, visible=True):
    return next(one for one in figure.data if one.name == name and one.visible in (visible, None))


def three_by_two(search):
    """A line of three shops each, of two targets."""
    (line,) = search.forecasts.lines
    lines = [
        replace(line, target=target, series=shop, why="large error")
        for target in ("sold", "left")
        for shop in "abc"
    ]
    of_both = {
        "floors": {},
        "ends": {},
        "errors": {"sold": {"LSTM": (1.0,) * 3}, "left": {"LSTM": (2.0,) * 3}},
    }
    return {"lines": tuple(lines), "series": 40, "targets": 2, **of_both}


def test_truth_forecast_floor_and_what_was_missed_stand_over_the_same_times(search):
    (line,) = search.forecasts.lines
    figure = drawn(search)
    for name, values in (("truth", line.actual), ("forecast", line.forecast), ("last value", line.floor)):
        assert named(figure, name).y == values and named(figure, name).x == line.times
    missed = named(figure, "missed by")
    assert missed.y == tuple(a - f for a, f in zip(line.actual, line.forecast, strict=True))
    assert missed.yaxis == "y2" and figure.layout.xaxis.rangeslider.visible


def test_the_interval_is_a_closed_band_around_the_forecast(search):
    (line,) = search.forecasts.lines
    band = named(drawn(search), "90% interval")
    half = len(line.times)
    assert band.y[:half] == tuple(value + 2 for value in line.forecast)
    assert band.y[half : 2 * half] == tuple(value - 1 for value in line.forecast[::-1])


def test_lines_and_band_break_where_rows_are_missing(search):
    (line,) = search.forecasts.lines
    figure = drawn(search, lines=(replace(line, after_gap=(2,)),))
    assert named(figure, "truth").y.index(None) == 6 and named(figure, "truth").y.count(None) == 1
    assert named(figure, "90% interval").y.count(None) == 2


def test_what_is_no_number_is_a_gap_and_has_no_interval(search):
    (line,) = search.forecasts.lines
    broken = replace(line, forecast=(*line.forecast[:4], None, *line.forecast[5:]))
    figure = drawn(search, lines=(broken,))
    assert named(figure, "forecast").y[4] is None and named(figure, "missed by").y[4] is None
    assert named(figure, "90% interval").y.count(None) == 2
    json.loads(figure.to_json(), parse_constant=pytest.fail)


def test_the_buttons_show_the_worst_forecasts_the_worst_first(search):
    (line,) = search.forecasts.lines
    assert Shown(line, 3, True).worst == [1, 0, 2]
    whole, worst, *others = drawn(search).layout.updatemenus[0].buttons
    assert (whole.label, worst.label, len(others)) == ("whole", "worst", 2)
    assert whole.args[0]["xaxis.range"] == [line.times[0], line.times[-1]] and not whole.args[0]["shapes"]
    (box,) = worst.args[0]["shapes"]
    assert (box["x0"], box["x1"]) == (line.times[3], line.times[5])


def test_the_interval_of_a_series_in_its_own_size_is_as_wide_as_its_window(search):
    record = search.forecasts
    (line,) = record.lines
    plain = Shown(line, record.horizon, record.dates)
    sizes = tuple(float(place + 1) for place in range(len(line.times) // record.horizon))
    sized = Shown(replace(line, sizes=sizes), record.horizon, record.dates)
    lower, upper = (-1.0,) * record.horizon, (2.0,) * record.horizon

    def ends(one):
        return [y for y in one.band(lower, upper)["y"] if y is not None]

    widths = np.abs(np.subtract(ends(sized), ends(plain)))
    assert widths.min() == 0 and widths.max() == pytest.approx(2 * (sizes[-1] - 1))
    with pytest.raises(Unreadable):
        replace(record, lines=(replace(line, sizes=(1.0,) * (len(sizes) + 1)),))


def test_of_one_forecast_there_is_one_worst(search):
    (line,) = search.forecasts.lines
    one = Line("sold", "", "", None, line.times[:3], line.actual[:3], line.forecast[:3], line.floor[:3])
    figure = drawn(search, lines=(one,))
    assert [button.label for button in figure.layout.updatemenus[0].buttons] == ["whole", "worst"]


def test_a_list_chooses_the_target_and_the_series_and_shows_its_buttons_alone(search):
    figure = drawn(search, **three_by_two(search))
    *zooms, chooser = figure.layout.updatemenus
    assert [button.label for button in chooser.buttons][:2] == [
        "sold, a (large error)",
        "sold, b (large error)",
    ]
    assert len(zooms) == 6 and [menu.visible for menu in zooms] == [True, *[False] * 5]
    shown, layout = chooser.buttons[4].args
    assert len(shown["visible"]) == len(figure.data)
    assert sum(shown["visible"]) == len(figure.data) / 6
    assert layout["yaxis.title.text"] == "left"
    assert [layout[f"updatemenus[{place}].visible"] for place in range(6)] == [False] * 4 + [True, False]
    assert "3 of 40 series are kept" in layout["annotations[0].text"]


def test_what_is_left_out_is_said(search):
    (line,) = search.forecasts.lines
    for earlier, said in ((2, "RMSE 1.5 on the test part"), (988, "drawn: the newest 12 of 1,000 rows")):
        (note,) = drawn(search, lines=(replace(line, earlier=earlier),)).layout.annotations
        assert note.text.endswith(said)


def test_times_that_are_numbers_stand_on_an_axis_of_numbers(search):
    (line,) = search.forecasts.lines
    rows = tuple(str(row) for row in range(len(line.times)))
    figure = drawn(search, lines=(replace(line, times=rows),), dates=False, time="row")
    assert figure.layout.xaxis.type == "linear" and named(figure, "truth").x[1] == 1.0
    assert figure.layout.xaxis.title.text == "row"


@pytest.mark.parametrize("name", ["forecast", "forecast_steps"])
def test_without_forecasts_it_says_why(search, name):
    other = search.ranked[1]
    for of, trial, said in (
        (RecordedSearch("none", "mse", ()), None, "No trial has a score yet"),
        (replace(search, forecasts=None), search.best, "are made when the search ends"),
        (search, other, f"are kept of the best trial alone, which is {search.best.name}"),
    ):
        with pytest.raises(NothingToShow, match=said):
            draw(name, of, trial)


def test_errors_by_step_stand_beside_those_of_the_floors(search):
    errors = {"sold": {"LSTM": (1.0, None, 3.0), "last value": (2.0, 2.0, 2.0)}}
    figure = drawn(search, "forecast_steps", errors=errors)
    assert named(figure, "LSTM").y == (1.0, None, 3.0) and named(figure, "last value").x == (1, 2, 3)
    assert figure.layout.yaxis.title.text == "RMSE of sold" and not figure.layout.updatemenus


def test_errors_by_step_of_several_targets_are_chosen_from_a_list(search):
    figure = drawn(search, "forecast_steps", **three_by_two(search))
    (chooser,) = figure.layout.updatemenus
    assert [button.label for button in chooser.buttons] == ["sold", "left"]
    assert [trace.visible for trace in figure.data] == [True, False]


def test_one_step_ahead_has_no_errors_by_step(search):
    with pytest.raises(NothingToShow, match="forecasts one step ahead"):
        drawn(search, "forecast_steps", horizon=1, steps=(1,), ends={}, errors={"sold": {"LSTM": (1.0,)}})


@pytest.mark.parametrize("name", ["forecast", "forecast_steps"])
def test_names_of_the_users_data_are_shown_literally(search, name):
    (line,) = search.forecasts.lines
    lines = tuple(replace(line, target=HOSTILE, series=HOSTILE + shop, why="x") for shop in "ab")
    errors = {HOSTILE: {HOSTILE: (1.0, 2.0, 3.0)}, "b": {"LSTM": (1.0, 1.0, 1.0)}}
    texts = {"time": HOSTILE, "dates": False, "floors": {HOSTILE: HOSTILE}, "errors": errors}
    lines = tuple(replace(one, times=tuple(map(str, range(12)))) for one in lines)
    figure = drawn(search, name, lines=lines, series=2, **texts)
    assert "<img" not in json.dumps(json.loads(figure.to_json()))


def test_lines_of_different_lengths_are_refused(search):
    head = json.loads(search.head_json())
    head["forecasts"]["lines"][0]["floor"].pop()
    with pytest.raises(Unreadable, match="not one for each time"):
        RecordedSearch.from_head(json.dumps(head), search.trials)
