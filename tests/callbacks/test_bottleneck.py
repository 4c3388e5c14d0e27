"""A bottleneck is called one wherever its trial is shown, and what does not apply is not shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from narrows.callbacks.bottleneck import applied, bottleneck_of
from narrows.callbacks.figures import draw
from narrows.callbacks.recorded import RecordedSearch, RecordedTrial
from narrows.callbacks.trial_facts import trial_facts

NARROW = {"num_layers": 1, "units_1": 34, "bottleneck": 8, "bottleneck_after": 2}
SECOND = {"num_layers": 2, "units_1": 34, "units_2": 16, "bottleneck": 8, "bottleneck_after": 1}


def trial_of(values, units, number=0):
    return RecordedTrial(number, values, 9, units=units, best_val_loss=0.1, parameters=9)


@pytest.mark.parametrize(
    ("values", "units", "place"),
    [
        (NARROW, (34, 8), 1),
        (SECOND, (34, 8, 16), 1),
        (NARROW | {"bottleneck": 0}, (34,), None),
        ({"width": 34}, (34,), None),
        (NARROW, (9, 9), None),
        (NARROW | {"num_layers": "many"}, (34, 8), None),
        (NARROW | {"units_1": None}, (34, 8), None),
    ],
)
def test_the_bottleneck_is_known_of_our_space_and_of_no_other(values, units, place):
    assert bottleneck_of(trial_of(values, units)) == place


def test_a_bottleneck_follows_the_layer_that_it_follows_and_none_follows_none():
    assert applied(trial_of(NARROW, (34, 8)))["bottleneck_after"] == 1
    assert applied(trial_of(SECOND, (34, 8, 16)))["bottleneck_after"] == 1
    without = applied(trial_of(NARROW | {"bottleneck": 0}, (34,)))
    assert without == {"num_layers": 1, "units_1": 34, "bottleneck": 0}
    foreign = {"bottleneck_after": 3, "width": 9}
    assert applied(trial_of(foreign, (9,))) == foreign


def test_pictures_and_facts_name_the_bottleneck():
    trial = trial_of(NARROW, (34, 8))
    search = RecordedSearch("made up", "mse", (), (trial,))
    funnel = draw("funnel", search, trial)
    assert funnel.layout.xaxis.ticktext[1] == "<b>layer 2</b><br>bottleneck<br>8 units"
    assert "layer 2: 8 units, the bottleneck" in funnel.data[-1].hovertext[1]
    profiles = draw("profiles", search)
    assert profiles.layout.annotations[0].text == "1. <b>34-8</b><br>bottleneck 8<br>loss 0.1"
    facts = trial_facts(search, trial)
    assert [layer["bottleneck"] for layer in facts["layers"]] == [False, True]
    assert {one["name"]: one["value"] for one in facts["values"]}["bottleneck_after"] == 1


def test_the_boundary_before_a_bottleneck_says_so(make_search):
    search = make_search(60)
    two = next(one for one in search.ranked if len(one.units) == 2)
    first, second = two.units
    trial = replace(two, values=NARROW | {"units_1": first, "bottleneck": second})
    assert trial_facts(search, trial)["boundaries"][0]["where"] == "layer 1 to layer 2, the bottleneck"


def test_what_a_layer_explains_is_held_against_what_the_network_explains(make_search):
    search = make_search(60)
    best = search.best
    measured = replace(best.narrowing, own=best.narrowing.layers[0].measures["target"].instant)
    trial = replace(best, measured=measured.to_plain())
    hover = draw("funnel", search, trial).data[-1].hovertext[0]
    share = f"{measured.own.shown:.0%}"
    assert (
        f"explains {share}" in hover
        and f"of what is to be learned; the whole network explains {share}" in hover
    )
