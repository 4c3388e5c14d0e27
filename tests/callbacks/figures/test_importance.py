"""What the pictures promise that ask what matters: importance, one at a time, two together."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from narrows.callbacks.figures import NothingToShow, draw
from narrows.callbacks.figures._importance import Ranking, compared
from narrows.callbacks.figures._variance import effects
from narrows.callbacks.recorded import Declared, RecordedSearch, RecordedTrial
from narrows.search_spaces.trial import Status

SPACE = (
    Declared("num_layers", True),
    Declared("units_1", True, log=True),
    Declared("units_2", True, log=True, always=False),
    Declared("learning_rate", True, log=True),
    Declared("batch_size", True),
    Declared("scaling", False),
    Declared("shuffle", False),
    Declared("dropout", True, fixed=True),
)
Values = dict[str, Any]
ASKING = ("importance", "slice", "pair")
"""The pictures that ask what matters."""


def a_trial(number: int, loss: float | None, **values: Any) -> RecordedTrial:
    status = Status.FAILED if loss is None else Status.COMPLETED
    return RecordedTrial(
        number, values, epochs=10, status=status, units=(8,), best_val_loss=loss, best_epoch=1
    )


def a_search(trials: list[RecordedTrial], *declared: Declared) -> RecordedSearch:
    return RecordedSearch("made up", "mse", declared, tuple(trials))


def random_search(
    count: int, loss_of: Callable[[Values, float], float | None], seed: int = 0
) -> RecordedSearch:
    """Return a search; `loss_of` is given the values and a random number from 0 to 1."""
    rng = np.random.default_rng(seed)
    trials = []
    for number in range(count):
        widths = np.exp(rng.uniform(math.log(4), math.log(128), rng.integers(1, 3))).round()
        values = {
            "num_layers": len(widths),
            **{f"units_{layer}": int(width) for layer, width in enumerate(widths, start=1)},
            "learning_rate": float(np.exp(rng.uniform(math.log(1e-3), math.log(3e-2)))),
            "batch_size": int(rng.choice([16, 32, 64])),
            "scaling": str(rng.choice(["last", "standard"])),
            "shuffle": bool(rng.integers(2)),
            "dropout": 0.0,
        }
        trials.append(a_trial(number, loss_of(values, float(rng.random())), **values))
    return a_search(trials, *SPACE)


def by_scaling(values: Values, noise: float) -> float:
    return (1 if values["scaling"] == "last" else 3) * math.exp(0.3 * noise)


def by_rate(values: Values, _: float) -> float:
    return 1 + abs(math.log(values["learning_rate"] / 5e-3))


def by_luck(_: Values, noise: float) -> float:
    return math.exp(noise)


def bars(search: RecordedSearch) -> dict[str, tuple[float, float]]:
    """Length and opacity of each bar by its text, the longest hyperparameter first, "the rest" last."""
    figure = draw("importance", search)
    axis, bar = figure.layout.yaxis, figure.data[0]
    found = zip(axis.ticktext, bar.x, bar.marker.opacity, strict=True)
    return {name: (length, opacity) for name, length, opacity in reversed(list(found))}


def remarks(figure: Any) -> list[str]:
    return [one.text for one in figure.layout.annotations]


def small_lines(figure: Any) -> list[Any]:
    return [one for one in figure.data if one.xaxis == "x2" and one.hoverinfo != "skip"]


# Importance -------------------------------------------------------------------------------------------


def test_importance_needs_no_more_than_a_default_search() -> None:
    found = bars(random_search(30, by_scaling))
    assert next(iter(found)) == "scaling"
    assert found["scaling"][0] > 0.8 and found["scaling"][1] == 1
    assert remarks(draw("importance", random_search(30, by_scaling))) == ["the loss, from low to high values"]


@pytest.mark.parametrize("count", [30, 200, 1000])
def test_the_one_hyperparameter_the_loss_depends_on_has_nearly_all(count: int) -> None:
    found = bars(random_search(count, by_rate))
    assert next(iter(found)) == "learning_rate" and found["learning_rate"][0] > 0.8
    assert all(
        length < 0.1 for name, (length, _) in found.items() if name not in ("learning_rate", "the rest")
    )


@pytest.mark.parametrize("name", ["batch_size", "scaling", "shuffle"])
def test_a_choice_that_decides_is_first(name: str) -> None:
    best = {"batch_size": 32, "scaling": "last", "shuffle": True}[name]
    found = bars(random_search(60, lambda v, noise: 1 + (v[name] != best) + 0.5 * noise))
    assert next(iter(found)) == name


def test_a_layer_that_only_some_trials_have_is_judged_among_those() -> None:
    def loss(values: Values, noise: float) -> float:
        # A trial without the layer is as good as the others in the mean.
        of_width = math.log(values["units_2"]) if "units_2" in values else 2.9
        return of_width * math.exp(0.1 * noise)

    found = bars(random_search(100, loss))
    assert next(iter(found)) == "units_2"
    assert "seen in 4" in next(
        text
        for text in draw("importance", random_search(100, loss)).data[0].hovertext
        if "units_2 explains" in text
    )


def test_bars_that_may_be_luck_are_faint_have_no_line_and_it_is_said_what_would_decide() -> None:
    figure = draw("importance", random_search(30, by_luck))
    assert set(figure.data[0].marker.opacity) == {0.35}
    assert small_lines(figure) == []
    assert remarks(figure) == ["<b>30 trials do not show what matters;<br>60 or more may</b>"]


def test_the_bars_and_the_rest_share_all_and_fixed_ones_have_none() -> None:
    found = bars(random_search(40, by_scaling))
    assert sum(length for length, _ in found.values()) == pytest.approx(1)
    assert list(found)[-1] == "the rest" and "dropout" not in found
    lengths = [length for length, _ in found.values()][:-1]
    assert lengths == sorted(lengths, reverse=True)


def test_the_small_line_goes_as_the_loss_does_from_low_to_high_values() -> None:
    figure = draw("importance", random_search(60, lambda v, noise: v["units_1"] * math.exp(0.1 * noise)))
    line = next(one for one in small_lines(figure) if one.text[0].startswith("units_1"))
    assert list(line.x) == sorted(line.x) and line.y[0] < line.y[-1]
    assert "below the typical loss" in line.text[0] and "the typical loss" in line.text[-1]
    (told,) = (text for text in figure.data[0].hovertext if text.startswith("units_1"))
    assert "nine of ten times between" in told and "least loss at 4" in told


def test_long_names_are_cut_and_every_bar_has_room() -> None:
    names = [f"the_strength_of_the_regulariser_of_layer_{n}" for n in range(12)]
    rng = np.random.default_rng(0)
    trials = [
        a_trial(n, 1 + float(rng.random()), **dict(zip(names, rng.random(12), strict=True)))
        for n in range(60)
    ]
    figure = draw("importance", a_search(trials, *(Declared(name, True) for name in names)))
    texts = figure.layout.yaxis.ticktext[1:]
    assert all(text[:5] == "the_s" and len(text) == 30 for text in texts)
    assert figure.layout.height > 30 * len(figure.data[0].y)


@pytest.mark.parametrize("name", ["importance", "slice", "pair"])
@pytest.mark.parametrize("odd", [None, math.nan, math.inf, 1e300, 1e-300])
def test_failed_and_absurd_losses_are_borne(name: str, odd: float | None) -> None:
    search = random_search(30, by_scaling)
    trials = [replace(one, best_val_loss=odd) if one.number % 9 == 4 else one for one in search.trials]
    figure = json.loads(
        draw(name, replace(search, trials=tuple(trials))).to_json(), parse_constant=pytest.fail
    )
    assert figure["data"]


def test_one_absurd_loss_does_not_hide_what_matters() -> None:
    search = random_search(30, by_scaling)
    trials = (replace(search.trials[0], best_val_loss=1e300), *search.trials[1:])
    assert next(iter(bars(replace(search, trials=trials)))) == "scaling"


def test_equal_losses_are_said() -> None:
    with pytest.raises(NothingToShow, match="All trials have the same loss"):
        draw("importance", random_search(60, lambda _v, _noise: 1.0))


def test_losses_are_compared_among_trials_of_as_many_epochs() -> None:
    """A search of Hyperband, whose first round trains each trial for 3 epochs and is far worse for it."""
    search = random_search(40, lambda v, noise: by_scaling(v, noise) * (1.0 if v["shuffle"] else 20.0))
    trials = [replace(one, epochs=10 if one.values["shuffle"] else 3) for one in search.trials]
    found = bars(replace(search, trials=tuple(trials)))
    assert next(iter(found)) == "scaling" and found["shuffle"][0] < 0.05


def test_losses_far_from_the_median_count_as_at_its_side() -> None:
    losses = [0.9, 1.0, 1.1, 1.2, 50.0]
    found = compared([a_trial(n, loss) for n, loss in enumerate(losses)], log=False)
    assert list(found[:4]) == losses[:4]
    assert found[4] == pytest.approx(1.1 + 3 * 1.4826 * 0.1)


def test_of_one_thousand_trials_importance_is_told_within_half_a_second_of_one_core() -> None:
    search = random_search(1000, by_scaling)
    before = time.thread_time()
    Ranking.of(search, "see")
    assert time.thread_time() - before < 0.5


# One at a time ----------------------------------------------------------------------------------------


def panels(figure: Any) -> list[str]:
    return [text.split(":")[0] for text in remarks(figure)]


def test_the_most_important_hyperparameters_have_a_panel_each_in_order() -> None:
    search = random_search(60, by_scaling)
    assert panels(draw("slice", search)) == list(bars(search))[:6]


def test_of_few_trials_the_points_are_drawn_without_a_share_or_a_curve() -> None:
    figure = draw("slice", random_search(5, by_scaling))
    assert remarks(figure)[:2] == ["num_layers", "units_1"]
    assert {one.name for one in figure.data} == {"trial", "best"}


def test_marks_of_many_trials_are_large_enough_in_the_legend(make_search: Callable[..., Any]) -> None:
    sizes = {count: draw("slice", make_search(count)).layout.legend.itemsizing for count in (60, 600)}
    assert sizes == {60: None, 600: "constant"}


def test_trials_that_ended_early_are_hollow_and_the_best_one_is_ringed() -> None:
    search = random_search(30, by_scaling)
    trials = [replace(one, status=Status.STOPPED) if one.number < 5 else one for one in search.trials]
    search = replace(search, trials=tuple(trials))
    figure = draw("slice", search)
    early, best = ([one for one in figure.data if one.name == name] for name in ("ended early", "best"))
    assert len(early) == len(best) == 6
    assert all(one.marker.symbol == "circle-open" and set(one.customdata) == set(range(5)) for one in early)
    assert search.best is not None
    assert all(list(one.customdata) == [search.best.number] for one in best)


def test_a_trial_without_the_layer_stands_at_a_place_of_its_own() -> None:
    search = random_search(60, lambda v, noise: v.get("units_2", 20) * math.exp(0.1 * noise))
    figure = draw("slice", search)
    assert panels(figure)[0] == "units_2"
    points = next(one for one in figure.data if one.name == "trial")
    absent = {one.number for one in search.trials if "units_2" not in one.values}
    assert {int(n) for n, x in zip(points.customdata, points.x, strict=True) if x == 0} == absent
    assert figure.layout.xaxis.ticktext[0] == "<br>no layer", "where it touches no text of a value"
    curve = next(one for one in figure.data if one.name == "this one alone" and one.fill is None)
    assert min(curve.x) > 0


def test_all_panels_have_one_scale_of_the_loss_which_is_logarithmic() -> None:
    figure = draw("slice", random_search(30, by_scaling))
    axes = [figure.layout[f"yaxis{number or ''}"] for number in ("", 2, 3, 4, 5, 6)]
    assert {one.type for one in axes} == {"log"} and {one.matches for one in axes[1:]} == {"y"}


def test_the_curve_lies_in_its_band() -> None:
    figure = draw("slice", random_search(40, by_rate))
    band = next(one for one in figure.data if one.fill == "toself")
    curve = next(one for one in figure.data if one.name == "this one alone" and one.fill is None)
    high, low = np.split(np.asarray(band.y), 2)
    assert (low[::-1] <= np.asarray(curve.y)).all() and (np.asarray(curve.y) <= high).all()


# Two together -----------------------------------------------------------------------------------------


def test_the_map_is_that_of_the_two_numbers_that_matter_most() -> None:
    search = random_search(60, lambda v, noise: by_rate(v, 0) * v["units_1"] ** 0.5 * math.exp(0.1 * noise))
    figure = draw("pair", search)
    assert {figure.layout.xaxis.title.text, figure.layout.yaxis.title.text} == {"units_1", "learning_rate"}


def test_colours_are_ranks_and_the_best_lies_on_top() -> None:
    search = random_search(30, by_rate)
    (points,) = draw("pair", search).data
    losses = {one.number: one.score for one in search.trials}
    drawn = [losses[number] for number in points.customdata]
    assert drawn == sorted(drawn, reverse=True)
    assert list(points.marker.color) == pytest.approx(np.linspace(1, 0, len(drawn)))
    assert f"the best of {len(drawn)}" in points.text[-1] and "learning_rate 0.00" in points.text[-1]


def test_a_pair_that_too_few_trials_have_both_is_no_map() -> None:
    trials = [a_trial(n, 1.0 + n, width=n, **({"depth": n} if n < 9 else {})) for n in range(30)]
    search = a_search(trials, Declared("width", True), Declared("depth", True, always=False))
    with pytest.raises(NothingToShow, match="No two numbers differ in 10 trials or more"):
        draw("pair", search)


def test_texts_alone_are_no_map() -> None:
    trials = [a_trial(n, 1.0 + n, one="ab"[n % 2], other="abc"[n % 3]) for n in range(30)]
    with pytest.raises(NothingToShow, match="No two numbers"):
        draw("pair", a_search(trials, Declared("one", False), Declared("other", False)))


def test_what_matters_is_computed_once_for_all_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[Any] = []

    def counted(*given: Any) -> Any:
        computed.append(given)
        return effects(*given)

    monkeypatch.setattr("narrows.callbacks.figures._importance.effects", counted)
    search = random_search(40, lambda values, luck: values["learning_rate"] + luck)
    for name in ASKING:
        draw(name, search)
    assert len(computed) == 1
