"""The pictures of the view `trial`: funnel, memory, redundancy and correlation of one trial's layers."""

import json
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from plotly.colors import sample_colorscale

from narrows.callbacks.figures import NothingToShow, draw, pictures
from narrows.callbacks.figures._layers import LAYERS
from narrows.callbacks.figures._style import FAILED, VERDICTS
from narrows.callbacks.figures.correlation import LABEL, LABELLED, MAP, SMALLEST, order_of
from narrows.callbacks.narrowing import BoundaryMeasures, Estimate, LayerMeasures, Narrowing, Verdict
from narrows.callbacks.narrowing.estimate import UNKNOWN
from narrows.callbacks.narrowing.measures.correlation import Correlation
from narrows.callbacks.narrowing.measures.fill import Fill
from narrows.callbacks.narrowing.measures.kept import Kept
from narrows.callbacks.narrowing.measures.memory import Memory
from narrows.callbacks.narrowing.measures.redundancy import Redundancy
from narrows.callbacks.narrowing.measures.target import TargetProbe
from narrows.callbacks.narrowing.verdict import WORDS
from narrows.callbacks.recorded import RecordedSearch, RecordedTrial
from narrows.search_spaces.trial import Status

SEARCH = RecordedSearch("made by hand", "mse", ())
HOSTILE = "<img src=x onerror=alert(1)>"
TRIAL_PICTURES = ["funnel", "memory", "redundancy", "correlation"]


def estimate(value):
    return Estimate(value, value - 0.02, value + 0.02, 0.05)


def layer_of(units, rank=None, read=0.8, dead=(), redundancy=None, **measures):
    if redundancy is None:
        redundancy = [math.nan if unit in dead else unit / units for unit in range(units)]
    found = {
        "fill": Fill(units, float(units if rank is None else rank), 1.0, 1),
        "redundancy": Redundancy(tuple(redundancy), tuple(dead), measures.pop("saturated", None)),
        "target": TargetProbe(estimate(read - 0.1), estimate(read)),
    }
    return LayerMeasures(found | measures, units)


def boundary_of(before, after, kept, word, handed_on="trajectory"):
    found = Kept(estimate(kept - 0.3), estimate(kept)) if kept is not None else Kept(UNKNOWN, UNKNOWN)
    return BoundaryMeasures({"kept": found}, before, after, handed_on, Verdict(word, f"{before} to {after}."))


def trial_of(layers, boundaries=(), entry=None, **fields):
    found = Narrowing(tuple(layers), tuple(boundaries), 500, 7, entry)
    units = tuple(layer.units for layer in layers)
    trial = RecordedTrial(
        0,
        {},
        epochs=10,
        status=Status.COMPLETED,
        units=units,
        best_val_loss=0.1,
        best_epoch=1,
        secs=1.0,
        measured=found.to_plain(),
    )
    return replace(trial, **fields)


def three_layers():
    layers = [layer_of(64, 12.2, 0.9, dead=(3, 5)), layer_of(8, 5, 0.6), layer_of(32, 1.2, 0.7)]
    boundaries = [
        boundary_of(64, 8, 0.61, "too narrow"),
        boundary_of(8, 32, 0.98, "nothing lost", handed_on="instant"),
    ]
    return trial_of(layers, boundaries)


def traces(figure, kind):
    return [one for one in figure.data if one.type == kind]


def named(figure, name):
    return next(one for one in figure.data if one.name == name)


def symmetric(bar):
    return list(bar.base) == pytest.approx([-height / 2 for height in bar.y])


# Funnel.


def test_boxes_are_as_high_as_the_units_and_fills_as_the_effective_rank():
    fill, outline = traces(draw("funnel", SEARCH, three_layers()), "bar")
    assert list(outline.x) == [1, 2, 3] and list(outline.y) == [64, 8, 32]
    assert list(fill.y) == pytest.approx([12.2, 5, 1.2])
    assert symmetric(fill) and symmetric(outline)


def test_a_fill_has_the_colour_of_what_is_read_from_what_the_layer_hands_on():
    figure = draw("funnel", SEARCH, three_layers())
    fill = traces(figure, "bar")[0]
    # Of the last layer the present state is read: 0.1 less in these data.
    assert list(fill.marker.color) == sample_colorscale("viridis", [0.9, 0.6, 0.6])
    (scale,) = (one.marker for one in figure.data if one.type == "scatter" and one.marker.showscale)
    assert (scale.cmin, scale.cmax, scale.colorbar.title.text) == (0, 1, "explained from this layer alone")


def test_chips_say_what_was_kept_in_the_colour_of_the_verdict():
    figure = draw("funnel", SEARCH, three_layers())
    narrow, fine = named(figure, "too narrow"), named(figure, "nothing lost")
    # After the last boundary the present state is what is handed on: 0.98 less 0.3.
    assert (narrow.text, fine.text) == (("61%",), ("68%",))
    assert (narrow.marker.color, fine.marker.color) == (VERDICTS["too narrow"], VERDICTS["nothing lost"])
    assert (narrow.x, fine.x) == ((1.5,), (2.5,))
    assert narrow.hovertext[0].startswith("<b>too narrow</b><br>64 to 8.<br>kept 61%")
    assert narrow.showlegend is None and fine.showlegend is None


def test_labels_say_how_many_units_do_different_work():
    assert draw("funnel", SEARCH, three_layers()).layout.xaxis.ticktext == (
        "<b>layer 1</b><br>64 units<br>12 do<br>different<br>work<br>2 dead",
        "<b>layer 2</b><br>8 units<br>5 do<br>different<br>work",
        "<b>layer 3</b><br>32 units<br>all do<br>the same<br>work",
    )


@pytest.mark.parametrize(
    "layer, label",
    [
        (layer_of(1), "1 unit"),
        (layer_of(1, 0, dead=(0,)), "1 unit<br>never moves"),
        (layer_of(4, 0, dead=range(4)), "4 units<br>none ever moves"),
        (layer_of(4, 2.1, dead=range(4)), "4 units<br>all dead"),
    ],
)
def test_layers_of_one_unit_and_dead_layers_have_words_of_their_own(layer, label):
    figure = draw("funnel", SEARCH, trial_of([layer]))
    assert figure.layout.xaxis.ticktext == (f"<b>layer 1</b><br>{label}",)


def test_the_narrow_input_boundary_is_drawn_too():
    entry = boundary_of(21, 4, 0.3, "nothing to gain")
    figure = draw("funnel", SEARCH, trial_of([layer_of(4)], entry=entry))
    outline = traces(figure, "bar")[-1]
    assert list(outline.x) == [0, 1] and list(outline.y) == [21, 4]
    assert outline.marker.pattern.shape == ("/", "")
    assert named(figure, "nothing to gain").x == (0.5,)
    assert figure.layout.xaxis.ticktext[0] == "<b>input</b><br>21 channels"


@pytest.mark.parametrize(
    "word, drawn", [("too narrow", True), ("widening helps", True), ("nothing lost", False)]
)
def test_the_input_is_drawn_before_a_first_layer_that_is_too_narrow_for_it(word, drawn):
    entry = boundary_of(1, 4, 1.0, word)
    figure = draw("funnel", SEARCH, trial_of([layer_of(4)], entry=entry))
    assert (figure.layout.xaxis.ticktext[0] == "<b>input</b><br>1 channel") == drawn
    assert (len([one for one in figure.data if one.name == word]) > 0) == drawn


def test_every_verdict_has_a_colour_and_what_is_too_narrow_another_than_what_is_enough():
    assert set(VERDICTS) == set(WORDS)
    assert VERDICTS["too narrow"] == VERDICTS["widening helps"]
    assert VERDICTS["too narrow"] not in (VERDICTS["nothing lost"], VERDICTS["nothing to gain"])


def test_one_unit_beside_512_is_drawn_on_a_square_root_scale():
    trial = trial_of([layer_of(512, 100), layer_of(1)], [boundary_of(512, 1, 0.1, "too narrow", "instant")])
    figure = draw("funnel", SEARCH, trial)
    fill, outline = traces(figure, "bar")
    assert list(outline.y) == pytest.approx([512**0.5, 1]) and list(fill.y) == pytest.approx([10, 1])
    assert symmetric(fill) and symmetric(outline)
    assert figure.layout.yaxis.title.text == "units (square-root scale)"


@pytest.mark.parametrize("count", [4, 8])
def test_labels_of_many_layers_do_not_run_into_each_other(count):
    boundaries = [boundary_of(16, 16, 1.0, "nothing lost")] * (count - 1)
    figure = draw("funnel", SEARCH, trial_of([layer_of(16)] * count, boundaries))
    lines = [line for label in figure.layout.xaxis.ticktext for line in label.split("<br>")[1:]]
    assert max(map(len, lines)) <= 9
    assert len(named(figure, "nothing lost").text) == count - 1


def test_too_few_rows_leave_a_question_mark_and_a_grey_fill():
    layer = layer_of(8)
    layer = replace(layer, measures=layer.measures | {"target": TargetProbe(UNKNOWN, UNKNOWN)})
    boundary = boundary_of(8, 8, None, "too few samples", "instant")
    figure = draw("funnel", SEARCH, trial_of([layer, layer], [boundary]))
    assert named(figure, "too few samples").text == ("?",)
    assert traces(figure, "bar")[0].marker.color == FAILED
    assert (
        "how much can be explained from its last 7 states is not known"
        in traces(figure, "bar")[1].hovertext[0]
    )
    json.loads(figure.to_json(), parse_constant=pytest.fail)


def test_a_trial_that_was_not_measured_shows_its_outline():
    figure = draw("funnel", SEARCH, replace(three_layers(), measured=None))
    (outline,) = figure.data
    assert list(outline.y) == [64, 8, 32]
    assert figure.layout.xaxis.ticktext[0] == "<b>layer 1</b><br>64 units"
    with pytest.raises(NothingToShow, match="^The layers of this trial are not known.$"):
        draw("funnel", SEARCH, replace(three_layers(), measured=None, units=()))


# Memory.


def memory_of(lags, instant, trajectory, null=0.1):
    return Memory(tuple(lags), tuple(instant), tuple(trajectory), null / 2, null)


def test_curves_are_the_data_clipped_to_what_can_be_shown():
    first = memory_of(range(3), (0.9, 0.5, math.nan), (1.0, 0.8, -0.3))
    second = memory_of(range(3), (0.2, 0.1, 0.0), (0.4, 0.3, 0.2), null=0.25)
    trial = trial_of(
        [layer_of(4, memory=first), layer_of(1, memory=second)], [boundary_of(4, 1, 0.5, "too narrow")]
    )
    figure = draw("memory", SEARCH, trial)
    lines = [(one.name, one.line.dash, one.y) for one in figure.data if one.text]
    assert lines == [
        ("layer 1: 4 units", "solid", (1.0, 0.8, 0.0)),
        ("layer 1: 4 units", "dash", (0.9, 0.5, None)),
        ("layer 2: 1 unit", "solid", (0.4, 0.3, 0.2)),
        ("layer 2: 1 unit", "dash", (0.2, 0.1, 0.0)),
    ]
    assert [one.line.color for one in figure.data if one.text] == [LAYERS[layer][0] for layer in (0, 0, 1, 1)]
    assert [one.showlegend for one in figure.data if one.text] == [True, False, True, False]
    assert all(one.x == (0, 1, 2) for one in figure.data if one.text)
    assert "2 rows back: 0% recovered, chance up to 10%" in figure.data[1].text[2]


def test_the_grey_band_reaches_to_the_largest_chance_level():
    memories = [memory_of(range(3), (1, 1, 1), (1, 1, 1), null) for null in (0.1, 0.25)]
    trial = trial_of([layer_of(4, memory=one) for one in memories], [boundary_of(4, 4, 1, "nothing lost")])
    band = named(draw("memory", SEARCH, trial), "chance")
    assert (band.x, band.y, band.fill) == ((0, 2), (0.25, 0.25), "tozeroy")


@pytest.mark.parametrize("null", [math.nan, -0.1])
def test_without_a_chance_level_there_is_no_band(null):
    trial = trial_of([layer_of(4, memory=memory_of(range(2), (1, 1), (1, 1), null))])
    assert "chance" not in [one.name for one in draw("memory", SEARCH, trial).data]


def test_sparse_lags_of_a_long_lookback_stand_on_a_log_axis():
    lags = (0, 1, 3, 9, 99)
    trial = trial_of([layer_of(4, memory=memory_of(lags, (1,) * 5, (1,) * 5))])
    figure = draw("memory", SEARCH, trial)
    assert figure.layout.xaxis.type == "log"
    assert figure.data[1].x == (1, 2, 4, 10, 100)
    assert figure.layout.xaxis.tickvals == (1, 2, 3, 6, 11, 21, 51)
    assert figure.layout.xaxis.ticktext == ("0", "1", "2", "5", "10", "20", "50")


def test_one_lag_is_enough_and_its_two_points_can_be_told_apart():
    trial = trial_of([layer_of(4, memory=memory_of((0,), (0.5,), (0.7,)))])
    last, present = draw("memory", SEARCH, trial).data[1:3]
    assert (last.y, present.y) == ((0.7,), (0.5,))
    assert (last.marker.symbol, present.marker.symbol) == ("circle", "circle-open")


def test_memory_that_would_have_cost_too_much_is_told():
    trial = trial_of([layer_of(4)])
    measured = {**trial.measured, "dropped": {"memory": "Memory was not measured: it takes too much."}}
    with pytest.raises(NothingToShow, match="^Memory was not measured: it takes too much.$"):
        draw("memory", SEARCH, replace(trial, measured=measured))


def test_memory_that_could_not_be_measured_is_told():
    nothing = memory_of((0, 1), (math.nan,) * 2, (math.nan,) * 2)
    with pytest.raises(NothingToShow, match="there are too few windows, or their input hardly moves"):
        draw("memory", SEARCH, trial_of([layer_of(4, memory=nothing)]))


# Correlation.


def test_clustering_puts_copies_side_by_side():
    rng = np.random.default_rng(0)
    for groups, units in ((2, 12), (5, 90)):
        sources = rng.normal(size=(groups, 300))
        group = rng.permutation(np.arange(units) % groups)
        sign = rng.choice([-1, 1], units)[:, None]
        states = sign * sources[group] + 0.05 * rng.normal(size=(units, 300))
        found = [group[unit] for unit in order_of(np.corrcoef(states))]
        changes = sum(one != other for one, other in pairwise(found))
        assert changes == groups - 1
    assert sorted(order_of(np.corrcoef(states), dead=[3, 1])) == list(range(units))
    assert order_of(np.corrcoef(states), dead=[3, 1])[-2:] == [1, 3]


@pytest.mark.parametrize("units, dead, order", [(1, (), [0]), (2, (), [0, 1]), (3, (0, 2), [1, 0, 2])])
def test_few_units_need_no_clustering(units, dead, order):
    assert order_of(np.eye(units), dead) == order
    assert order_of(np.full((units, units), np.nan), dead) == order


def correlated(units=6, dead=(), seed=0):
    states = np.random.default_rng(seed).normal(size=(units, 50))
    pairs = np.corrcoef(states)[np.triu_indices(units, 1)] if units > 1 else []
    return layer_of(units, dead=dead, correlation=Correlation(tuple(float(pair) for pair in pairs)))


def test_cells_are_the_correlations_of_the_units_they_are_labelled_with():
    layer = correlated(6)
    figure = draw("correlation", SEARCH, trial_of([layer]))
    heat, diagonal = figure.data
    order = [int(name) for name in heat.x]
    assert sorted(order) == list(range(6)) and heat.x == heat.y
    expected = layer[Correlation].matrix[np.ix_(order, order)]
    off = ~np.eye(6, dtype=bool)
    assert np.asarray(heat.z)[off] == pytest.approx(expected[off], abs=1e-3)
    assert np.isnan(np.diag(heat.z)).all()
    assert diagonal.x == diagonal.y == heat.x
    assert list(diagonal.z) == pytest.approx([layer[Redundancy].of_units[unit] for unit in order], abs=1e-3)
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (-1, 1)


def test_dead_units_are_blank_last_and_marked():
    figure = draw("correlation", SEARCH, trial_of([correlated(6, dead=(1, 4))]))
    heat, diagonal, crosses = figure.data
    assert heat.x[-2:] == ("1", "4")
    assert np.isnan(np.asarray(heat.z)[-2:]).all() and np.isnan(np.asarray(heat.z)[:, -2:]).all()
    assert set(diagonal.x) == {"0", "2", "3", "5"}
    assert crosses.x == crosses.y == ("1", "4")
    assert figure.layout.xaxis.title.text == "layer 1<br>6 units, 2 dead"


def test_layers_stand_side_by_side_and_one_unit_is_a_layer_too():
    layers = [correlated(8), correlated(1), correlated(8, dead=range(8))]
    boundaries = [boundary_of(8, 1, 0.1, "too narrow"), boundary_of(1, 8, 1, "nothing lost")]
    figure = draw("correlation", SEARCH, trial_of(layers, boundaries))
    assert [figure.layout[axis].title.text for axis in ("xaxis", "xaxis2", "xaxis3")] == [
        "layer 1<br>8 units",
        "layer 2<br>1 unit",
        "layer 3<br>8 units, 8 dead",
    ]
    assert [figure.layout[axis].scaleanchor for axis in ("yaxis", "yaxis2", "yaxis3")] == ["x", "x2", "x3"]
    starts = [figure.layout[axis].domain[0] for axis in ("xaxis", "xaxis2", "xaxis3")]
    assert starts == sorted(set(starts))


@pytest.mark.parametrize("count, columns, wide", [(1, 1, 0), (2, 2, 0), (3, 3, 1), (4, 4, 1), (7, 3, 1)])
def test_many_maps_take_the_whole_width_and_are_square_at_their_height(count, columns, wide):
    layers = [correlated(4)] * count
    figure = draw(
        "correlation", SEARCH, trial_of(layers, [boundary_of(4, 4, 1, "nothing lost")] * (count - 1))
    )
    layout = figure.layout
    assert layout.meta["wide"] == wide
    share, beside, above = layout.meta["height"]
    across, down = (axis.domain[1] - axis.domain[0] for axis in (layout.xaxis, layout.yaxis))
    pixels = layout.height - above
    assert pixels * down == pytest.approx(MAP[columns], abs=1)
    assert pixels / share * across == pytest.approx(MAP[columns], abs=1)
    assert beside > layout.margin.l + layout.margin.r


@pytest.mark.parametrize("units", [4, LABELLED, LABELLED + 1])
@pytest.mark.parametrize("count", [1, 2, 4, 7])
def test_maps_scroll_before_the_numbers_of_units_lie_on_each_other(count, units):
    layers = [correlated(units)] * count
    kept = [boundary_of(units, units, 1, "nothing lost")] * (count - 1)
    layout = draw("correlation", SEARCH, trial_of(layers, kept)).layout
    _, beside, _ = layout.meta["height"]
    pixels = (layout.meta["least"] - beside) * (layout.xaxis.domain[1] - layout.xaxis.domain[0])
    assert pixels >= (LABEL * units if units <= LABELLED else SMALLEST) - 1
    assert count != 2 or layout.meta["least"] < 510  # beside another picture on a large screen


def test_the_legend_names_dead_units_once():
    layers = [correlated(6, dead=(1,)), correlated(6, dead=(2,))]
    figure = draw("correlation", SEARCH, trial_of(layers, [boundary_of(6, 6, 1, "nothing lost")]))
    assert [one.showlegend for one in traces(figure, "scatter")] == [True, False]


def test_wide_layers_stay_small_enough_to_send():
    boundaries = [boundary_of(128, 128, 1, "nothing lost")] * 2
    trial = trial_of([correlated(128, seed=seed) for seed in range(3)], boundaries)
    assert len(draw("correlation", SEARCH, trial).to_json()) < 500_000


@pytest.mark.parametrize(
    "name, message",
    [
        ("memory", "Memory curves are measured for the best ten trials, when the search ends."),
        ("correlation", "Correlations are measured for the best ten trials, when the search ends."),
    ],
)
def test_what_the_brief_depth_leaves_out_is_told(name, message):
    with pytest.raises(NothingToShow, match=f"^{message}$"):
        draw(name, SEARCH, three_layers())


# Redundancy.


def test_the_words_below_each_layer_have_room():
    layers = [layer_of(4)] * 5
    figure = draw("redundancy", SEARCH, trial_of(layers, [boundary_of(4, 4, 1, "nothing lost")] * 4))
    assert figure.layout.meta["least"] > 5 * 7 * len("median 100%")


def test_dots_are_the_redundancies_sorted_within_their_layer():
    layers = [layer_of(4, redundancy=(0.9, 0.1, 0.5, 0.7)), layer_of(2, redundancy=(0.3, 0.2))]
    figure = draw("redundancy", SEARCH, trial_of(layers, [boundary_of(4, 2, 1, "nothing lost")]))
    dots = named(figure, "unit")
    assert dots.y == (0.1, 0.5, 0.7, 0.9, 0.2, 0.3)
    assert list(dots.x) == sorted(dots.x)
    assert [round(x) for x in dots.x] == [1, 1, 1, 1, 2, 2]
    assert dots.text[0] == "layer 1, unit 1: the others tell 10% of it"
    line = named(figure, "median")
    assert line.y == pytest.approx((0.6, 0.6, None, 0.25, 0.25, None))
    assert figure.layout.xaxis.ticktext[0] == "<b>layer 1</b><br>4 units<br>median 60%"


def test_dead_and_saturated_units_are_flagged():
    layer = layer_of(4, dead=(2,), redundancy=(0.9, 0.1, math.nan, 0.7), saturated=(1, 2))
    figure = draw("redundancy", SEARCH, trial_of([layer]))
    assert named(figure, "unit").y == (0.7, 0.9)
    assert named(figure, "saturated unit").y == (0.1,)
    dead = named(figure, "dead unit")
    assert dead.y[0] < 0 and dead.text == ("layer 1, unit 2: dead, its state hardly ever moves",)
    assert figure.layout.xaxis.ticktext[0].endswith("<br>1 dead")


def test_layers_of_one_unit_or_of_dead_units_have_no_surprises():
    layers = [layer_of(1, redundancy=(0.0,)), layer_of(3, dead=range(3))]
    figure = draw("redundancy", SEARCH, trial_of(layers, [boundary_of(1, 3, 1, "nothing lost")]))
    assert named(figure, "unit").x == pytest.approx((1.0,))
    assert len(named(figure, "dead unit").x) == 3
    assert "median" not in figure.layout.xaxis.ticktext[1]


# All of them.


@pytest.mark.parametrize("name", ["memory", "redundancy", "correlation"])
def test_a_trial_without_measures_has_nothing_to_show(name):
    bare = replace(three_layers(), measured=None)
    with pytest.raises(NothingToShow, match="^Nothing was measured of this trial.$"):
        draw(name, SEARCH, bare)
    with pytest.raises(NothingToShow, match="^Nothing was measured of this trial, because it failed.$"):
        draw(name, SEARCH, replace(bare, status=Status.FAILED))


@pytest.mark.parametrize("name", TRIAL_PICTURES)
def test_the_best_trials_of_a_search_are_drawn_as_valid_json(name, make_search):
    search = make_search(40)
    assert pictures()[name].view == "trial"
    for trial in search.ranked[:10]:
        json.loads(draw(name, search, trial, dark=True).to_json(), parse_constant=pytest.fail)


@pytest.mark.parametrize("name", TRIAL_PICTURES)
def test_texts_of_a_record_are_shown_literally(name, make_search):
    search = make_search(40)
    best = next(one for one in search.ranked if len(one.units) > 1)
    measured = json.loads(json.dumps(best.measured))
    for boundary in measured["boundaries"]:
        boundary["verdict"] = {"word": HOSTILE, "sentence": HOSTILE}
    trial = replace(best, reason=HOSTILE, values={HOSTILE: HOSTILE}, measured=measured)
    # Plotly escapes `<` for JSON; what counts is what the page reads.
    figure = draw(name, replace(search, title=HOSTILE), trial)
    texts = json.dumps(json.loads(figure.to_json()))
    assert "<img" not in texts and ("&lt;img" in texts or name != "funnel")
