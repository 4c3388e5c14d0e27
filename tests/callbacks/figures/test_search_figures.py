"""What the pictures of a whole search promise: history, size, parallel coordinates and importance."""

from __future__ import annotations

import html
import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from narrows.callbacks.figures import NothingToShow, draw, importance, pictures
from narrows.callbacks.figures._axes import number_ticks
from narrows.callbacks.figures.size import front_of
from narrows.callbacks.recorded import Declared, RecordedSearch, RecordedTrial

NAMES = ("history", "size", "parallel", "importance")
HOSTILE = "<img src=x onerror=alert(1)>"
Make = Callable[..., RecordedSearch]


def a_trial(number: int, loss: float | None, **values: Any) -> RecordedTrial:
    status = "failed" if loss is None else "completed"
    return RecordedTrial(number, status, "", (8, 4), 100 + number, loss, 1, 1.0, values)


def a_search(trials: list[RecordedTrial], *declared: Declared) -> RecordedSearch:
    return RecordedSearch("made up", "mse", declared, tuple(trials))


def scored_numbers(search: RecordedSearch) -> set[int]:
    return {trial.number for trial in search.ranked}


def numbers_in(figure: Any, *, of: str = "") -> set[int]:
    """The trial numbers on the marks (of the traces whose name begins so)."""
    traces = [
        one for one in figure.data if (one.name or "").startswith(of) and getattr(one, "mode", "") != "lines"
    ]
    return {int(number) for one in traces for number in one.customdata}


def remarks(figure: Any) -> list[str]:
    return [one.text for one in figure.layout.annotations]


def dimension(figure: Any, label: str) -> Any:
    return next(one for one in figure.data[0].dimensions if one.label == label)


# All of them ------------------------------------------------------------------------------------------


def test_the_view_search_has_the_four_pictures_in_this_order() -> None:
    assert tuple(name for name, picture in pictures().items() if picture.view == "search") == NAMES


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
    ],
)
def test_one_trial_cannot_be_compared(make_search: Make, name: str, said: str) -> None:
    with pytest.raises(NothingToShow) as caught:
        draw(name, make_search(1))
    assert str(caught.value) == said


@pytest.mark.parametrize("name", ["history", "size"])
def test_one_trial_is_a_point(make_search: Make, name: str) -> None:
    assert numbers_in(draw(name, make_search(1))) == {0}


@pytest.mark.parametrize("name", ["size", "parallel", "importance"])
def test_a_search_in_which_all_failed_has_nothing_to_show(name: str) -> None:
    search = a_search([a_trial(n, None, rate=0.1 * n) for n in range(20)], Declared("rate", True))
    with pytest.raises(NothingToShow):
        draw(name, search)


@pytest.mark.parametrize("name", ["history", "size", "parallel"])
@pytest.mark.parametrize("count", [60, 2000])
def test_every_scored_trial_is_in_it_by_its_number(make_search: Make, name: str, count: int) -> None:
    search = make_search(count)
    assert scored_numbers(search) <= numbers_in(draw(name, search))


@pytest.mark.parametrize("name", NAMES)
def test_a_loss_that_is_negative_or_zero_drops_no_trial(name: str) -> None:
    trials = [a_trial(n, n - 5.0, rate=0.1 * n) for n in range(20)]
    figure = draw(name, a_search(trials, Declared("rate", True)))
    if name in ("history", "size"):
        assert figure.layout.yaxis.type == "linear"
    if name == "parallel":
        assert list(dimension(figure, "loss").values) == [n - 5.0 for n in range(20)]


def test_names_from_the_users_data_are_shown_and_never_run() -> None:
    values = [{HOSTILE: HOSTILE if n % 2 else "z", "n": n} for n in range(60)]
    trials = [replace(a_trial(n, 1.0 + n % 7, **one), reason=HOSTILE) for n, one in enumerate(values)]
    failed = replace(a_trial(60, None), reason=HOSTILE)
    search = a_search([*trials, failed], Declared(HOSTILE, False), Declared("n", True))
    search = replace(search, loss=HOSTILE)
    for name in NAMES:
        figure = draw(name, search)
        # Tick texts of parallel coordinates are drawn literally; plotly reads tags in all others.
        if name == "parallel":
            texts = figure.data[0].dimensions[0].ticktext
            assert [text.strip() for text in texts] == ["<img src…ert(1)>", "z"]
            figure.data[0].dimensions[0].ticktext = []
        assert "<img" not in json.dumps(figure.to_dict(), default=str)
    shown = draw("importance", search).data[0].y
    assert html.unescape(shown[-1]) in (HOSTILE, "n")


def test_drawing_imports_no_tensorflow() -> None:
    code = (
        "import sys; import narrows.callbacks.figures as f; f.pictures(); import optuna.importance;"
        "sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# History ----------------------------------------------------------------------------------------------


def test_the_best_so_far_falls_and_ends_at_the_last_trial(make_search: Make) -> None:
    search = make_search(60)
    line = next(one for one in draw("history", search).data if one.mode == "lines")
    assert list(line.y) == sorted(line.y, reverse=True)
    assert line.y[-1] == search.ranked[0].score
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


def test_the_colour_is_the_worst_kept_from_nothing_to_all(make_search: Make) -> None:
    search = make_search(60)
    points = next(one for one in draw("size", search).data if one.name == "a layer narrows")
    assert (points.marker.cmin, points.marker.cmax) == (0, 1)
    assert points.marker.colorbar.title.text == "worst kept"
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
    assert figure.data[0].text[0] == "t0000 8-4<br>validation loss 1<br>100 parameters<br>kept: not measured"


@pytest.mark.parametrize(
    ("units", "summary", "said"),
    [
        ((8, 4), {"worst_kept": 0.874}, "worst kept 87%"),
        ((8, 4), {"narrowest": 4.0}, "worst kept: not known"),
        ((4, 8), {"narrowest": 4.0}, "no layer is narrower than the one before"),
        ((4, 8), {}, "kept: not measured"),
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


# Parallel coordinates ---------------------------------------------------------------------------------


def test_an_axis_for_each_hyperparameter_that_differs_and_the_loss_last(make_search: Make) -> None:
    labels = [one.label for one in draw("parallel", make_search(60)).data[0].dimensions]
    # `bottleneck` is 0 in all of them, `dropout` is fixed.
    searched = ["num_layers", "units_1", "units_2", "units_3", "learning_rate", "batch_size", "scaling"]
    assert labels == [*searched, "loss"]


def test_no_trial_is_dropped_for_a_layer_it_does_not_have(make_search: Make) -> None:
    search = make_search(60)
    figure = draw("parallel", search)
    units = dimension(figure, "units_3")
    have = np.array(["units_3" in search.trial(number).values for number in figure.data[0].customdata])
    place = units.tickvals[units.ticktext.index("no layer")]
    assert len(units.values) == len(search.ranked)
    np.testing.assert_allclose(units.values[~have], place, rtol=1e-6)
    assert units.values[have].min() > place
    assert units.range[0] < place


def test_another_hyperparameter_that_a_trial_does_not_have_is_absent() -> None:
    trials = [a_trial(0, 1.0, momentum=0.5), a_trial(1, 2.0), a_trial(2, 3.0, momentum=0.9)]
    momentum = dimension(
        draw("parallel", a_search(trials, Declared("momentum", True, always=False))), "momentum"
    )
    assert momentum.ticktext[0] == "absent"
    assert momentum.values[1] == min(momentum.values)


def test_a_log_axis_has_log_places_and_plain_numbers(make_search: Make) -> None:
    search = make_search(60)
    figure = draw("parallel", search)
    rate = dimension(figure, "learning_rate")
    expected = [
        math.log10(search.trial(number).values["learning_rate"]) for number in figure.data[0].customdata
    ]
    np.testing.assert_allclose(rate.values, expected, rtol=1e-6)
    for place, text in zip(rate.tickvals, rate.ticktext, strict=True):
        assert not text.strip() or float(text) == pytest.approx(10**place)
    assert "0.001" in rate.ticktext


def test_texts_and_few_numbers_are_their_own_ticks(make_search: Make) -> None:
    figure = draw("parallel", make_search(60))
    assert dimension(figure, "scaling").ticktext == ("last", "standard")
    assert dimension(figure, "batch_size").ticktext == ("16", "32", "64")


@pytest.mark.parametrize("count", [2, 60, 1000])
def test_no_two_ticks_of_an_axis_have_the_same_text(make_search: Make, count: int) -> None:
    for one in draw("parallel", make_search(count)).data[0].dimensions:
        assert len(set(one.ticktext)) == len(one.ticktext) == len(one.tickvals)
        assert list(one.tickvals) == sorted(one.tickvals)


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
def test_a_button_selects_exactly_the_best_share(make_search: Make, count: int) -> None:
    figure = draw("parallel", make_search(count))
    places = np.asarray(figure.data[0].dimensions[-1].values)
    last = len(figure.data[0].dimensions) - 1
    buttons = {one.label: one.args[0] for one in figure.layout.updatemenus[0].buttons}
    assert list(buttons) == ["all", "best 25 %", "best 10 %"]
    for label, share in (("best 25 %", 0.25), ("best 10 %", 0.1)):
        ((low, high),) = buttons[label][f"dimensions[{last}].constraintrange"]
        low, high = snapped(low, high, figure.data[0].dimensions[-1].tickvals)
        assert ((places >= low) & (places <= high)).sum() == math.ceil(share * len(places))
    assert buttons["all"][f"dimensions[{last}].constraintrange"] == [None]


def snapped(low: float, high: float, ticks: list[float]) -> tuple[float, float]:
    """What plotly 4 makes of a selected range on an axis with ticks: a quarter of the way to the next one."""
    ticks = sorted(ticks)
    assert low <= ticks[0]
    upper = next(place for place in ticks if place >= high)
    lower = max(place for place in ticks if place < high)
    return ticks[0], 0.75 * lower + 0.25 * upper


def test_equal_losses_leave_only_the_button_for_all() -> None:
    trials = [a_trial(n, 1.0, rate=0.1 * n) for n in range(20)]
    menu = draw("parallel", a_search(trials, Declared("rate", True))).layout.updatemenus[0]
    assert [one.label for one in menu.buttons] == ["all"]


def test_the_best_lines_lie_on_top_and_one_bad_loss_does_not_take_the_colours() -> None:
    trials = [a_trial(n, 1e6 if n == 19 else 1.0 + n, rate=0.1 * n) for n in range(20)]
    line = draw("parallel", a_search(trials, Declared("rate", True))).data[0].line
    assert line.color[0] == max(line.color) == line.cmax
    assert line.cmin > -2


@pytest.mark.parametrize(
    ("failed", "said"),
    [(0, []), (1, ["1 failed trial is not shown"]), (2, ["2 failed trials are not shown"])],
)
def test_failed_trials_are_left_out_and_counted(failed: int, said: list[str]) -> None:
    trials = [a_trial(n, None if n < failed else 1.0 + n, rate=0.1 * n) for n in range(10)]
    figure = draw("parallel", a_search(trials, Declared("rate", True)))
    assert list(figure.data[0].customdata) == list(range(failed, 10))
    assert remarks(figure) == said


def test_more_hyperparameters_than_plotly_has_axes_for_are_counted() -> None:
    names = [f"part_{place}" for place in range(61)]
    trials = [a_trial(n, 1.0 + n, **dict.fromkeys(names, 0.1 * n)) for n in range(3)]
    figure = draw("parallel", a_search(trials, *(Declared(name, True) for name in names)))
    assert len(figure.data[0].dimensions) == 60
    assert figure.data[0].dimensions[-1].label == "loss"
    assert remarks(figure) == ["2 more hyperparameters have no axis"]


def test_a_search_without_differences_has_no_lines() -> None:
    trials = [a_trial(n, 1.0 + n, rate=0.1) for n in range(20)]
    for name in ("parallel", "importance"):
        with pytest.raises(NothingToShow, match="No hyperparameter differs between the trials."):
            draw(name, a_search(trials, Declared("rate", True)))


# Importance -------------------------------------------------------------------------------------------

SPACE = (
    Declared("num_layers", True),
    Declared("units_1", True, log=True),
    Declared("units_2", True, log=True, always=False),
    Declared("learning_rate", True, log=True),
    Declared("batch_size", True),
    Declared("scaling", False),
    Declared("dropout", True, fixed=True),
)


def random_search(
    count: int, loss_of: Callable[[dict[str, Any], float], float], seed: int = 0
) -> RecordedSearch:
    rng = np.random.default_rng(seed)
    trials = []
    for number in range(count):
        layers = int(rng.integers(1, 3))
        widths = np.exp(rng.uniform(math.log(4), math.log(128), layers)).round()
        values = {
            "num_layers": layers,
            **{f"units_{layer}": int(width) for layer, width in enumerate(widths, start=1)},
            "learning_rate": float(np.exp(rng.uniform(math.log(1e-3), math.log(3e-2)))),
            "batch_size": int(rng.choice([16, 32, 64])),
            "scaling": str(rng.choice(["last", "standard"])),
            "dropout": 0.0,
        }
        trials.append(a_trial(number, loss_of(values, float(rng.random())), **values))
    return a_search(trials, *SPACE)


def importance_of(search: RecordedSearch) -> dict[str, float]:
    bars = draw("importance", search).data[0]
    return dict(zip(reversed(bars.y), reversed(bars.x), strict=True))


@pytest.mark.parametrize("count", [200, 1000])
def test_the_one_hyperparameter_the_loss_depends_on_is_first_and_the_others_have_nothing(count: int) -> None:
    found = importance_of(random_search(count, lambda v, _: 1 + abs(math.log(v["learning_rate"] / 5e-3))))
    assert next(iter(found)) == "learning_rate"
    assert found["learning_rate"] > 0.9
    assert all(share < 0.03 for name, share in found.items() if name != "learning_rate")


@pytest.mark.parametrize("name", ["batch_size", "scaling"])
def test_a_choice_that_decides_is_first(name: str) -> None:
    best = {"batch_size": 32, "scaling": "last"}[name]
    found = importance_of(random_search(600, lambda v, noise: 1 + (v[name] != best) + 0.5 * noise))
    assert next(iter(found)) == name


def test_a_layer_that_only_some_trials_have_is_found() -> None:
    def loss(values: dict[str, Any], noise: float) -> float:
        return 3 + noise / 100 if "units_2" not in values else 1 + abs(math.log(values["units_2"] / 16))

    found = importance_of(random_search(400, loss))
    assert list(found)[:2] == ["units_2", "num_layers"]
    assert found["units_2"] > 0.8
    assert found["units_1"] < 0.05


def test_few_values_do_not_look_important_for_the_gaps_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def loss(values: dict[str, Any], _: float) -> float:
        return abs(math.log(values["learning_rate"] / 5e-3))

    searches = [random_search(300, loss, seed=seed) for seed in range(3)]
    by_place = [importance_of(search)["batch_size"] for search in searches]
    monkeypatch.setattr(importance, "FEW", 0)
    by_number = [importance_of(search)["batch_size"] for search in searches]
    assert np.mean(by_place) < 0.02 < 0.04 < np.mean(by_number)


def test_the_shares_add_up_to_one_and_fixed_ones_have_no_bar(make_search: Make) -> None:
    found = importance_of(make_search(200))
    assert sum(found.values()) == pytest.approx(1)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert not {"dropout", "bottleneck"} & set(found)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (10, ["10 trials: too few to trust; 50 are needed"]),
        (49, ["49 trials: too few to trust; 50 are needed"]),
    ],
)
def test_few_trials_come_with_a_warning(count: int, said: list[str]) -> None:
    assert remarks(draw("importance", random_search(count, lambda _, noise: 1 + noise))) == said


def test_fifty_trials_have_no_warning() -> None:
    assert remarks(draw("importance", random_search(50, lambda _, noise: 1 + noise))) == []


def test_equally_good_trials_have_no_importance() -> None:
    with pytest.raises(NothingToShow, match="nothing that the others have not"):
        draw("importance", random_search(60, lambda _v, _noise: 1.0))


def test_optuna_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    draw("importance", random_search(60, lambda _, noise: 1 + noise))
    assert capfd.readouterr() == ("", "")
