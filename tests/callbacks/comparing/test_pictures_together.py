"""Pictures of what is compared: one colour a side, and no mark that leads to a trial of another search."""

from dataclasses import replace

import pytest

from narrows.callbacks.comparing import of_searches, of_trials
from narrows.callbacks.comparing.figures import comparisons
from narrows.callbacks.figures import NothingToShow
from narrows.callbacks.pages import compared, to_json


def draw(name, sides):
    return comparisons()[name].draw(sides)


def named(figure):
    return {one.name: one for one in figure.data if one.name}


@pytest.fixture(scope="module")
def made(make_search):
    return make_search(12, title="sales")


@pytest.fixture(scope="module")
def two(made, make_search, search):
    other = replace(make_search(8, seed=1, title="other"), asked=search().asked)
    return of_searches([("a", replace(made, asked=search().asked)), ("b", other)])


def test_a_page_of_trials_has_each_picture_but_that_of_two_searches(made, two):
    of_two = compared(two)["pictures"]
    of_one = compared(of_trials(made, "0,1,2"), dark=True)["pictures"]
    assert {one["name"] for one in of_two} == set(comparisons())
    assert {one["name"] for one in of_two} - {one["name"] for one in of_one} == {"progress_together"}
    assert all(one["title"] and one["sentence"] and one["note"] for one in of_two)
    assert all(one["figure"] for one in of_two)
    assert "<img" not in to_json(compared(two))


def test_each_trial_has_one_colour_in_its_curves(made):
    sides = of_trials(made, "0,1,2")
    figure = draw("curves_together", sides)
    for side in sides:
        own = [one for one in figure.data if one.legendgroup == side.name]
        assert {one.line.color or one.marker.color for one in own} == {side.colour} and len(own) == 3
        assert {number for one in own for number in one.customdata} <= {side.trial.number, None}
    assert len({side.colour for side in sides}) == 3


def test_curves_that_are_not_known_are_left_out(made):
    bare = replace(made, trials=tuple(replace(one, curve=None) for one in made.trials))
    with pytest.raises(NothingToShow, match="epochs of these trials are not known"):
        draw("curves_together", of_trials(bare, None))
    half = replace(made, trials=(replace(made.trials[0], curve=None), *made.trials[1:]))
    assert made.trials[0].name not in named(draw("curves_together", of_trials(half, "0,1")))


def test_funnels_stand_side_by_side_and_a_failed_trial_among_them(made):
    figure = draw("funnels_together", of_trials(made, "0,3"))
    titles = [one.text for one in figure.layout.annotations]
    heads = [title.split("<br>")[0] for title in titles]
    assert heads[0].endswith("t0000") and heads[1].endswith("t0003")
    assert titles[1].endswith("no loss")
    assert draw("funnels_together", of_trials(made, "0,1,2,4")).layout.xaxis.range == (-0.5, 1.5), (
        "two by two"
    )


def test_the_layers_of_two_trials_fit_into_a_narrow_window(made):
    layout = draw("funnels_together", of_trials(made, "0,2")).layout
    assert layout.meta["least"] <= 360, "it has to be scrolled in 420 pixels"
    assert layout.height > 8 * max(map(len, layout.yaxis.title.text.split("<br>"))), (
        "its axis says it in part"
    )


def test_forecasts_are_those_that_are_kept(made):
    best = made.best.number
    rest = [one.number for one in made.ranked[1:3]]
    names = named(draw("forecasts_together", of_trials(made, f"{best},{rest[0]}")))
    assert [*names] == [made.best.name, "last value", "truth"]
    with pytest.raises(NothingToShow) as error:
        draw("forecasts_together", of_trials(made, f"{rest[0]},{rest[1]}"))
    assert f"are kept of the best trial alone, which is {made.best.name}: pick it" in str(error.value)
    with pytest.raises(NothingToShow, match="are made when a search ends"):
        draw("forecasts_together", of_trials(replace(made, forecasts=None), None))


def test_forecasts_of_two_searches_lie_over_one_truth(two):
    figure = draw("forecasts_together", two)
    assert [*named(figure)] == ["sales", "other", "last value", "truth"]
    assert [named(figure)[side.name].line.color for side in two] == [side.colour for side in two]


def test_each_target_can_be_chosen_and_shows_its_own_lines_alone(made, make_forecasts):
    several = replace(made, forecasts=make_forecasts(targets=("sold", "returned")))
    figure = draw("forecasts_together", of_trials(several, f"{made.best.number},0"))
    (chooser,) = figure.layout.updatemenus
    assert [button.label for button in chooser.buttons] == ["sold", "returned"]
    assert [one.visible for one in figure.data] == [True] * 3 + [False] * 3
    shows, layout = chooser.buttons[1].args
    assert shows["visible"] == [False] * 3 + [True] * 3
    assert layout["yaxis.title.text"] == "returned" and figure.layout.yaxis.title.text == "sold"
    assert not draw("forecasts_together", of_trials(made, None)).layout.updatemenus


def test_the_least_loss_so_far_falls_and_floors_are_dashed(two):
    began = {"epoch": [0, 1], "train": [None, 0.3], "validation": [0.4, 0.3]}
    first = two[0].search
    search = replace(first, trials=(replace(first.trials[0], curve=began), *first.trials[1:]))
    figure = draw("progress_together", (replace(two[0], search=search), two[1]))
    line = named(figure)["sales"]
    assert list(line.y) == sorted(line.y, reverse=True) and line.x[-1] == 11
    assert line.y[-1] == min(one.score for one in first.ranked)
    assert set(named(figure)["linear forecast of sales"].y) == {0.4}
    assert "linear forecast of other" not in named(figure)


@pytest.mark.parametrize("name", comparisons())
def test_marks_of_the_other_search_lead_nowhere(two, name):
    figure = draw(name, two)
    other = [one for one in figure.data if one.name == "other" or one.legendgroup == "other"]
    assert all(one.customdata is None for one in other)
    if name == "funnels_together":
        numbers = {number for one in figure.data if one.customdata is not None for number in one.customdata}
        assert numbers == {two[0].trial.number, None}
