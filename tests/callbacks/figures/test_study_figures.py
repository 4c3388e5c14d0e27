"""The pictures of the view `study`: loss against the reference, what is kept, memory, learning rates."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from narrows.callbacks.figures import NothingToShow, draw, pictures
from narrows.callbacks.figures._ratios import ratio_axis, ratio_text
from narrows.callbacks.figures._study import BAD, GOOD, LOOKS
from narrows.callbacks.figures._style import VERDICTS
from narrows.callbacks.recorded import RecordedSearch
from narrows.callbacks.studied import WORDS, TriedRate

HOSTILE = "<img src=x onerror=alert(1)>"
NAMES = [name for name, picture in pictures().items() if picture.view == "study"]


def of(*studies):
    return RecordedSearch("made by hand", "mse", (), studies=studies)


def named(figure, name):
    return next(one for one in figure.data if one.name == name)


def changed(study, **fields):
    """The study with fields of every arm changed."""
    return replace(study, arms=tuple(replace(arm, **fields) for arm in study.arms))


def said(figure):
    return [note.text for note in figure.layout.annotations]


def luminance(colour):
    """Relative luminance of `rgb(r, g, b)`, as WCAG 2 defines it."""
    parts = [int(part) / 255 for part in colour[4:-1].split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# Loss.


def test_means_stand_at_the_width_and_the_geometric_mean_of_the_paired_ratios(studies):
    study = studies.layer_study()
    base = study.base.losses
    figure = draw("study_loss", of(study))
    means = {
        x: y for trace in figure.data if trace.name in WORDS for x, y in zip(trace.x, trace.y, strict=True)
    }
    assert len(means) == 6
    for arm in study.arms:
        ratios = [own / other for own, other in zip(arm.losses, base, strict=True)]
        assert means[math.log2(arm.width)] == pytest.approx(math.prod(ratios) ** (1 / len(ratios)))


def test_bars_are_the_95_percent_t_interval_of_the_log_ratios(studies):
    study = studies.layer_study()
    narrow = study.arms[-1]
    trace = named(draw("study_loss", of(study)), "too narrow")
    at = list(trace.x).index(math.log2(narrow.width))
    d = np.log(np.array(narrow.losses) / np.array(study.base.losses))
    low, high = student.interval(0.95, len(d) - 1, d.mean(), d.std(ddof=1) / math.sqrt(len(d)))
    assert trace.y[at] + trace.error_y.array[at] == pytest.approx(math.exp(high))
    assert trace.y[at] - trace.error_y.arrayminus[at] == pytest.approx(math.exp(low))


def test_every_seed_has_a_point_near_its_width(studies):
    study = studies.layer_study()
    seeds = next(trace for trace in draw("study_loss", of(study)).data if trace.marker.size == 5)
    assert len(seeds.y) == 5 * 8, "the reference has no ratios"
    assert sorted(seeds.y) == pytest.approx(sorted(ratio for arm in study.arms for ratio in arm.ratios))
    assert {round(x) for x in seeds.x} == {0, 1, 2, 3, 4}
    assert all(abs(x - round(x)) < 0.2 for x in seeds.x)
    assert "1 unit, seed 1: x3." in " ".join(seeds.text)


def test_what_is_too_narrow_is_in_the_bad_colour_and_what_is_enough_is_named(studies):
    figure = draw("study_loss", of(studies.layer_study()))
    assert named(figure, "too narrow").marker.color == BAD and named(figure, "enough").marker.color == GOOD
    assert said(figure) == ["<b>8 units<br>are enough</b>"]
    assert figure.layout.annotations[0].x == 3
    assert figure.layout.xaxis.ticktext == ("8", "32", "1", "16", "4", "2")


def test_one_unit_is_enough(studies):
    assert said(draw("study_loss", of(studies.layer_study({2: 0.0, 1: 0.01})))) == [
        "<b>1 unit<br>is enough</b>"
    ]


def test_nothing_is_called_enough_where_nothing_is(studies):
    assert said(draw("study_loss", of(studies.layer_study({2: 0.0, 1: 3.0})))) == []


def test_the_margin_that_decides_is_drawn_and_told(studies):
    study = replace(studies.layer_study(), margin=0.2)
    line = named(draw("study_loss", of(study)), "up to +20 % does not matter")
    assert list(line.y) == [1.2, 1.2]
    axis = draw("study_loss", of(study)).layout.yaxis
    assert dict(zip(axis.tickvals, axis.ticktext, strict=True)).items() >= {1.0: "same", 1.2: "+20 %"}.items()


def test_all_that_is_known_lies_inside_the_axis(studies):
    study = studies.layer_study({32: 0.0, 16: -0.5, 1: 10.0})
    low, high = draw("study_loss", of(study)).layout.yaxis.range
    ratios = [ratio for arm in study.arms for ratio in arm.ratios]
    assert low < math.log10(min(ratios)) and math.log10(max(ratios)) < high


def test_a_bar_of_two_seeds_does_not_squeeze_the_points(studies):
    study = studies.layer_study({2: 0.0, 1: 0.3}, seeds=2)
    long = replace(study.arms[1], low=-0.9999, high=1e9)
    low, high = draw("study_loss", of(replace(study, arms=(study.arms[0], long)))).layout.yaxis.range
    assert high - low < 3 * math.log10(max(long.ratios))


def test_an_added_layer_has_a_line_for_each_place_and_the_reference_is_the_line_of_same(studies):
    figure = draw("study_loss", of(studies.bottleneck_study()))
    first, second = named(figure, "after layer 1"), named(figure, "after layer 2")
    assert (len(first.x), len(second.x)) == (3, 3)
    assert first.line.color != second.line.color
    assert first.x[0] < 0 < second.x[0], "beside each other at 1 unit"
    assert figure.layout.yaxis.title.text == "loss compared with 32-32"
    assert not [trace for trace in figure.data if trace.name == "reference"]


def test_arms_that_are_no_numbers_stand_beside_each_other(studies):
    study = studies.shape_study()
    figure = draw("study_loss", of(study))
    assert figure.layout.xaxis.ticktext == tuple(arm.label for arm in study.arms)
    assert list(named(figure, "better").x) == [1] and list(named(figure, "worse").x) == [3]
    assert figure.layout.yaxis.title.text == "loss compared with “equal 32-32-32”"


def test_trainings_that_diverged_are_marked_at_the_top(studies):
    study = studies.layer_study()
    lost = replace(study.arms[-1], losses=(None, None, *study.arms[-1].losses[2:]))
    dead = replace(study.arms[-2], losses=(None,) * 8, ratios=(), cost=None, low=None, high=None)
    figure = draw("study_loss", of(replace(study, arms=(*study.arms[:-2], dead, lost))))
    crosses = named(figure, "some or all seeds diverged")
    assert list(crosses.x) == [0, 1]
    assert crosses.text == ("1 unit: 2 of 8 trainings diverged", "2 units: 8 of 8 trainings diverged")
    assert max(lost.ratios) < crosses.y[0] < 10 ** figure.layout.yaxis.range[1]


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(1, "same"), (1.05, "+5 %"), (0.9, "-10 %"), (2, "x2"), (11, "x11"), (0.5, "1/2"), (2500, "x2,500")],
)
def test_ratios_are_written_as_they_are_read(ratio, text):
    assert ratio_text(ratio) == text


@pytest.mark.parametrize("points", [[1.0], [0.999, 1.001], [0.5, 1.1], [1.01, 11.0], [0.9, 1e6], [1e-9, 1e9]])
def test_an_axis_has_a_few_ticks_that_do_not_touch_wherever_it_ends(points):
    axis = ratio_axis(points, [], 1.05)
    low, high = axis["range"]
    places = [(math.log10(tick) - low) / (high - low) for tick in axis["tickvals"]]
    assert 1.0 in axis["tickvals"] and 2 <= len(places) <= 15
    assert all(0 <= place <= 1 for place in places) and min(np.diff(places)) >= 0.069
    assert len(set(axis["ticktext"])) == len(places)


# What is kept, and memory.


def test_a_cell_is_what_was_measured_and_below_it_stands_the_cost(studies):
    study = studies.layer_study()
    figure = draw("study_kept", of(study))
    (cells,) = figure.data
    rising = sorted(study.arms, key=lambda arm: arm.width)
    assert list(cells.z[2]) == [arm.measures["target"] for arm in rising]
    assert list(cells.z[0]) == [arm.measures["fill"] for arm in rising]
    assert cells.text[2][0] == "23%"
    assert (
        figure.layout.xaxis.ticktext[0] == "1<br>+240 %" and figure.layout.xaxis.ticktext[-1] == "32<br>0 %"
    )


def test_what_was_not_measured_leaves_a_hole(studies):
    study = studies.layer_study()
    study = changed(study, measures=dict(study.arms[0].measures) | {"kept": None})
    (cells,) = draw("study_kept", of(study)).data
    assert list(cells.z[1]) == [None] * 6 and list(cells.text[1]) == [""] * 6


def test_memory_has_a_line_for_each_width_light_to_dark(studies):
    figure = draw("study_memory", of(studies.layer_study()))
    assert [line.name for line in figure.data] == [f"{n} unit{'s' * (n > 1)}" for n in (1, 2, 4, 8, 16, 32)]
    light = [luminance(line.line.color) for line in figure.data]
    assert light == sorted(light, reverse=True)
    # Contrast as WCAG 2 defines it; of the cards of the tab, white and #383838.
    assert min(1.05 / (one + 0.05) for one in light) > 1.9
    assert min((one + 0.05) / (luminance("rgb(56, 56, 56)") + 0.05) for one in light) > 1.9
    assert figure.data[0].y[1] == pytest.approx(math.exp(-1))


def test_a_few_steps_back_have_no_halves(studies):
    measures = {"lags": [0, 1, 2], "memory": [1.0, 0.5, 0.2]}
    few = draw("study_memory", of(changed(studies.layer_study(), measures=measures)))
    assert (
        few.layout.xaxis.dtick == 1
        and draw("study_memory", of(studies.layer_study())).layout.xaxis.dtick is None
    )


def test_lags_of_a_long_lookback_are_on_a_log_axis(studies):
    measures = {"lags": [0, 1, 2, 50], "memory": [1.0, 0.5, None, -0.2]}
    figure = draw("study_memory", of(changed(studies.layer_study(), measures=measures)))
    assert figure.layout.xaxis.type == "log" and figure.data[0].x == (1, 2, 3, 51)
    assert figure.data[0].y == (1.0, 0.5, None, 0.0), "below 0 is nothing, and what is not known is no point"


# Learning rates.


def test_a_frame_is_around_the_chosen_rate_of_each_arm(studies):
    study = studies.layer_study()
    figure = draw("study_rates", of(study))
    rates = sorted({tried.rate for arm in study.arms for tried in arm.rates})
    rising = sorted(study.arms, key=lambda arm: arm.width)
    middles = [
        (round((one.x0 + one.x1) / 2, 9), round((one.y0 + one.y1) / 2, 9)) for one in figure.layout.shapes
    ]
    assert middles == [(n, rates.index(arm.rate)) for n, arm in enumerate(rising)]
    cells = figure.data[0]
    for n, arm in enumerate(rising):
        tried = {tried.rate: math.log10(tried.val_loss) for tried in arm.rates}
        assert [row[n] for row in cells.z] == pytest.approx([tried.get(rate) for rate in rates])


def test_a_rate_that_diverged_has_a_cross_and_no_colour(studies):
    study = studies.layer_study()
    arm = replace(study.arms[0], rates=(*study.arms[0].rates, TriedRate(9.0, None)))
    figure = draw("study_rates", of(replace(study, arms=(arm, *study.arms[1:]))))
    cells, cross = figure.data
    assert list(cells.z[-1]) == [None] * 6
    assert (cross.x, cross.text) == ((5,), ("32 units, rate 9: diverged",))


# All of them.


@pytest.mark.parametrize("name", NAMES)
def test_without_a_study_a_sentence_says_what_one_is_and_how_to_get_it(name):
    with pytest.raises(NothingToShow, match=r"how narrow a layer may be.*“narrows study RUN”"):
        draw(name, of())


@pytest.mark.parametrize("name", NAMES)
def test_the_newest_study_is_drawn_unless_one_is_given(studies, name):
    old, new = studies.layer_study(), studies.layer_study({4: 0.0, 2: 0.1}, name="layer 1")
    assert draw(name, of(old, new)) == draw(name, of(new)) == draw(name, of(old, new), study=new)
    assert draw(name, of(old, new), study=old) == draw(name, of(old)) != draw(name, of(new))


def test_every_word_has_a_look_and_the_colour_that_verdicts_of_trials_give_it():
    assert set(LOOKS) == set(WORDS)
    both = set(WORDS) & set(VERDICTS)
    assert both and {word: LOOKS[word][0] for word in both} == {word: VERDICTS[word] for word in both}


def extreme(studies):
    layer, shape = studies.layer_study, studies.shape_study()
    return {
        "one arm": layer({8: 0.0}),
        "two arms": layer({8: 0.0, 1: 0.5}, seeds=2),
        "one seed": layer({8: 0.0, 1: 0.5}, seeds=1),
        "1000 %": layer({8: 0.0, 4: 10.0, 1: 900.0}),
        "30 arms": layer({32 - n: 0.0005 * n**2 for n in range(30)}),
        "all equal": changed(layer(dict.fromkeys((8, 4, 2), 0.0)), ratios=(1.0,) * 8),
        "all diverged": changed(
            layer(), losses=(None,) * 8, ratios=(), cost=None, low=None, high=None, measures=None,
            rates=(TriedRate(0.01, None),), rate=math.nan,
        ),
        "nothing trained": changed(layer(), losses=(), ratios=(), cost=None, rates=(), measures=None),
        "no interval": changed(layer(), low=None, high=None),
        "endless": changed(layer(), high=math.expm1(700.0), low=-1.0),
        "perfect": changed(layer(), ratios=(0.0, 1e-12), cost=-1 + 1e-12),
        "hostile": replace(
            shape, axis=HOSTILE, reference=HOSTILE,
            arms=tuple(replace(arm, label=HOSTILE + end, profile=HOSTILE)
                       for arm, end in zip(shape.arms, ("", "2", "3", "4"), strict=True)),
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_extreme_studies_are_drawn_or_say_why_not(studies, name):
    drawn = 0
    for case, study in extreme(studies).items():
        try:
            figure = draw(name, of(study))
        except NothingToShow as nothing:
            assert str(nothing).endswith("."), case
            continue
        drawn += 1
        text = json.dumps(json.loads(figure.to_json()))
        assert "<img" not in text, case
        for axis in (figure.layout.xaxis, figure.layout.yaxis):
            assert axis.range is None or (
                all(map(math.isfinite, axis.range)) and axis.range[0] < axis.range[1]
            ), case
    assert drawn >= 8


def test_studies_of_which_nothing_is_known_say_so_in_every_picture(studies):
    for name in NAMES:
        with pytest.raises(NothingToShow):
            draw(name, of(extreme(studies)["nothing trained"]))
