"""States of an algorithm that somebody forged: refused as what they are, not met as another kind far away."""

import pytest

from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.plain import Unreadable
from narrows.tuning.algorithms import make
from narrows.tuning.schedule import Schedule


@pytest.fixture(scope="module")
def space():
    return StackedLSTM()


def told(**changed):
    return {"told": 0, "early": [], "algorithm": {}} | changed


@pytest.mark.parametrize(
    "state",
    [
        [], {}, {"told": 0}, told(told="0"), told(told=None), told(told=-1), told(told=7),
        told(early=[0]), told(early=["x"]), told(early=None), told(algorithm=[]),
        told(algorithm={"joined": 5}), told(algorithm={"joined": ["x"]}),
        told(algorithm={"joined": [{"class_name": "Int", "config": {"nothing": 1}}]}),
    ],
)  # fmt: skip
def test_a_state_of_no_search_is_refused(space, state):
    with pytest.raises(Unreadable):
        Schedule(make("random", space, seed=0, epochs=9), 8, (), state)


@pytest.mark.parametrize(
    "state",
    [
        {}, {"bracket": 0}, {"bracket": "x", "brackets": []}, {"bracket": 0, "brackets": 5},
        {"bracket": 0, "brackets": [[0]]}, {"bracket": 0, "brackets": [[0, [["1"]]]]},
        {"bracket": 0, "brackets": [[0, [[99]]]]},
    ],
)  # fmt: skip
def test_a_state_of_hyperband_whose_brackets_are_of_no_trial_is_refused(space, state):
    with pytest.raises(Unreadable):
        Schedule(make("hyperband", space, seed=0, epochs=9), 8, (), told(algorithm=state))
