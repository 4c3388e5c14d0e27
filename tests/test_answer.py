"""What the answer says of the best trial's place in the space."""

from types import SimpleNamespace

import numpy as np
import pytest

from narrows.callbacks.narrowing import Sample, States, measure
from narrows.search_spaces.best import ranked
from narrows.search_spaces.stack_parts import read_parts
from narrows.search_spaces.trial import Status, Trial
from narrows.tuning.answers.advice import at_an_end, close_trials, few_windows, margin
from narrows.tuning.runs.store import Store

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


def stack(*layers):
    """The measures of a stack, (units, rank) for each layer."""
    rng = np.random.default_rng(0)
    states = tuple(
        (rng.normal(size=(400, 1, rank)) @ rng.normal(size=(rank, units))).astype(np.float32)
        for units, rank in layers
    )
    inputs = rng.normal(size=(400, 1, 1))
    return measure(States(inputs, states), Sample(inputs, inputs[:, 0], span=1))


REPEATS, DIFFERS = (64, 3), (64, 60)


@pytest.mark.parametrize(
    ("more", "layers", "told"),
    [
        ({}, (REPEATS, DIFFERS), ["units_2"]),
        ({}, (DIFFERS, REPEATS), ["units_1"]),
        ({"bottleneck": 4, "bottleneck_after": 1}, (DIFFERS, (4, 4), REPEATS), ["units_1"]),
        ({"bottleneck": 4, "bottleneck_after": 1}, (REPEATS, (4, 4), DIFFERS), ["units_2"]),
        ({"bottleneck": 4, "bottleneck_after": 2}, (REPEATS, DIFFERS, (4, 4)), ["units_2"]),
    ],
)
def test_a_layer_that_repeats_silences_the_advice_on_itself_alone(more, layers, told):
    values = VALUES | {"units_1": 64, "units_2": 64} | more
    found = at_an_end(read_parts({}), values, stack(*layers))
    assert [sentence.split()[0] for sentence in found] == told


def a_store(folder, losses, parameters):
    store = Store(folder / "run.sqlite")
    with store.transaction():
        for number, (loss, size) in enumerate(zip(losses, parameters, strict=True)):
            known = {"status": Status.COMPLETED, "best_val_loss": loss, "parameters": size, "units": (size,)}
            store.end(Trial(number, {}, seed=number, epochs=1, **known), {})
        failed = Trial(
            len(losses), {}, seed=0, epochs=1, status=Status.FAILED, best_val_loss=0.0, parameters=1
        )
        store.end(failed, {})
    return store


def test_close_trials_are_counted_among_all_that_have_a_loss(tmp_path):
    losses = [1.0] + [1.01] * 1200 + [2.0] * 300
    store = a_store(tmp_path, losses, [100, *range(2000, 800, -1), *[5] * 300])
    assert close_trials(store.best(2000)) == [], "no near one is smaller"
    store.close()
    (tmp_path / "other").mkdir()
    store = a_store(tmp_path / "other", losses, [3000, *range(2000, 800, -1), *[5] * 300])
    (said,) = close_trials(store.best(2000))
    assert said.startswith(
        "1,201 of 1,501 trials are within 2% of the best trial's validation loss; the smallest, t1200 801, "
        "has 801 parameters where the best has 3,000."
    )
    store.close()


def test_a_loss_below_zero_has_close_trials_too(tmp_path):
    store = a_store(tmp_path, [-1.0, -0.99, -0.5], [100, 50, 10])
    (said,) = close_trials(store.best(3))
    assert said.startswith(
        "2 of 3 trials are within 2% of the best trial's validation loss; the smallest, t0001"
    )
    store.close()


def with_scalings(*trials):
    """Scored trials, (scaling, loss, parameters), in the order that the answer is given."""
    return ranked(
        Trial(
            number,
            {"scaling": scaling} if scaling else {},
            epochs=1,
            status=Status.COMPLETED,
            best_val_loss=loss,
            parameters=size,
            units=(8,),
        )
        for number, (scaling, loss, size) in enumerate(trials)
    )


def test_the_answer_says_in_one_plain_sentence_that_the_margin_decided():
    found = with_scalings(("standard", 0.98, 5), ("last", 1.0, 5), ("none", 0.99, 5))
    assert margin(found) == [
        "t0000 8 has a validation loss 2.0% lower with scaling standard; t0001 8 is taken all the same, "
        "since scaling last counts from the last value of each window and stays right when a series drifts. "
        "Another scaling must be better by 5%."
    ]
    (said,) = margin(with_scalings((None, 0.9999999, 5), ("last", 1.0, 5)))
    assert said.startswith("t0000 8 has a validation loss less than 0.1% lower without a scaling; t0001 8 is")


@pytest.mark.parametrize(
    "trials",
    [
        [],
        [("standard", 1.0, 5)],
        [("standard", 0.9, 5), ("last", 1.0, 5)],  # it won
        [("last", 0.9, 5), ("standard", 1.0, 5)],
        [("standard", 1.0, 5), ("last", 1.0, 5)],  # neither is lower
        [("standard", 0.98, 5), ("none", 1.0, 5)],
    ],
)
def test_where_the_margin_decided_nothing_the_answer_is_silent_on_it(trials):
    assert margin(with_scalings(*trials)) == []


def test_no_smaller_trial_is_named_that_the_margin_keeps_from_being_the_best():
    found = with_scalings(("last", 1.0, 100), ("standard", 0.99, 10), ("last", 1.01, 50), ("last", 1.5, 5))
    (said,) = close_trials(found)
    assert said.startswith(
        "2 of 3 trials with scaling last are within 2% of the best trial's validation loss; the smallest, "
        "t0002 8, has 50 parameters where the best has 100."
    )
    assert close_trials(found[:2]) == []
    (said,) = close_trials(with_scalings(("last", 1.0, 5), ("none", 0.8, 100), ("standard", 0.81, 50)))
    assert said.startswith(
        "2 of 3 trials are within 2% of the best trial's validation loss; the smallest, t0002 8"
    )


def test_a_list_or_a_fixed_value_has_no_end():
    assert at_an_end(read_parts({"units": [16, 64], "learning_rate": 0.03}), VALUES | {"units_1": 64}) == []
    assert at_an_end({}, VALUES) == []


@pytest.mark.parametrize(
    ("moments", "horizon", "trials", "said"),
    [
        (
            np.arange(10),
            12,
            30,
            "10 different times; to choose among 30 trials for 12 rows ahead takes 138",
        ),
        (np.arange(5), 1, 2, "begin at 5 different times; to choose among 2 trials for a row ahead takes 6"),
        (np.arange(6), 1, 2, ""),
        (np.arange(138), 12, 30, ""),
        (np.repeat(np.arange(10), 50), 12, 30, "begin at 10 different times"),  # fifty series share them
        (np.arange(10), 12, 1, ""),
    ],
)
def test_that_a_choice_is_luck_is_said_where_validation_windows_are_few(moments, horizon, trials, said):
    windows = SimpleNamespace(moments=moments, parts={"validation": np.arange(len(moments))}, horizon=horizon)
    found = few_windows(windows, Trial(0, {}, 1), trials)
    assert said in " ".join(found)
    assert bool(said) == bool(found)
