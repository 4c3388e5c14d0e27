"""The pictures of the view `study`: costs, rates, what was kept and memory, by width."""

import math
from dataclasses import replace

import pytest

from narrows.callbacks import pages
from narrows.callbacks.figures import NothingToShow, draw, pictures
from narrows.callbacks.recorded import RecordedSearch
from narrows.callbacks.studied import RecordedStudy, percent
from narrows.search_spaces.plain import from_json, to_json

NAMES = ("study_loss", "study_kept", "study_rates", "study_memory")


def of(*studies):
    return RecordedSearch("sales", "mse", (), studies=studies)


def test_the_view_has_four_pictures_in_this_order():
    assert tuple(name for name, picture in pictures().items() if picture.view == "study") == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_without_a_study_it_is_told_what_one_is_and_how_to_get_it(name):
    with pytest.raises(NothingToShow, match="narrows study RUN"):
        draw(name, of())


def test_every_seed_is_a_point_at_its_width(make_study):
    study = make_study()
    seeds, means = draw("study_loss", of(study)).data[:2]
    ratios = [ratio for arm in study.arms for ratio in arm.ratios]
    assert list(seeds.y) == ratios
    assert list(seeds.x) == [math.log2(arm.width) for arm in study.arms for _ in arm.ratios]
    assert list(means.y) == [1 + arm.cost for arm in study.arms]


def test_the_bar_of_an_arm_is_its_interval(make_study):
    study = make_study()
    means = draw("study_loss", of(study)).data[1]
    tops = [mean + up for mean, up in zip(means.y, means.error_y.array, strict=True)]
    feet = [mean - down for mean, down in zip(means.y, means.error_y.arrayminus, strict=True)]
    assert tops == pytest.approx([1 + arm.high for arm in study.arms])
    assert feet == pytest.approx([1 + arm.low for arm in study.arms])


def test_the_margin_and_what_is_enough_are_marked(make_study):
    figure = draw("study_loss", of(make_study()))
    assert [line.y0 for line in figure.layout.shapes] == [1, 1.05]
    said = " ".join(note.text for note in figure.layout.annotations)
    assert "+5 %: does not matter" in said and "8 units are enough" in said


def test_nothing_is_marked_as_enough_where_nothing_is(make_study):
    figure = draw("study_loss", of(replace(make_study(), enough=None)))
    assert "enough" not in " ".join(note.text for note in figure.layout.annotations)


def test_choices_stand_beside_each_other_by_their_escaped_names(make_study):
    labels = ["equal 32-32-32", "<b>falling</b>", "rising"]
    study = make_study((0.0, 0.02, 0.3), name="shape", numeric=False, labels=labels)
    axis = draw("study_loss", of(study)).layout.xaxis
    assert list(axis.ticktext) == ["equal 32-32-32", "&lt;b&gt;falling&lt;/b&gt;", "rising"]


@pytest.mark.parametrize("costs", [(0.0, 1000.0), (0.0, -0.9), (0.0, *[0.0] * 30), (0.0, 0.0)])
def test_extreme_studies_are_drawn(make_study, costs):
    study = make_study(costs)
    for name in NAMES:
        draw(name, of(study))
    ticks = draw("study_loss", of(study)).layout.yaxis.tickvals
    assert 1 in ticks and len(ticks) >= 1


def test_a_study_in_which_all_diverged_says_so(make_study):
    study = make_study((0.0, 0.0))
    lost = tuple(
        replace(arm, cost=None, low=None, high=None, ratios=(), losses=(None,) * 4) for arm in study.arms
    )
    with pytest.raises(NothingToShow, match="No two networks"):
        draw("study_loss", of(replace(study, arms=lost)))
    assert pages.study_facts(of(study), replace(study, arms=lost))["rows"][1]["cells"][5] is None


def test_a_ring_marks_the_rate_that_was_chosen(make_study):
    study = make_study()
    cells, rings = draw("study_rates", of(study)).data
    assert list(rings.x) == [f"{arm.rate:g}" for arm in reversed(study.arms)]
    assert len(cells.z) == len(study.arms) and len(cells.z[0]) == 3


def test_a_layer_added_at_several_places_has_a_line_each(make_study):
    study = make_study()
    placed = tuple(replace(arm, place=1 + n % 2) for n, arm in enumerate(study.arms))
    figure = draw("study_kept", of(replace(study, arms=placed)))
    assert len(figure.data) == 6


def test_what_is_named_is_drawn_and_else_the_newest(make_study):
    one, other = make_study(), make_study((0.0, 0.3), name="layer 1")
    search = of(one, other)
    assert search.study() is other and search.study("layer 2") is one and search.study("layer 9") is None
    facts = pages.study_facts(search, one)
    assert facts["all"] == ["layer 2", "layer 1"] and facts["rows"][0]["cells"][-1] == "reference"


def test_a_study_survives_the_record(make_study):
    study = make_study()
    assert from_json(RecordedStudy, to_json(study)) == study
    search = of(study)
    assert RecordedSearch.from_head(search.head_json(), ()) == search


@pytest.mark.parametrize(
    ("cost", "said"), [(0.0123, "+1.2 %"), (-0.01, "-1.0 %"), (0.5, "+50 %"), (35.0, "36 times"), (None, "")]
)
def test_a_cost_is_told_as_people_say_it(cost, said):
    assert percent(cost) == said
