"""What the pictures of a whole search promise, all of them; and history, size and parallel coordinates."""

from __future__ import annotations

import html
import json
import math
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from narrows.callbacks.figures import NothingToShow, _axes, draw, pictures
from narrows.callbacks.figures._axes import number_ticks
from narrows.callbacks.figures._loss import most_ticks
from narrows.callbacks.figures._parallel_axes import BESIDE, LETTER, STEP, broken
from narrows.callbacks.figures.parallel import COLOURS, GREY, MOST, SHARES, best_of
from narrows.callbacks.figures.size import front_of
from narrows.callbacks.recorded import Declared, RecordedSearch, RecordedTrial
from narrows.search_spaces.trial import Status

NAMES = ("history", "size", "parallel", "importance", "pair", "slice")
HOSTILE = "<img src=x onerror=alert(1)>"
Make = Callable[..., RecordedSearch]


def a_trial(number: int, loss: float | None, **values: Any) -> RecordedTrial:
    return RecordedTrial(
        number,
        values,
        epochs=10,
        status=Status.FAILED if loss is None else Status.COMPLETED,
        units=(8, 4),
        parameters=100 + number,
        best_val_loss=loss,
        best_epoch=1,
        secs=1.0,
    )


def a_search(trials: list[RecordedTrial], *declared: Declared) -> RecordedSearch:
    return RecordedSearch("made up", "mse", declared, tuple(trials))


def scored_numbers(search: RecordedSearch) -> set[int]:
    return {trial.number for trial in search.ranked}


def numbers_in(figure: Any, *, of: str = "") -> set[int]:
    """The trial numbers on the marks (of the traces whose name begins so)."""
    traces = [one for one in figure.data if (one.name or "").startswith(of) and one.customdata is not None]
    return {int(number) for one in traces for number in one.customdata}


def remarks(figure: Any) -> list[str]:
    return [one.text for one in figure.layout.annotations]


def labels(figure: Any) -> list[str]:
    return [re.sub(r"(?<![_.-])<br>", " ", text).replace("<br>", "") for text in figure.layout.xaxis.ticktext]


def lines(figure: Any) -> dict[int, list[float]]:
    """The heights at which each line of parallel coordinates crosses the axes, by trial, in drawing order."""
    found: dict[int, list[float]] = {}
    for trace in figure.data:
        if trace.customdata is not None:
            for number, x, y in zip(trace.customdata, trace.x, trace.y, strict=True):
                if x % 1 == 0:
                    found.setdefault(int(number), []).append(float(y))
    return found


def heights(figure: Any, label: str) -> dict[int, float]:
    """The heights on one axis by trial."""
    place = labels(figure).index(label)
    return {number: found[place] for number, found in lines(figure).items()}


def tick_heights(figure: Any, label: str) -> dict[str, float]:
    """The heights of the ticks of one axis by text."""
    place, marks = labels(figure).index(label), figure.data[-1]
    return {text: y for x, y, text in zip(marks.x, marks.y, marks.text, strict=True) if x == place and text}


# All of them ------------------------------------------------------------------------------------------


def test_the_view_search_has_these_pictures_in_this_order() -> None:
    assert tuple(name for name, picture in pictures().items() if picture.view == "search") == (
        *NAMES,
        "learning",
        "rungs",
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("count", [60, 1000])
def test_a_picture_is_valid_json_without_nan(make_search: Make, name: str, count: int) -> None:
    figure = json.loads(draw(name, make_search(count), dark=True).to_json(), parse_constant=pytest.fail)
    assert figure["data"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("history", "No trial has ended yet."),
        ("size", "No trial has a score yet."),
        ("parallel", "No trial has a score yet."),
        ("importance", "No trial has a score yet: 10 are needed to tell importance."),
        ("slice", "No trial has a score yet: 2 are needed to compare trials."),
        ("pair", "No trial has a score yet: 10 are needed to draw a map of two hyperparameters."),
        ("learning", "No trial has a score yet."),
    ],
)
def test_no_trial_is_said_in_a_sentence(make_search: Make, name: str, said: str) -> None:
    with pytest.raises(NothingToShow) as caught:
        draw(name, make_search(0))
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("parallel", "One trial has a score so far: two are needed to compare them."),
        ("importance", "1 trial with a score so far: 10 are needed to tell importance."),
        ("slice", "1 trial with a score so far: 2 are needed to compare trials."),
        ("pair", "1 trial with a score so far: 10 are needed to draw a map of two hyperparameters."),
    ],
)
def test_one_trial_cannot_be_compared(make_search: Make, name: str, said: str) -> None:
    with pytest.raises(NothingToShow) as caught:
        draw(name, make_search(1))
    assert str(caught.value) == said


@pytest.mark.parametrize("name", ["history", "size"])
def test_one_trial_is_a_point(make_search: Make, name: str) -> None:
    assert numbers_in(draw(name, make_search(1))) == {0}


def test_trials_that_ended_early_are_drawn_as_such_with_the_reason() -> None:
    trials = [a_trial(number, 1.0 + number) for number in range(4)]
    for number in (1, 3):
        reason = f"ended early after epoch {number}: too bad"
        trials[number] = replace(trials[number], status=Status.STOPPED, reason=reason)
    figure = draw("history", a_search(trials))
    assert numbers_in(figure, of="trial") == {0, 2} and numbers_in(figure, of="ended early") == {1, 3}
    (early,) = (one for one in figure.data if one.name == "ended early")
    assert early.marker.symbol == "circle-open" and "after epoch 3: too bad" in early.text[1]
    texts = [text for one in draw("size", a_search(trials)).data for text in one.text or ()]
    assert sum("validation loss 4, ended early" in text for text in texts) == 1
    assert not any("validation loss 3, ended early" in text for text in texts)


def test_history_draws_every_seed_of_a_trial_that_was_trained_again() -> None:
    tried = replace(a_trial(1, 0.5), again=(0.7, None, 0.4))
    figure = draw("history", a_search([a_trial(0, 0.6), tried]))
    (seeds,) = (one for one in figure.data if one.name == "with another seed")
    assert (list(seeds.x), list(seeds.y), list(seeds.customdata)) == ([1, 1], [0.7, 0.4], [1, 1])
    assert "with another seed" in seeds.text[0]
    lower = draw("history", a_search([replace(a_trial(0, 0.6), again=(-0.1,))]))
    assert lower.layout.yaxis.type == "linear", "no loss is left out"


@pytest.mark.parametrize("name", ["size", "parallel", "importance", "slice", "pair"])
def test_a_search_in_which_all_failed_has_nothing_to_show(name: str) -> None:
    search = a_search([a_trial(n, None, rate=0.1 * n) for n in range(20)], Declared("rate", True))
    with pytest.raises(NothingToShow):
        draw(name, search)


@pytest.mark.parametrize("name", ["history", "size", "parallel", "slice"])
@pytest.mark.parametrize("count", [60, 2000])
def test_every_scored_trial_is_in_it_by_its_number(make_search: Make, name: str, count: int) -> None:
    search = make_search(count)
    assert scored_numbers(search) <= numbers_in(draw(name, search))


@pytest.mark.parametrize("name", NAMES)
def test_a_loss_that_is_negative_or_zero_drops_no_trial(name: str) -> None:
    trials = [a_trial(n, n - 5.0, rate=0.1 * n, width=20 - n) for n in range(20)]
    figure = draw(name, a_search(trials, Declared("rate", True), Declared("width", True)))
    if name in ("history", "size", "slice"):
        assert figure.layout.yaxis.type == "linear"
    if name == "parallel":
        found = heights(figure, "loss")
        assert [found[n] for n in range(20)] == pytest.approx([n / 19 for n in range(20)], abs=1e-6)


def test_names_from_the_users_data_are_shown_and_never_run() -> None:
    values = [{HOSTILE: HOSTILE if n % 2 else "z", "n": n, HOSTILE * 2: n % 7} for n in range(60)]
    trials = [replace(a_trial(n, 1.0 + n % 7, **one), reason=HOSTILE) for n, one in enumerate(values)]
    failed = replace(a_trial(60, None), reason=HOSTILE)
    declared = (Declared(HOSTILE, False), Declared("n", True), Declared(HOSTILE * 2, True))
    search = a_search([*trials, failed], *declared)
    search = replace(search, loss=HOSTILE)
    for name in NAMES:
        figure = draw(name, search)
        assert "<img" not in json.dumps(figure.to_dict(), default=str)
        if name == "parallel":
            assert list(tick_heights(figure, html.escape(HOSTILE))) == ["&lt;img src…ert(1)&gt;", "z"]


def test_drawing_imports_neither_tensorflow_nor_optuna() -> None:
    code = (
        "import sys; import narrows.callbacks.figures as f; f.pictures();"
        "sys.exit(bool({'tensorflow', 'optuna'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# History ----------------------------------------------------------------------------------------------


def test_the_best_so_far_falls_and_ends_at_the_last_trial(make_search: Make) -> None:
    search = make_search(60)
    line = next(one for one in draw("history", search).data if one.mode == "lines")
    assert list(line.y) == sorted(line.y, reverse=True)
    assert line.y[-1] == min(trial.score for trial in search.ranked)
    assert line.x[-1] == search.trials[-1].number


def test_failed_trials_have_their_own_strip_below_the_losses(make_search: Make) -> None:
    search = make_search(60)
    figure = draw("history", search)
    failed = {trial.number for trial in search.trials if trial.score is None}
    assert numbers_in(figure, of="failed") == failed
    assert figure.layout.yaxis2.domain[1] == figure.layout.yaxis.domain[0] > 0


def test_where_all_failed_history_shows_only_why() -> None:
    trials = [replace(a_trial(n, None), reason="out of memory") for n in range(3)]
    figure = draw("history", a_search(trials))
    assert [one.name for one in figure.data] == ["failed"]
    assert figure.data[0].text[0].endswith("out of memory")
    assert not figure.layout.yaxis.visible


# Size -------------------------------------------------------------------------------------------------


def test_both_axes_of_size_are_logarithmic(make_search: Make) -> None:
    figure = draw("size", make_search(60))
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")


def test_the_colour_is_the_least_kept_from_nothing_to_all(make_search: Make) -> None:
    search = make_search(60)
    points = next(one for one in draw("size", search).data if one.name == "a layer narrows")
    assert (points.marker.cmin, points.marker.cmax) == (0, 1)
    assert points.marker.colorbar.title.text == "kept by narrower layers"
    assert list(points.marker.color) == [search.trial(number).worst_kept for number in points.customdata]


def test_trials_without_narrowing_or_without_measures_are_hollow(make_search: Make) -> None:
    search = make_search(60)
    bare = [replace(one, summary={}, measured=None) if one.number < 30 else one for one in search.trials]
    search = replace(search, trials=tuple(bare))
    hollow = numbers_in(draw("size", search), of="nothing narrows")
    assert hollow == {one.number for one in search.ranked if math.isnan(one.worst_kept)}
    assert {one.number for one in search.ranked if one.number < 30} <= hollow


def test_a_search_without_any_measures_is_drawn() -> None:
    figure = draw("size", a_search([a_trial(n, 1.0 + n) for n in range(5)]))
    assert [one.name for one in figure.data] == [
        "nothing narrows, or not measured",
        "best up to its size",
        "best",
    ]
    told = "t0000 8-4<br>validation loss 1<br>100 parameters<br>what the layers keep was not measured"
    assert figure.data[0].text[0] == told


@pytest.mark.parametrize(
    ("units", "summary", "said"),
    [
        ((8, 4), {"worst_kept": 0.874}, "keeps 87% or more wherever a layer is narrower than the one before"),
        ((8, 4), {"narrowest": 4.0}, "what the layers keep is not known"),
        ((4, 8), {"narrowest": 4.0}, "no layer is narrower than the one before"),
        ((4, 8), {}, "what the layers keep was not measured"),
    ],
)
def test_the_hover_says_what_was_kept(units: tuple[int, ...], summary: dict[str, float], said: str) -> None:
    trial = replace(a_trial(0, 1.0), units=units, summary=summary)
    assert draw("size", a_search([trial])).data[0].text[0].split("<br>")[-1] == said


def test_the_best_is_ringed_and_named(make_search: Make) -> None:
    search = make_search(60)
    ring = next(one for one in draw("size", search).data if one.name == "best")
    assert list(ring.customdata) == [search.ranked[0].number]
    assert list(ring.text) == [search.ranked[0].name]


def test_the_ring_is_around_the_best_trial_also_where_another_scaling_has_a_lower_loss() -> None:
    kinds = [("last", 1.0), ("standard", 0.97), ("last", 1.1), ("none", 0.98)]
    trials = [a_trial(number, loss, scaling=kind) for number, (kind, loss) in enumerate(kinds)]
    figure = draw("size", a_search(trials))
    ring = next(one for one in figure.data if one.name == "best")
    front = next(one for one in figure.data if one.name == "best up to its size")
    assert list(ring.customdata) == [0] == [a_search(trials).best.number]
    assert list(front.customdata) == [0, 1], "that is of losses alone"
    line = next(one for one in draw("history", a_search(trials)).data if one.mode == "lines")
    assert (line.name, list(line.y)) == ("least so far", [1.0, 0.97, 0.97])


def test_the_front_is_what_comparing_all_pairs_finds(make_search: Make) -> None:
    trials = list(make_search(300).ranked)

    def beaten(one: RecordedTrial) -> bool:
        return any(
            other.parameters <= one.parameters
            and (other.score, other.parameters, other.number) < (one.score, one.parameters, one.number)
            for other in trials
        ) or any(other.score == one.score and other.parameters < one.parameters for other in trials)

    assert {one.number for one in front_of(trials)} == {one.number for one in trials if not beaten(one)}


def test_trials_of_unknown_size_are_counted_in_a_remark() -> None:
    trials = [replace(a_trial(n, 1.0 + n), parameters=0 if n < 2 else 50) for n in range(5)]
    figure = draw("size", a_search(trials))
    assert remarks(figure) == ["2 of 5 trials are not shown: their size is not known"]
    with pytest.raises(NothingToShow, match="number of parameters"):
        draw("size", a_search([replace(one, parameters=0) for one in trials]))


def test_the_legend_of_size_leaves_out_what_the_picture_says_itself(make_search: Make) -> None:
    figure = draw("size", make_search(60))
    named = [one.name for one in figure.data if one.showlegend is not False]
    assert named == ["nothing narrows, or not measured", "best up to its size"]


@pytest.mark.parametrize(
    ("values", "most"), [((), 5), ((1, 2), 5), ((1, 10), 3), ((1, 30), 3), ((1, 90), 5), ((-1, 9), 5)]
)
def test_a_log_axis_of_about_one_decade_has_few_ticks(values: tuple[float, ...], most: int) -> None:
    assert most_ticks(values) == most


# Parallel coordinates ---------------------------------------------------------------------------------


def test_an_axis_for_each_hyperparameter_that_differs_and_the_loss_last(make_search: Make) -> None:
    # `bottleneck` is 0 in all of them, `dropout` is fixed.
    searched = ["num_layers", "units_1", "units_2", "units_3", "learning_rate", "batch_size", "scaling"]
    assert labels(draw("parallel", make_search(60))) == [*searched, "loss"]


def test_a_line_goes_through_the_values_of_its_trial() -> None:
    trials = [
        a_trial(0, 0.1, units_1=4, rate=0.01, kind="a"),
        a_trial(1, 1.0, units_1=8, units_2=2, rate=0.1, kind="b"),
        a_trial(2, 10.0, units_1=6, units_2=4, rate=1.0, kind="c"),
    ]
    declared = (
        *(Declared("units_1", True), Declared("units_2", True, always=False)),
        *(Declared("rate", True, log=True), Declared("kind", False)),
    )
    found = lines(draw("parallel", a_search(trials, *declared)))
    end = _axes.BELOW / (1 + _axes.BELOW)
    # The worst first; no second layer is below the end of its axis, which is that of two units.
    assert list(found) == [2, 1, 0]
    assert found[0] == pytest.approx([0, 0, 0, 0, 0])
    assert found[1] == pytest.approx([1, end, 0.5, 0.5, 0.5], abs=1e-6)
    assert found[2] == pytest.approx([0.5, 1, 1, 1, 1], abs=1e-6)


@pytest.mark.parametrize("count", [2, 60, 2000])
def test_between_two_axes_a_line_is_straight_and_can_be_pointed_at(make_search: Make, count: int) -> None:
    figure = draw("parallel", make_search(count))
    at = lines(figure)
    for trace in (one for one in figure.data if one.customdata is not None):
        steps = round(1 / float(trace.x[1] - trace.x[0]))
        assert steps >= 2
        first = len(at[int(trace.customdata[0])]) * steps - steps + 1
        expected = np.interp(trace.x[:first], range(len(labels(figure))), at[int(trace.customdata[0])])
        np.testing.assert_allclose(trace.y[:first], expected, atol=1e-6)
        assert np.isnan(trace.y[first])


def test_a_line_says_its_trial_its_profile_and_its_loss() -> None:
    trials = [a_trial(n, 1.0 + n, rate=0.1 * n) for n in range(2)]
    figure = draw("parallel", a_search(trials, Declared("rate", True)))
    assert set(figure.data[1].text) == {"t0001 8-4<br>validation loss 2"}


def test_no_trial_is_dropped_for_a_layer_it_does_not_have(make_search: Make) -> None:
    search = make_search(60)
    figure = draw("parallel", search)
    place = tick_heights(figure, "units_3")["no layer"]
    assert place == 0
    for number, height in heights(figure, "units_3").items():
        assert (height == place) == ("units_3" not in search.trial(number).values)
    # The line of the axis ends above it.
    axis = labels(figure).index("units_3")
    ends = [y for x, y in zip(figure.data[-2].x, figure.data[-2].y, strict=True) if x == axis]
    assert ends[0] > place


def test_another_hyperparameter_that_a_trial_does_not_have_is_absent() -> None:
    trials = [a_trial(0, 1.0, momentum=0.5), a_trial(1, 2.0), a_trial(2, 3.0, momentum=0.9)]
    figure = draw("parallel", a_search(trials, Declared("momentum", True, always=False)))
    assert tick_heights(figure, "momentum")["absent"] == heights(figure, "momentum")[1] == 0


def test_a_log_axis_has_log_places_and_plain_numbers(make_search: Make) -> None:
    search = make_search(60)
    figure = draw("parallel", search)
    rates = {one.number: math.log10(one.values["learning_rate"]) for one in search.ranked}
    low, high = min(rates.values()), max(rates.values())
    for number, height in heights(figure, "learning_rate").items():
        assert height == pytest.approx((rates[number] - low) / (high - low), abs=1e-6)
    ticks = tick_heights(figure, "learning_rate")
    assert "0.001" in ticks
    for text, height in ticks.items():
        assert height == pytest.approx((math.log10(float(text)) - low) / (high - low))


def test_texts_and_few_numbers_are_their_own_ticks(make_search: Make) -> None:
    figure = draw("parallel", make_search(60))
    assert tick_heights(figure, "scaling") == {"last": 0, "standard": 1}
    assert list(tick_heights(figure, "batch_size")) == ["16", "32", "64"]


@pytest.mark.parametrize("count", [2, 60, 1000])
def test_no_two_texts_of_an_axis_touch(make_search: Make, count: int) -> None:
    figure = draw("parallel", make_search(count))
    for label in labels(figure):
        found = list(tick_heights(figure, label).values())
        assert all(above - below >= _axes.APART for below, above in pairwise(found))


@pytest.mark.parametrize(
    ("low", "high", "log", "texts"),
    [
        (1e-4, 1e-2, True, ["0.0001", "0.0002", "0.0005", "0.001", "0.002", "0.005", "0.01"]),
        (1e-6, 1.0, True, ["0.000001", "0.00001", "0.0001", "0.001", "0.01", "0.1", "1"]),
        (0.31, 0.39, True, ["0.32", "0.34", "0.36", "0.38"]),
        (0.0, 0.5, False, ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]),
        (-30.0, 70.0, False, ["-20", "0", "20", "40", "60"]),
        (5.0, 5.0, False, ["5"]),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, log: bool, texts: list[str]) -> None:
    ticks = number_ticks(low, high, log)
    assert [text for _, text in ticks if text] == texts
    assert all(low - 1e-9 <= value <= high + 1e-9 for value, _ in ticks)


@pytest.mark.parametrize("count", [12, 60, 1000])
def test_a_button_leaves_exactly_the_best_share_in_colour(make_search: Make, count: int) -> None:
    search = make_search(count)
    figure = draw("parallel", search)
    buttons = {one.label: one.args for one in figure.layout.updatemenus[0].buttons}
    assert list(buttons) == ["all", "best 25 %", "best 10 %"]
    for label, share in (("all", 1), ("best 25 %", 0.25), ("best 10 %", 0.1)):
        change, places = buttons[label]
        coloured = {
            int(number)
            for place, colour, hover in zip(places, change["line.color"], change["hoverinfo"], strict=True)
            if (colour != GREY) and (hover == "text")
            for number in figure.data[place].customdata
        }
        best = search.ranked[: math.ceil(share * len(search.ranked))]
        assert coloured == {one.number for one in best}
    before = [one.line.color for one in figure.data if one.customdata is not None]
    assert list(buttons["all"][0]["line.color"]) == before


def test_equally_good_trials_are_all_in_colour_or_none() -> None:
    assert best_of([3.0, 1.0, 2.0, 1.0, 1.0], 0.25) == 3
    trials = [a_trial(n, 1.0, rate=0.1 * n) for n in range(20)]
    menu = draw("parallel", a_search(trials, Declared("rate", True))).layout.updatemenus[0]
    assert [one.label for one in menu.buttons] == ["all"]


def test_one_bad_loss_does_not_take_the_colours() -> None:
    trials = [a_trial(n, 1e6 if n == 19 else 1.0 + n, rate=0.1 * n) for n in range(20)]
    figure = draw("parallel", a_search(trials, Declared("rate", True)))
    assert len({one.line.color for one in figure.data if one.customdata is not None}) > 6


@pytest.mark.parametrize("count", [1000, 3000])
def test_thousands_of_lines_are_a_few_traces(make_search: Make, count: int) -> None:
    figure = draw("parallel", make_search(count))
    assert {one.type for one in figure.data} == {"scatter"}
    assert len(figure.data) <= 3 + COLOURS + len(SHARES)


@pytest.mark.parametrize(
    ("failed", "said"),
    [(0, []), (1, ["1 failed trial is not shown"]), (2, ["2 failed trials are not shown"])],
)
def test_failed_trials_are_left_out_and_counted(failed: int, said: list[str]) -> None:
    trials = [a_trial(n, None if n < failed else 1.0 + n, rate=0.1 * n) for n in range(10)]
    figure = draw("parallel", a_search(trials, Declared("rate", True)))
    assert sorted(lines(figure)) == list(range(failed, 10))
    (remark,) = remarks(figure)
    assert remark.split("<br>")[1:] == said
    assert (
        re.sub("<.*?>", "", remark.split("<br>")[0]) == f"best loss {1.0 + failed:g} {'█' * COLOURS} 10 worst"
    )


def test_more_hyperparameters_than_one_can_tell_apart_are_counted() -> None:
    names = [f"part_{place}" for place in range(MOST + 2)]
    trials = [a_trial(n, 1.0 + n, **dict.fromkeys(names, 0.1 * n)) for n in range(3)]
    figure = draw("parallel", a_search(trials, *(Declared(name, True) for name in names)))
    assert labels(figure) == [*names[:-2], "loss"]
    assert remarks(figure)[0].endswith("<br>2 more hyperparameters have no axis")


def test_among_many_axes_no_layer_is_said_once_and_texts_are_short() -> None:
    names = [f"units_{place}" for place in range(1, 12)]
    trials = [
        a_trial(n, 1.0 + n, **{name: 4 + place + n for place, name in enumerate(names[: 1 + n])}, kind=kind)
        for n, kind in enumerate(["stochastic gradient", "adam"])
    ]
    trials += [a_trial(2, 3.0, **dict.fromkeys(names, 4), kind="adam")]
    declared = [Declared(name, True, always=name == "units_1") for name in names]
    figure = draw("parallel", a_search(trials, *declared, Declared("kind", False)))
    assert [next(iter(tick_heights(figure, name))) for name in names[:4]] == ["4", "no layer", "4", "4"]
    assert set(tick_heights(figure, "kind")) == {"adam", "stoc…ent"}


def test_a_search_without_differences_has_no_lines() -> None:
    trials = [a_trial(n, 1.0 + n, rate=0.1) for n in range(20)]
    for name in ("parallel", "importance", "slice", "pair"):
        with pytest.raises(NothingToShow, match="No hyperparameter differs between the trials."):
            draw(name, a_search(trials, Declared("rate", True)))


@pytest.mark.parametrize(
    ("name", "room", "lines"),
    [
        ("loss", 8, ["loss"]),
        ("bottleneck_after", 11, ["bottleneck_", "after"]),
        ("learning_rate", 20, ["learning_rate"]),
        ("share of the rows", 9, ["share of", "the rows"]),
        ("units_of_the_second_layer_there", 9, ["units_of_", "the_", "second_…"]),
        ("unbelievablylongname", 8, ["unbe…ame"]),
        ("<b>_<i>", 4, ["&lt;b&gt;_", "&lt;i&gt;"]),
        ("", 8, [""]),
    ],
)
def test_a_long_name_of_an_axis_is_broken_where_its_words_end(name: str, room: int, lines: list[str]) -> None:
    assert broken(name, room).split("<br>") == lines


@pytest.mark.parametrize("count", [2, 5, 9, 11])
def test_names_of_axes_have_room_beside_each_other(count: int) -> None:
    declared = [Declared(f"a_rather_long_name_of_number_{place}", True) for place in range(count)]
    trials = [a_trial(number, 1.0 + number, **{one.name: number for one in declared}) for number in (0, 1)]
    layout = draw("parallel", a_search(trials, *declared)).layout
    axis, room = layout.xaxis, (layout.meta["least"] - BESIDE) / count
    assert axis.tickangle == 0
    assert all(len(line) * LETTER <= room for text in axis.ticktext for line in text.split("<br>"))


def test_a_few_axes_have_room_in_a_narrow_window(make_search: Make) -> None:
    few = a_search(
        [a_trial(number, 1.0 + number, units_1=number) for number in (0, 1)], Declared("units_1", True)
    )
    assert draw("parallel", few).layout.meta["least"] == BESIDE + STEP
    assert draw("parallel", make_search(60)).layout.meta["least"] < 740, "it has to be scrolled in 800 pixels"
