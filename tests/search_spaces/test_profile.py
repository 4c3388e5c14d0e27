"""Profiles: widths, printed names, narrowings, and a parameter count that is Keras' own."""

import pytest

from narrows.search_spaces.errors import UserError
from narrows.search_spaces.profile import Profile

VALUES = {"num_layers": 2, "units_1": 64, "units_2": 32}


@pytest.mark.parametrize(
    ("values", "printed", "bottleneck"),
    [
        (VALUES, "64-32", None),
        (VALUES | {"bottleneck": 0}, "64-32", None),
        (VALUES | {"bottleneck": 8, "bottleneck_after": 1}, "64-8-32", 1),
        (VALUES | {"bottleneck": 8, "bottleneck_after": 2}, "64-32-8", 2),
        (VALUES | {"bottleneck": 8, "bottleneck_after": 5}, "64-32-8", 2),
        (VALUES | {"num_layers": 1}, "64", None),
    ],
)
def test_values_describe_a_profile(values, printed, bottleneck):
    profile = Profile.from_values(values)
    assert str(profile) == printed
    assert profile.bottleneck == bottleneck
    assert Profile.parse(printed).units == profile.units


@pytest.mark.parametrize(
    ("units", "narrowings", "narrowest"),
    [((64, 8, 32), (0,), 8), ((8, 8), (), 8), ((32, 16, 8), (0, 1), 8), ((5,), (), 5), ((1, 9, 2), (1,), 1)],
)
def test_narrowings_are_the_boundaries_where_units_fall(units, narrowings, narrowest):
    profile = Profile(units)
    assert profile.narrowings == narrowings
    assert profile.narrowest == narrowest
    assert len(profile.boundaries) == profile.num_layers - 1


@pytest.mark.parametrize("units", [(), (0,), (8, -1)])
def test_a_width_below_one_is_refused(units):
    with pytest.raises(UserError, match="at least one layer of at least 1 unit"):
        Profile(units)


@pytest.mark.parametrize("text", ["", "64-", "a-b", "64x8"])
def test_a_text_that_is_no_profile_is_refused(text):
    with pytest.raises(UserError, match="written like 64-8-32"):
        Profile.parse(text)


def test_one_layer_of_one_unit_has_the_parameters_counted_by_hand():
    # 4 gates x (1 input + 1 state + 1 bias) and a readout of 1 weight and 1 bias.
    assert Profile((1,)).parameters(inputs=1, outputs=1) == 4 * 3 + 2


@pytest.mark.parametrize(
    ("profile", "places"),
    [
        (Profile((64, 32)), (0, 1)),
        (Profile((64, 8, 32), bottleneck=1), (0, 2)),
        (Profile((64, 32, 8), bottleneck=2), (0, 1)),
    ],
)
def test_a_numbered_layer_has_its_place_around_the_bottleneck(profile, places):
    assert tuple(profile.place(layer) for layer in (1, 2)) == places
