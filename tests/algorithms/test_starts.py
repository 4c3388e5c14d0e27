"""A search by TPE begins with the simplest stacks of its space."""

import pytest

from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.own_space import as_space
from narrows.tuning import algorithms
from narrows.tuning.algorithms._starts import simple_stacks


def tpe(space, seed=0):
    return algorithms.make("tpe", space, seed=seed, epochs=1)


def shaped(**parts):
    return StackedLSTM(**parts).shaped((24, 3), (1, 2))


def test_the_first_trials_are_the_simplest_stack_for_each_scaling():
    space = shaped(
        units=(4, 64), linear=["none", "ridge"], segment=[1, 6, 12], channels=["together", "apart"],
        lookback=[24, 12], dropout=(0.1, 0.4), learning_rate=(0.001, 0.1),
    )  # fmt: skip
    search = tpe(space)
    first, second, third = (search.ask().values for _ in range(3))
    assert first == {
        "num_layers": 1, "units_1": 16, "bottleneck": 0, "lookback": 12, "learning_rate": pytest.approx(0.01),
        "batch_size": 32, "dropout": 0.1, "scaling": "standard", "linear": "ridge", "segment": 12,
        "channels": "apart",
    }  # fmt: skip
    assert second == first | {"scaling": "last"}
    assert third != second
    assert tpe(space, seed=5).ask().values == first, "whatever the seed"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"num_layers": [3, 2], "units": [4, 8, 16]}, {"num_layers": 2, "units_1": 8, "units_2": 8}),
        ({"bottleneck": [2, 4]}, {"bottleneck": 2, "bottleneck_after": 1}),
        ({"scaling": "last", "batch_size": [16, 64]}, {"scaling": "last"}),
        ({"num_layers": 2, "units": 8, "bottleneck": 0}, {"num_layers": 2, "units_1": 8, "units_2": 8}),
    ],
)
def test_what_a_space_has_not_is_not_begun_with(parts, expected):
    space = shaped(**parts)
    found = simple_stacks(space.hyperparameters().space)
    assert found and all(expected.items() <= values.items() for values in found)


def test_a_space_smaller_than_that_is_searched_once():
    space = shaped(num_layers=1, units=8, bottleneck=0, learning_rate=0.01, scaling=["standard", "last"])
    search = tpe(space)
    asked = []
    while (proposal := search.ask()) is not None:
        asked.append(proposal.values["scaling"])
        search.tell(proposal.number, 1.0)
    assert asked == ["standard", "last"]


def test_a_search_that_goes_on_does_not_begin_again():
    from narrows.search_spaces.trial import Status, Trial

    space = shaped()
    search = tpe(space)
    whole = [search.ask() for _ in range(5)]
    again = tpe(space)
    done = [Trial(**vars(one), status=Status.COMPLETED, best_val_loss=1.0 + one.number) for one in whole[:3]]
    again.restore({}, done)
    assert [again.ask().values for _ in range(2)] == [one.values for one in whole[3:]]


def test_a_space_of_the_users_own_is_begun_at_random():
    def build(hp):
        import keras

        model = keras.Sequential([keras.Input((24, 3)), keras.layers.LSTM(hp.Int("units_1", 2, 64))])
        model.add(keras.layers.Dense(2))
        model.add(keras.layers.Reshape((1, 2)))
        model.compile("adam", "mse")
        return model

    values = {
        tpe(as_space(build).shaped((24, 3), (1, 2)), seed=seed).ask().values["units_1"] for seed in range(8)
    }
    assert len(values) > 3
