"""Trials side by side: which is better, whether that is luck, and what differs."""

import math

import numpy as np
import pytest
from scipy.stats import t as student

from narrows.callbacks.comparing import CannotCompare, of_trials, trials_compared
from narrows.callbacks.comparing.chance import Judged, Seeds, share
from narrows.callbacks.curve import Curve
from narrows.search_spaces.plain import to_plain


def compared(search, numbers=None):
    return trials_compared(of_trials(search, numbers))


def rows(facts):
    return {one["label"]: one["cells"] for table in facts["tables"] for one in table["rows"]}


def test_of_two_trials_it_is_said_which_has_the_lower_loss_and_by_how_much(search):
    said = compared(search(0.1, 0.12))["sentences"]
    assert said[0] == ("t0000 8 has the lower validation loss, 0.1; the other, t0001 8, has 0.12, 20 % more.")
    assert said[1].startswith("One run each: another seed (other first random weights) may turn this round.")
    assert "a larger --trials" in said[1] and "“narrows study RUN”" in said[1]
    assert said[2] == "All that was chosen is the same."


def test_a_difference_is_held_against_what_another_seed_does(search, trial):
    steady = trial(0, 0.1, again=(0.101, 0.099))
    far, near = trial(1, 0.2, again=(0.201, 0.199)), trial(2, 0.1005, again=(0.1, 0.1015))
    found = search(steady, far, near)
    assert compared(found, "0,1")["sentences"][0].endswith("t0001 8, has 0.2, 2.0 times as much.")
    assert compared(found, "0,1")["sentences"][1].startswith("That is more than another seed")
    said = compared(found, "0,2")["sentences"]
    assert "0.1, the mean over its seeds; the other, t0002 8, has 0.1007" in said[0]
    assert said[1].startswith("That may be luck") and "“narrows study RUN”" in said[1]
    assert "One run each" not in " ".join(said)


def test_a_mean_over_seeds_is_never_held_against_one_run(search, trial):
    confirmed = trial(0, 0.1, again=(0.14, 0.15))
    facts = compared(search(confirmed, trial(1, 0.11)))
    assert facts["sentences"][0].startswith("t0000 8 has the lower validation loss, 0.1; the other")
    assert rows(facts)["mean over seeds"] == [pytest.approx(0.13), None]
    assert rows(facts)["with other seeds"] == ["0.14, 0.15", None]


def test_what_another_seed_does_is_the_pooled_spread_of_logarithms(trial):
    losses = [(0.1, 0.12, 0.11), (0.3, 0.36, 0.31)]
    trials = [trial(n, own[0], again=own[1:]) for n, own in enumerate(losses)]
    seeds = Seeds.of([*trials, trial(2, 0.5)])
    variance = np.mean([np.var(np.log(own), ddof=1) for own in losses])
    assert seeds.free == 4 and seeds.deviation == pytest.approx(math.sqrt(variance))
    one, other = (Judged("", it, (0.1,) * count) for it, count in zip(trials, (3, 1), strict=True))
    expected = math.exp(student.ppf(0.975, 4) * math.sqrt(variance) * math.sqrt(1 / 3 + 1))
    assert seeds.luck(one, other) == pytest.approx(expected)


@pytest.mark.parametrize("losses", [(0.0, 0.1), (-1.0, 2.0), (1e-300, 1e100)])
def test_losses_of_any_kind_are_compared(search, trial, losses):
    again = [trial(n, loss, again=(loss, loss * 2)) for n, loss in enumerate(losses)]
    for found in (search(*losses), search(*again)):
        assert compared(found)["sentences"][0].startswith("t0000 8 has the lower")


def test_equal_losses_are_called_the_same(search):
    assert compared(search(0.1, 0.1))["sentences"][0] == (
        "t0000 8 and t0001 8 have the same validation loss, 0.1."
    )


def test_the_table_has_only_what_differs_and_a_sentence_the_rest(search, trial):
    curve = to_plain(Curve.of([(1, 0.5, 0.4), (3, 0.2, 0.1)]))
    other = trial(
        1,
        0.2,
        units=(8, 2),
        values={"bottleneck": 2, "learning_rate": 0.02},
        reason="ended early",
        curve=curve,
    )
    facts = compared(search(0.1, other))
    assert rows(facts) == {
        "validation loss (mse)": [0.1, 0.2],
        "training loss": [None, 0.2],
        "rank": [1, 2],
        "why it ended": [None, "ended early"],
        "units of the layers": ["8", "8-2"],
        "learning_rate": [0.01, 0.02],
        "bottleneck": [None, 2],
    }
    assert facts["equal"] == (
        "The same in all: status completed, parameters 100, best epoch 3, training time 2, scaling standard."
    )
    (table,) = facts["tables"]
    assert table["rows"][0]["best"] == 0 and table["rows"][2]["best"] is None
    assert facts["sentences"][-1].startswith(
        "They differ in the units of their layers, learning_rate and bottleneck, so these trials alone do not"
    )


def test_trials_that_differ_in_one_thing_are_said_to(search, trial):
    facts = compared(search(0.1, trial(1, 0.2, values={"scaling": "robust"})))
    assert facts["sentences"][-1] == "They differ in scaling alone."


def test_failed_and_diverged_trials_are_told(search, trial):
    failed = trial(1, None, reason="the loss became NaN")
    facts = compared(search(0.1, failed), "0,1")
    assert facts["sentences"][0] == "Only t0000 8 has a score, so there is no telling which is better."
    assert rows(facts)["status"] == ["completed", "failed"]
    both = search(trial(0, None), failed)
    assert compared(both, "0,1")["sentences"][0].startswith("None of these trials has a score")
    said = compared(search(trial(0, 0.1, again=(0.1, None)), 0.2))["sentences"]
    assert "t0000 8 diverged when it was trained again with another seed: do not rely on it." in said


def test_it_is_said_why_the_search_prefers_another_one(search, trial):
    last = trial(1, 0.101, values={"scaling": "last"})
    said = compared(search(0.1, last))["sentences"]
    assert any(
        "The search prefers t0001 8 all the same: it takes one with scaling last" in one for one in said
    )
    large = trial(0, 0.1, again=(0.101, 0.102), parameters=1000)
    small = trial(1, 0.1001, again=(0.1012, 0.1021), parameters=10)
    said = compared(search(large, small))["sentences"]
    assert any("prefers t0001 8 all the same: it is the smallest" in one for one in said)


def test_trials_stand_by_number_each_once_and_the_two_best_without_numbers(search):
    found = search(0.3, 0.1, 0.2, 0.4)
    assert [one.trial.number for one in of_trials(found, "3,0,3,1")] == [0, 1, 3]
    assert [one.colour for one in of_trials(found, "3,0")] == [one.colour for one in of_trials(found, "0,3")]
    assert [one.trial.number for one in of_trials(found, None)] == [1, 2]


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ("1", "One trial alone cannot be compared. Pick two to four"),
        ("1,1", "One trial alone cannot be compared."),
        ("0,1,2,3,4", "5 trials are too many to be told apart in one picture. Pick two to four"),
        ("0,77", "Trial 77 has not ended, or there is none of this number. Pick two to four"),
        ("0,77,78", "Trials 77, 78 have not ended"),
        ("0,x", "Trials are named by their numbers in this link, such as 3,7,9."),
        ("0,", "Trials are named by their numbers"),
        ("-1,2", "Trials are named by their numbers"),
        ("1" * 400, "Trials are named by their numbers"),
        ("٣,٤", "Trials are named by their numbers"),
        (",".join(map(str, range(5000))), "5,000 trials are too many"),
    ],
)
def test_what_cannot_be_compared_is_said_in_a_sentence(search, numbers, sentence):
    with pytest.raises(CannotCompare) as error:
        of_trials(search(*[0.1] * 5), numbers)
    assert str(error.value).startswith(sentence) and len(str(error.value)) < 300


def test_where_no_two_trials_have_a_score_there_is_nothing_to_compare(search):
    for found in (search(), search(0.1)):
        with pytest.raises(CannotCompare, match="Fewer than two trials have a score yet"):
            of_trials(found, None)


def test_a_share_is_read_as_it_is_spoken():
    assert [share(ratio) for ratio in (1.001, 1.02, 1.12, 2.5, 1e6)] == [
        "0.1 %",
        "2 %",
        "12 %",
        "2.5 times",
        "more than a thousand times",
    ]
