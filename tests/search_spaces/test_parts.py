"""Parts of a space: what the user may write, and what is said when it is wrong."""

import math

import pytest

from narrows.search_spaces.errors import UserError
from narrows.search_spaces.parts import Interval, Options, Rule
from narrows.search_spaces.stack_parts import DEFAULTS, read_parts, specs_of

UNITS = Rule("units", int, 1, 4096, log=True)
RATE = Rule("learning_rate", float, 1e-8, 10.0, log=True)
SCALING = Rule("scaling", str, allowed=("standard", "last", "none"))


@pytest.mark.parametrize(
    ("rule", "spec", "part"),
    [
        (UNITS, 8, Options((8,))),
        (UNITS, "8", Options((8,))),
        (UNITS, (4, 128), Interval(4, 128, True)),
        (UNITS, "4..128", Interval(4, 128, True)),
        (UNITS, "4..128:linear", Interval(4, 128, False)),
        (UNITS, [8, 16, 8], Options((8, 16))),
        (UNITS, "8, 16,32", Options((8, 16, 32))),
        (UNITS, (8, 8), Options((8,))),
        (UNITS, Interval(2, 4, log=False), Interval(2, 4, False)),
        (RATE, "1e-4..1e-2", Interval(1e-4, 1e-2, True)),
        (RATE, 0.01, Options((0.01,))),
        (SCALING, "standard,last", Options(("standard", "last"))),
        (SCALING, ["none"], Options(("none",))),
    ],
)
def test_a_part_is_read_as_written(rule, spec, part):
    assert rule.read(spec) == part
    assert rule.read(str(part)) == part, "the printed form reads back"


@pytest.mark.parametrize(
    ("rule", "spec", "message"),
    [
        (UNITS, 0, "units: 0 is outside 1 to 4096"),
        (UNITS, "9999", "units: 9999 is outside 1 to 4096"),
        (UNITS, "128..4", "units: the interval 128..4 is empty; write the smaller end first"),
        (UNITS, "", "units: the list of options is empty"),
        (UNITS, [], "units: the list of options is empty"),
        (UNITS, "many", "units: 'many' is not a number; write 8, 4..128 or 8,16,32"),
        (UNITS, 2.5, "units: 2.5 is not a whole number"),
        (UNITS, "4..128:cubic", "units: '4..128:cubic' ends in 'cubic'; an interval ends in :log or :linear"),
        (
            UNITS,
            (1, 2, 3),
            "units: an interval is (low, high), a list of options is [a, b, ...]; not (1, 2, 3)",
        ),
        (RATE, math.nan, "learning_rate: nan is outside 1e-08 to 10"),
        (SCALING, "sideways", "scaling: 'sideways' is not one of standard, last, none"),
        (Rule("x", int, 0, 9), "0..9:log", "x: a log scale cannot start at 0; start above 0 or use :linear"),
    ],
)
def test_a_wrong_part_is_told_with_its_value(rule, spec, message):
    with pytest.raises(UserError) as told:
        rule.read(spec)
    assert str(told.value) == message


def test_each_layer_may_have_its_own_range_and_the_last_serves_deeper_ones():
    parts = read_parts({"num_layers": (1, 3), "units": [64, (4, 32)]})
    assert [parts[f"units_{layer}"] for layer in (1, 2, 3)] == [
        Options((64,)),
        Interval(4, 32, True),
        Interval(4, 32, True),
    ]


def test_a_flat_list_of_numbers_is_a_list_of_options_for_every_layer():
    parts = read_parts({"num_layers": 2, "units": [8, 16]})
    assert parts["units_1"] == parts["units_2"] == Options((8, 16))


def test_all_mistakes_come_in_one_message():
    with pytest.raises(UserError) as told:
        read_parts({"unit": 4, "units": 0, "dropout": 2}, loss="mze", clipnorm=-1)
    lines = str(told.value).splitlines()
    assert lines[0] == "several things need mending:"
    assert lines[1:] == [
        "  - a space has no part 'unit'; did you mean 'units'?",
        "  - units: 0 is outside 1 to 4096",
        "  - dropout: 2 is outside 0 to 0.95",
        "  - loss: 'mze' is not one of mse, mae, huber",
        "  - clipnorm: -1 must be 0 (none) or above",
    ]


def test_printed_parts_read_back_to_the_same_space():
    parts = read_parts({"units": [8, (4, 32)], "learning_rate": "0.001,0.01"})
    assert read_parts(specs_of({name: str(part) for name, part in parts.items()})) == parts


def test_without_a_bottleneck_there_is_no_place_for_one():
    assert "bottleneck_after" not in read_parts({"bottleneck": 0})
    assert "bottleneck_after" in read_parts(DEFAULTS)
