"""The pictures of the view `shapes`: the best profiles as small funnels, and the map of narrowings."""

import json
import math
from dataclasses import replace
from itertools import pairwise
from statistics import median

import pytest

from narrows.callbacks.figures import NothingToShow, draw, pictures
from narrows.callbacks.figures._small_funnels import WIDEST
from narrows.callbacks.figures._style import VERDICTS
from narrows.callbacks.figures.narrowing_map import COLUMN, cells_of, ratio_label, width_label
from narrows.callbacks.recorded import RecordedSearch, RecordedTrial
from narrows.search_spaces.trial import Status

HOSTILE = "<img src=x onerror=alert(1)>"


def search_of(*trials):
    return RecordedSearch("made by hand", "mse", (), trials)


def trial_of(number, units, loss=0.1, kept=None, status=Status.COMPLETED):
    """Return a trial; `kept` at each boundary, without what else is measured."""
    measured = None
    if kept is not None:
        boundaries = [
            {"handed_on": "instant", "measures": {"kept": {"instant": [value, None, None, None]}}}
            for value in kept
        ]
        measured = {"boundaries": boundaries}
    return RecordedTrial(
        number,
        {},
        epochs=10,
        status=status,
        units=units,
        best_val_loss=loss,
        best_epoch=1,
        secs=1.0,
        measured=measured,
    )


def trace(figure, name):
    return next(one for one in figure.data if one.name == name)


def heat(figure, place=0):
    """Return the cells that are not empty, as {(column label, row label): (colour, text, customdata)}."""
    found = figure.data[place]
    return {
        (x, y): (found.z[row][column], found.text[row][column], found.customdata[row][column])
        for row, y in enumerate(found.y)
        for column, x in enumerate(found.x)
        if found.text[row][column]
    }


def test_outlines_are_as_high_as_the_units_and_fills_as_the_effective_rank(make_search):
    search = make_search(60)
    best = search.ranked[:12]
    assert max(max(one.units) for one in best) <= 32 * min(min(one.units) for one in best)
    figure = draw("profiles", search)
    outline, fill = trace(figure, "units"), trace(figure, "units that do different work")
    assert list(outline.y) == [units for one in best for units in one.units]
    assert list(fill.y) == pytest.approx([rank for one in best for rank in one.narrowing.effective_widths])
    for bar in (outline, fill):
        middles = [base + height / 2 for base, height in zip(bar.base, bar.y, strict=True)]
        assert bar.x == outline.x and middles == pytest.approx(
            [base + height / 2 for base, height in zip(outline.base, outline.y, strict=True)]
        )
    assert figure.layout.yaxis.title.text == "units"


def test_every_bar_and_every_mark_leads_to_its_trial(make_search):
    search = make_search(60)
    best = search.ranked[:12]
    figure = draw("profiles", search)
    numbers = [one.number for one in best for _ in one.units]
    assert list(trace(figure, "units").customdata) == numbers
    assert list(trace(figure, "units that do different work").customdata) == numbers
    marks = [
        number
        for one in figure.data
        if one.type == "scatter" and one.mode == "markers"
        for number in one.customdata
    ]
    assert sorted(marks) == sorted(one.number for one in best for _ in one.units[1:])
    for number, text in zip(numbers, trace(figure, "units").hovertext, strict=True):
        assert search.trial(number).name in text


def test_titles_say_rank_profile_and_loss(make_search):
    search = make_search(60)
    titles = [one.text for one in draw("profiles", search).layout.annotations]
    assert titles == [
        f"{rank}. <b>{one.profile}</b><br>loss {one.score:.4g}"
        for rank, one in enumerate(search.ranked[:12], start=1)
    ]


def test_long_profiles_take_two_lines():
    figure = draw("profiles", search_of(trial_of(0, (512,) * 8)))
    assert (
        figure.layout.annotations[0].text
        == "1. <b>512-512-512-512-</b><br><b>512-512-512-512</b><br>loss 0.1"
    )


def test_widths_far_apart_are_drawn_as_square_roots_and_the_axis_says_so():
    figure = draw("profiles", search_of(trial_of(0, (512, 1)), trial_of(1, (64,), 0.2)))
    assert list(trace(figure, "units").y) == pytest.approx([512**0.5, 1, 8])
    assert figure.layout.yaxis.title.text == "units<br>(square-root scale)"


def test_links_have_the_colours_of_the_verdicts(make_search):
    search = make_search(60)
    words = [b.verdict.word for one in search.ranked[:12] for b in one.narrowing.boundaries]
    figure = draw("profiles", search)
    assert len(set(words)) > 1
    for word in set(words):
        link, mark = (one for one in figure.data if one.legendgroup == word)
        assert link.fillcolor == mark.marker.color == VERDICTS[word]
        assert link.x.count(None) == len(mark.x) == words.count(word)


def test_boxes_of_a_profile_do_not_overlap_and_stay_in_their_column():
    trials = [trial_of(number, (512, 1) * 4, 0.1 + number) for number in range(12)]
    outline = trace(draw("profiles", search_of(*trials)), "units")
    edges = [(x - width / 2, x + width / 2) for x, width in zip(outline.x, outline.width, strict=True)]
    for first in range(0, 96, 8):
        column = first // 8 % 4
        row = edges[first : first + 8]
        assert column - 0.5 < row[0][0] and row[-1][1] < column + 0.5
        assert all(left[1] < right[0] for left, right in pairwise(row))


def test_a_trial_that_was_not_measured_shows_its_outline_only(make_search):
    search = make_search(20)
    best = replace(search.best, measured=None, summary={})
    figure = draw("profiles", search_of(best))
    assert [one.name for one in figure.data if one.type == "bar"] == ["units"]
    assert list(trace(figure, "units").y) == list(best.units)
    assert "nothing was measured" in trace(figure, "units").hovertext[0]
    # Beside measured ones it has no fill, and they keep theirs.
    other = search.ranked[1]
    both = draw("profiles", search_of(best, other))
    assert set(trace(both, "units that do different work").customdata) == {other.number}


@pytest.mark.parametrize("count", [1, 2, 4, 5, 12, 30])
def test_any_number_of_trials_is_drawn_up_to_twelve(count):
    trials = [trial_of(number, (8, 4), 0.1 + number) for number in range(count)]
    figure = draw("profiles", search_of(*trials))
    assert len(figure.layout.annotations) == min(count, 12)
    # However many rows there are, a layer is as high.
    (low, high), around = figure.layout.yaxis.range, figure.layout.margin
    pixels = figure.layout.height - around.t - around.b
    assert 8 * pixels / (high - low) == pytest.approx(WIDEST, rel=0.01)


def test_the_best_profile_comes_first_and_the_map_has_the_least_loss_also_where_the_margin_decides():
    scalings = ("standard", "last", "standard")
    search = search_of(
        *(
            replace(trial_of(number, (8, 4), loss), values={"scaling": scaling})
            for number, (scaling, loss) in enumerate(zip(scalings, (0.99, 1.0, 0.97), strict=True))
        )
    )
    assert [trial.number for trial in search.ranked] == [1, 2, 0]
    assert draw("profiles", search).layout.annotations[0].text == "1. <b>8-4</b><br>loss 1"
    (loss, _) = draw("narrowing_map", search).data
    assert loss.customdata[0][0] == 2 and 10 ** loss.z[0][0] == pytest.approx(0.97)


def test_ranks_count_trials_of_unknown_layers_too():
    figure = draw("profiles", search_of(trial_of(0, (), 0.1), trial_of(1, (8,), 0.2)))
    assert [one.text for one in figure.layout.annotations] == ["2. <b>8</b><br>loss 0.2"]


def test_the_map_counts_as_a_loop_over_all_boundaries_does(make_search):
    search = make_search(400, seed=3)
    naive = {}
    for one in search.ranked:
        for place in range(len(one.units) - 1):
            before, after = one.units[place : place + 2]
            if after < before:
                width = next(k for k in range(20) if 2**k <= after < 2 ** (k + 1))
                ratio = next(k for k in range(1, 20) if before <= after * 2**k)
                naive.setdefault((width, -ratio), []).append((one, one.kept[place]))
    cells = cells_of(search.ranked)
    assert set(cells) == set(naive) and len(cells) > 10
    for key, found in naive.items():
        numbers = {one.number for one, _ in found}
        assert cells[key].trials == len(numbers)
        assert cells[key].boundaries == len(found)
        assert cells[key].best.score == min(one.score for one, _ in found)
        assert cells[key].best.number in numbers
        assert cells[key].median_kept == pytest.approx(median(kept for _, kept in found))


def test_the_map_draws_best_loss_on_a_log_scale_count_and_best_trial():
    search = search_of(
        trial_of(0, (64, 8), 0.1, [0.5]),
        trial_of(1, (64, 9), 0.01, [0.7]),
        trial_of(2, (4, 2), 1.0, [0.9]),
        trial_of(3, (4, 8), 0.001, [1.0]),
        trial_of(4, (64, 8), None, status=Status.FAILED),
    )
    figure = draw("narrowing_map", search)
    assert heat(figure) == {
        ("8-15", "1/8 to 1/4"): (pytest.approx(-2), "2", 1),
        ("2-3", "1/2 to 1"): (pytest.approx(0), "1", 2),
    }
    bar = figure.data[0].colorbar
    assert [float(text) for text in bar.ticktext] == pytest.approx([10**z for z in bar.tickvals], rel=1e-2)
    assert heat(figure, 1)["8-15", "1/8 to 1/4"][0] == pytest.approx(0.6)


def test_a_trial_that_narrows_twice_alike_counts_once():
    search = search_of(trial_of(0, (12, 10, 9), kept=[0.4, 0.8]))
    figure = draw("narrowing_map", search)
    assert heat(figure) == {("8-15", "1/2 to 1"): (pytest.approx(-1), "1", 0)}
    assert "1 trial, 2 boundaries" in figure.data[0].hovertext[0][0]
    assert "median kept 60%" in figure.data[0].hovertext[0][0]


def test_the_button_colours_by_the_median_kept():
    figure = draw("narrowing_map", search_of(trial_of(0, (64, 8), kept=[0.5])))
    assert [one.visible for one in figure.data] == [None, False]
    chosen = {one.label: one.args[0]["visible"] for one in figure.layout.updatemenus[0].buttons}
    assert chosen == {"best loss": [True, False], "median kept": [False, True]}
    assert (figure.data[1].zmin, figure.data[1].zmax) == (0, 1)


@pytest.mark.parametrize("kept", [None, [None], []])
def test_what_is_not_known_of_a_boundary_leaves_it_on_the_map(kept):
    figure = draw("narrowing_map", search_of(trial_of(0, (64, 8), kept=kept)))
    assert heat(figure)["8-15", "1/8 to 1/4"][1:] == ("1", 0)
    assert heat(figure, 1)["8-15", "1/8 to 1/4"][0] is None
    assert "median kept not known" in figure.data[0].hovertext[0][0]


@pytest.mark.parametrize(
    "before, after, column, row",
    [
        (2, 1, "1", "1/2 to 1"),
        (512, 1, "1", "1/512 to 1/256"),
        (64, 63, "32-63", "1/2 to 1"),
        (64, 32, "32-63", "1/2 to 1"),
        (64, 31, "16-31", "1/4 to 1/2"),
        (64, 16, "16-31", "1/4 to 1/2"),
        (3, 1, "1", "1/4 to 1/2"),
        (4096, 3, "2-3", "1/2048 to 1/1024"),
    ],
)
def test_powers_of_two_open_their_bins(before, after, column, row):
    ((key, _),) = cells_of([trial_of(0, (before, after))]).items()
    assert (width_label(key[0]), ratio_label(key[1])) == (column, row)


def test_where_a_loss_is_not_positive_the_scale_is_linear():
    trials = trial_of(0, (64, 8), -1.0), trial_of(1, (4, 2), 3.0), trial_of(2, (64, 32), math.inf)
    figure = draw("narrowing_map", search_of(*trials))
    assert {key: cell[0] for key, cell in heat(figure).items()} == {
        ("8-15", "1/8 to 1/4"): -1,
        ("2-3", "1/2 to 1"): 3,
    }
    assert figure.data[0].colorbar.ticktext == ("-1", "0", "1", "2", "3")


@pytest.mark.parametrize("name", ["profiles", "narrowing_map"])
@pytest.mark.parametrize("trials", [(), (trial_of(0, (8, 4), 0.1, status=Status.FAILED),)])
def test_without_a_score_there_is_nothing_to_show(name, trials):
    with pytest.raises(NothingToShow, match="^No trial has a score yet.$"):
        draw(name, search_of(*trials))


def test_widths_stand_at_the_edges_of_their_columns_with_room_beside_each_other(make_search):
    figure = draw("narrowing_map", make_search(200))
    axis, columns = figure.layout.xaxis, figure.data[0].x
    edges = dict(zip(axis.tickvals, axis.ticktext, strict=True))
    assert {
        place - 0.5: columns[place].split("-")[0] for place in range(len(columns))
    }.items() <= edges.items()
    assert edges[len(columns) - 0.5] == "128"
    assert axis.tickangle == 0
    assert 7 * max(map(len, axis.ticktext)) < COLUMN
    assert figure.layout.meta["least"] > COLUMN * len(columns)


def test_where_nothing_narrows_there_is_no_map():
    message = "No trial with a score has a layer that is narrower than the one before it."
    with pytest.raises(NothingToShow, match=message):
        draw("narrowing_map", search_of(trial_of(0, (8,)), trial_of(1, (4, 4, 8))))


@pytest.mark.parametrize("name", ["profiles", "narrowing_map"])
def test_names_from_the_data_are_shown_literally(name, make_search):
    search = make_search(60)
    best = search.best
    measured = json.loads(json.dumps(best.measured))
    for boundary in measured["boundaries"]:
        boundary["verdict"] = {"word": HOSTILE, "sentence": HOSTILE}
    hostile = replace(search, title=HOSTILE, loss=HOSTILE, trials=(replace(best, measured=measured),))
    assert measured["boundaries"]
    # Plotly escapes `<` for JSON; what counts is what the page reads.
    texts = json.dumps(json.loads(draw(name, hostile).to_json()))
    assert "&lt;img" in texts and "<img" not in texts


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["profiles", "narrowing_map"])
def test_many_trials_make_a_small_figure(name, dark, make_search):
    assert pictures()[name].view == "shapes"
    assert len(draw(name, make_search(300), dark=dark).to_json()) < 40_000
