"""The benchmark of verdicts: its series are what they say, its truth and its counts are right."""

import itertools
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

import verdict_deals
from verdict_deals import deals
from verdict_rules import Counts, Rule, gap_of, swept, wilson
from verdict_series import FAMILIES, Source
from verdict_stacks import Stack, stacks
from verdict_truth import Trained, Trainings, truth


def r2(y, x):
    """Share of y (rows, targets) that a linear forecast from x (rows, columns) explains, in sample."""
    x = np.column_stack([np.ones(len(x)), x])
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return 1 - np.square(left).sum() / np.square(y - y.mean(axis=0)).sum()


def columns(source):
    named = source.columns()
    return tuple(np.column_stack([named[name] for name in named if name[0] == which]) for which in "yx")


@pytest.mark.parametrize("delay", [1, 3])
def test_streams_come_out_when_they_are_due(delay):
    y, x = columns(Source("streams", 0, n=3, delay=delay))
    assert r2(y[delay:], x[:-delay]) == pytest.approx(1)
    assert r2(y[1:], y[:-1]) < 0.01


def test_noise_is_what_no_forecast_can_know():
    y, x = columns(Source("streams", 0, n=2, noise=0.5))
    assert r2(y[1:], x[:-1]) == pytest.approx(1 / 1.25, abs=0.02)


def test_targets_of_a_rank_have_that_rank():
    y, x = columns(Source("rank", 0, n=5, rank=2))
    assert np.linalg.matrix_rank(y) == 2
    assert r2(y[1:], x[:-1, :2]) == pytest.approx(1)
    assert y.var(axis=0) == pytest.approx(1, abs=0.1)


def test_copies_are_copies_of_the_streams():
    y, x = columns(Source("redundant", 0, n=2, copies=3))
    assert x.shape[1] == 6
    # Three copies of a noise of 0.3: the mean of them has a noise of 0.3^2 / 3.
    assert r2(y[1:], x[:-1]) == pytest.approx(1 / (1 + 0.03), abs=0.005)


def test_products_are_hidden_from_a_linear_reader():
    y, x = columns(Source("products", 0, n=1, delay=2))
    assert r2(y[2:], np.column_stack([x[1:-1], x[:-2]])) < 0.01
    assert y[2:, 0] == pytest.approx(x[1:-1, 0] * x[:-2, 1])


def test_smooth_streams_have_their_autocorrelation():
    _, x = columns(Source("smooth", 0, n=2))
    assert np.corrcoef(x[1:, 0], x[:-1, 0])[0, 1] == pytest.approx(0.8, abs=0.03)
    assert x.std() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_source_gives_the_windows_it_is_asked_for(family):
    data = Source(family, 0, n=2, rank=1, copies=2, delay=3, horizon=2, windows=64).data()
    sizes = [len(data.parts[part]) for part in ("train", "validation", "test")]
    assert sizes == [64, 1023, 4095]


def test_there_are_enough_boundaries_and_always_the_same():
    found = stacks()
    assert sum(len(stack.units) for stack in found) >= 400
    assert len(set(found)) == len(found)
    assert found == stacks()
    assert {stack.state for stack in found} == {"trained", "untrained", "undertrained", "overtrained"}


@pytest.mark.parametrize("before, units", [(0, (16, 8, 3, 13)), (1, (14, 14, 3, 13)), (3, (14, 8, 3, 26))])
def test_the_wider_stack_is_the_one_that_the_package_would_train(before, units):
    from narrows.tuning.answers.widening import widened_units

    own = (14, 8, 3, 13)
    wider = Stack(Source("noise", 0), own, 0.01).wider(before)
    assert wider.units == (units if before else (28, 8, 3, 13))
    assert wider.units == widened_units(own, before)


def trained(*losses, variance=1.0):
    return [Trained(loss, loss, variance, []) for loss in losses]


@pytest.mark.parametrize(
    "own, wider, helps, clear",
    [
        ((0.50, 0.52, 0.48), (0.40, 0.42, 0.38), True, True),
        ((0.50, 0.502, 0.498), (0.50, 0.501, 0.499), False, True),
        # By 5 % of the loss, but not by .005 of the variance: both are perfect.
        ((0.004, 0.005, 0.004), (0.002, 0.002, 0.001), False, True),
        # One seed fell, two did not.
        ((0.50, 0.50, 0.50), (0.02, 0.49, 0.50), True, False),
        ((0.500, 0.500, 0.501), (0.480, 0.480, 0.480), False, True),
    ],
)
def test_truth_asks_for_a_share_of_the_loss_and_of_the_variance(own, wider, helps, clear):
    found = truth(trained(*own), trained(*wider))
    assert (found.helps, found.clear) == (helps, clear)
    d = [np.log(a / b) for a, b in zip(own, wider, strict=True)]
    assert found.fell == pytest.approx(sum(d) / 3)
    assert found.gained == pytest.approx((sum(own) - sum(wider)) / 3)


def test_a_gain_is_a_share_of_the_targets_own_variance():
    own, wider = trained(0.5, 0.52, 0.48, variance=100.0), trained(0.4, 0.42, 0.38)
    assert not truth(own, wider).helps


@pytest.mark.parametrize("part, whole", [(0, 7), (3, 10), (40, 41), (12, 12)])
def test_intervals_are_those_of_wilson(part, whole):
    known = binomtest(part, whole).proportion_ci(0.95, "wilson")
    assert wilson(part, whole) == pytest.approx((known.low, known.high), abs=1e-6)


def test_counts_are_those_of_a_loop():
    said, helps = np.random.default_rng(0).random((2, 50)) < 0.4
    found = Counts.of(said.tolist(), helps.tolist())
    assert found.right == sum(a and b for a, b in zip(said, helps, strict=True))
    assert found.false == sum(a and not b for a, b in zip(said, helps, strict=True))
    assert found.missed == sum(b and not a for a, b in zip(said, helps, strict=True))
    assert found.right + found.false + found.missed + found.rest == 50
    assert found.precision == found.right / said.sum() and found.recall == found.right / helps.sum()


def record(stack, gap, fill, helps, own=0.5):
    return {
        "stack": stack,
        "before": 0,
        "window": own + gap,
        "trajectory": [],
        "fill": [fill],
        "own": own,
        "helps": helps,
    }


def test_the_gap_is_to_what_tells_most_up_to_the_boundary():
    one = record(0, 0.1, 1.0, True) | {"trajectory": [0.7, 0.9]}
    assert gap_of(one) == pytest.approx(0.1)
    assert gap_of(one | {"before": 1}) == pytest.approx(0.2)
    assert gap_of(one | {"before": 2}) == pytest.approx(0.4)


def test_thresholds_are_chosen_on_even_stacks_alone():
    even = [record(0, gap, fill, gap > 0.04 and fill > 0.8) for gap, fill in GRID]
    odd = [record(1, gap, fill, not (gap > 0.04 and fill > 0.8)) for gap, fill in GRID]
    rule, at_home, away = swept([*even, *odd])
    assert (at_home.precision, at_home.recall) == (1, 1)
    assert (away.precision, away.recall) == (0, 0)
    assert rule.narrow(record(0, 0.06, 0.9, True)) and not rule.narrow(record(0, 0.03, 0.9, True))


GRID = list(itertools.product((0.0, 0.02, 0.04, 0.06, 0.2), (0.5, 0.78, 0.86, 1.0)))


def test_a_network_that_learned_nothing_is_not_called_too_narrow():
    rule = Rule(0.02, 0.9, 0.05)
    assert rule.narrow(record(0, 0.5, 1.0, True))
    assert not rule.narrow(record(0, 0.5, 1.0, True, own=0.01))


def test_trainings_are_made_once_and_kept(tmp_path):
    trainings = Trainings(tmp_path)
    stack = Stack(Source("streams", 0, n=2, windows=64), (1,), 0.02, epochs=2)
    missing = trainings.missing([stack])
    wanted = [((w,), s) for w in (1, 16) for s in (0, 4, 5, 1, 2, 3)]
    assert [(one.units, seed) for one, seed in missing] == wanted
    trainings.train(missing)
    assert trainings.missing([stack]) == []
    one = trainings.of(stack, 0)
    assert [weight.shape for weight in one.weights] == [(4, 4), (1, 4), (4,), (1, 2), (2,)]
    assert one.test_loss == pytest.approx(one.variance, rel=0.3)
    assert trainings.of(stack, 1).test_loss != one.test_loss


def test_the_page_of_results_is_what_was_recorded():
    import run

    kept = json.loads(run.ROWS.read_text())
    assert set(kept) <= set(run.PARTS) and run._page(kept) == run.RESULTS.read_text()


def test_sides_are_found_whatever_else_is_on_the_path_of_python(tmp_path, monkeypatch):
    from apart import call

    monkeypatch.setenv("PYTHONPATH", f"{os.environ.get('PYTHONPATH', '')}{os.pathsep}{tmp_path}")
    assert call("verdict_rules", "wilson", 3, 10) == list(wilson(3, 10))


def test_boundaries_are_judged_beside_their_truth(tmp_path, monkeypatch):
    import verdict_judging
    from verdicts import tables

    stack = Stack(Source("streams", 0, n=2, windows=64), (1, 2), 0.02, epochs=2)
    trainings = Trainings(tmp_path)
    monkeypatch.setattr(verdict_judging, "stacks", lambda: [stack])
    assert verdict_judging.judged(str(tmp_path)) == []
    trainings.train(trainings.missing([stack]))
    found = verdict_judging.judged(str(tmp_path))
    assert [one["before"] for one in found] == [0, 1]
    assert [one["helps"] for one in found] == [trainings.truth(stack, before).helps for before in (0, 1)]
    variance = np.square(stack.source.data().targets(stack.source.data().parts["validation"])).mean()
    assert found[0]["own"] == pytest.approx(1 - trainings.of(stack, 0).val_loss / variance, abs=0.05)
    # The tables need more stacks than that: the same, told apart by what is true of them.
    many = [
        one | {"stack": k, "tried": True, "helps": k % 3 == 0, "clear": k % 5 > 0}
        for k in range(40)
        for one in found
    ]
    rows = list(tables(many))
    assert all(len(row) == 4 and all(isinstance(cell, str) for cell in row) for row in rows)
    assert sum("what any rule" in row[0] for row in rows) == 2


def test_every_deal_has_three_seeds_that_judge_and_three_others_that_are_truth():
    found = deals()
    assert len(set(found)) == 20
    for judging, rest in found:
        assert judging[0] == 0 and sorted(judging + rest) == list(range(6))


def test_shares_of_a_deal_are_those_of_its_own_truth_and_losses():
    # The seeds 1 and 2 of six say that it helps, the others that it does not.
    losses = [[1.0, 1.0], [1.0, 0.8], [1.0, 0.8], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
    one = {"stack": 0, "tried": True, "spread": 1.0, "variance": 1.0, "pairs": 2,
           "val_losses": losses, "test_losses": losses}  # fmt: skip
    deal = (0, 1, 2), (3, 4, 5)
    assert verdict_deals._truth(one, deal[1]).helps is False
    assert verdict_deals._of_package(verdict_deals._losses(one, deal), 1.0) is True
    assert verdict_deals._truth(one, (1, 2, 3)).helps is True
    other = (0, 4, 5), (1, 2, 3)
    assert verdict_deals._of_package(verdict_deals._losses(one, other), 1.0) is False
    true = {each: [verdict_deals._truth(one, each[1])] for each in (deal, other)}
    shares = verdict_deals._shares([one], true, verdict_deals._of_package, [True], only_clear=False)
    assert np.isnan(shares).all()
    shares = verdict_deals._shares([one], {other: true[other]}, lambda *_: True, [True], only_clear=False)
    assert shares.tolist() == [1, 1]


def test_the_package_takes_no_more_pairs_than_it_needs():
    from verdict_judging import taken

    same, lower, half = (1.0, 1.0), (1.0, 0.8), (1.0, 0.4)
    assert [len(taken([*pairs], 1.0)) for pairs in ([half, same, same], [lower, lower, same])] == [1, 2]
    assert len(taken([lower, same, half], 1.0)) == 3


def test_a_learner_that_can_tell_is_found_to_tell_and_one_that_cannot_is_not():
    import verdict_ceiling

    rng = np.random.default_rng(0)
    base = {"before": 0, "instant": [0.5], "trajectory": [0.5], "units": [4], "kept": 0.5, "clear": True}
    cases = [
        record(k, gap, 0.9, bool(gap > 0.15)) | base | {"trajectory": [0.5]}
        for k, gap in enumerate(rng.uniform(0, 0.3, 200))
    ]
    known = [row[1] for row in verdict_ceiling.rows(cases)]
    assert all(float(row.split("right in ")[1][:4]) > 0.9 for row in known)
    blind = [one | {"helps": bool(flip)} for one, flip in zip(cases, rng.random(200) < 0.5, strict=True)]
    assert all(float(row[1].split("right in ")[1][:4]) < 0.7 for row in verdict_ceiling.rows(blind))
