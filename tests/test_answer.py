"""What the answer says of the best trial's place in the space."""

import numpy as np
import pytest

from narrows.callbacks.narrowing import Sample, States, measure
from narrows.search_spaces.stack_parts import read_parts
from narrows.tuning.answers.answer import at_an_end

VALUES = {"num_layers": 2, "units_1": 16, "units_2": 16, "learning_rate": 0.005, "batch_size": 32}


@pytest.mark.parametrize(
    "changed, said",
    [
        ({}, []),
        (
            {"units_2": 62},
            ["units_2 of the best trial, 62, is near the upper end of what was searched, 4 to 64"],
        ),
        ({"units_1": 4, "num_layers": 3}, []),
        ({"learning_rate": 0.00101}, ["learning_rate of the best trial, 0.00101, is near the lower end"]),
        ({"learning_rate": 0.0299}, ["learning_rate of the best trial, 0.0299, is near the upper end"]),
    ],
)
def test_the_answer_says_when_the_best_trial_is_at_an_end_of_what_was_searched(changed, said):
    found = at_an_end(read_parts({}), VALUES | changed)
    assert len(found) == len(said)
    for sentence, start in zip(found, said, strict=True):
        assert sentence.startswith(start) and sentence.endswith(": a wider range may do better.")


@pytest.mark.parametrize("rank, said", [(3, 0), (60, 1)])
def test_a_wide_layer_whose_units_repeat_each_other_is_not_asked_to_be_wider(rank, said):
    rng = np.random.default_rng(0)
    states = (rng.normal(size=(400, 1, rank)) @ rng.normal(size=(rank, 62))).astype(np.float32)
    inputs = rng.normal(size=(400, 1, 1))
    narrowing = measure(States(inputs, (states,)), Sample(inputs, inputs[:, 0], span=1))
    assert len(at_an_end(read_parts({}), VALUES | {"units_1": 62}, narrowing)) == said


def test_a_list_or_a_fixed_value_has_no_end():
    assert at_an_end(read_parts({"units": [16, 64], "learning_rate": 0.03}), VALUES | {"units_1": 64}) == []
    assert at_an_end({}, VALUES) == []
