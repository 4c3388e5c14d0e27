"""Verdicts on stacks whose states are made, so that the truth is known."""

import re

import numpy as np
import pytest

from narrows.callbacks.narrowing import Sample, States, lstm_states, measure
from narrows.callbacks.narrowing.verdict import (
    NOT_LEARNED,
    NOT_SHOWN,
    NOTHING_LOST,
    NOTHING_TO_GAIN,
    TOO_FEW,
    TOO_NARROW,
    WORDS,
    worth,
)

ROWS, STEPS = 1200, 7
WIDE_ENOUGH = {NOTHING_LOST, NOTHING_TO_GAIN}


def steps_of(x):
    """Turn a sequence (time, units) into the last states of each window, (rows, steps, units)."""
    return np.stack([x[start : start + STEPS] for start in range(len(x) - STEPS + 1)])


def mixed(x, units, seed=0):
    """Units that hold x (time, columns) and nothing else; all of them are used where there are no more."""
    mixing = np.random.default_rng(seed).normal(size=(max(x.shape[1], units),) * 2)
    return x @ np.linalg.qr(mixing)[0][: x.shape[1], :units]


def lags_of(x, count):
    """(time, count): x_t, x_{t-1} ..; the first rows wrap around, which i.i.d. x does not mind."""
    return np.concatenate([np.roll(x, lag, axis=0) for lag in range(count)], axis=1)


def measured(inputs, layers, targets, own=None, **other):
    """Measure layers (time, units) that belong to inputs (time, channels) and targets, forecast as `own`."""
    states = States(
        steps_of(inputs).astype(np.float32),
        tuple(steps_of(layer).astype(np.float32) for layer in layers),
        sequences=other.pop("sequences", ()),
        linear_readout=other.pop("linear_readout", True),
        outputs=None if own is None else own[STEPS - 1 :],
    )
    given = {"span": other.pop("span", 8), "loss": other.pop("loss", "mse")}
    return measure(states, Sample(states.inputs, targets[STEPS - 1 :], **given), **other)


def verdicts_of(*made, **other):
    """The verdict on each layer; see `measured`."""
    found = measured(*made, **other)
    verdicts = [boundary.verdict for boundary in (found.entry, *found.boundaries)]
    assert {verdict.word for verdict in verdicts} <= set(WORDS)
    for layer, verdict in enumerate(verdicts, start=1):
        assert verdict.sentence.startswith(f"Layer {layer} ({found.layers[layer - 1].units} unit")
    return verdicts


def words_of(*made, **other):
    return [verdict.word for verdict in verdicts_of(*made, **other)]


def noise_of(columns, seed=3):
    return np.random.default_rng(seed).normal(size=(ROWS, columns))


@pytest.fixture(scope="module")
def noise():
    return noise_of(1)


@pytest.fixture(scope="module")
def streams():
    """Four streams; the target is what they were one row before."""
    x = noise_of(4)
    return x, np.roll(x, 1, axis=0)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_fewer_units_than_streams_are_too_narrow_in_the_middle(streams, width):
    x, _ = streams
    narrow = mixed(x, width, seed=1)
    words = words_of(x, [mixed(x, 16), narrow, mixed(narrow, 16, seed=2)], x)
    assert words == [NOT_SHOWN, TOO_NARROW, NOT_SHOWN]


@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_last_layer_of_fewer_units_than_the_forecast_takes_is_too_narrow_for_certain(streams, width):
    x, _ = streams
    narrow = mixed(x, width, seed=1)
    first, last = verdicts_of(x, [mixed(x, 16), narrow], x, own=narrow @ np.linalg.pinv(narrow) @ x)
    assert last.word == TOO_NARROW
    missing = round(100 * (1 - width / 4))
    (said,) = re.findall(r"however it is trained, (\d+)% of the target's ups and downs cannot", last.sentence)
    assert abs(int(said) - missing) <= 4 and last.sentence.endswith(" Give it at least 4 units.")
    assert first.word == NOTHING_TO_GAIN
    assert first.sentence.endswith("cannot pass layer 2, which is too narrow for it. Widen layer 2 first.")


def test_a_last_layer_that_passes_all_it_can_is_too_narrow_however_little_that_is():
    # One unit for thirty streams explains a thirtieth, and has learned all that it can.
    x = noise_of(30)
    last = verdicts_of(x, [mixed(x, 40), x[:, :1]], x, own=np.concatenate([x[:, :1], 0 * x[:, 1:]], axis=1))[
        1
    ]
    assert last.word == TOO_NARROW and "however it is trained" in last.sentence


@pytest.mark.parametrize("width", [4, 5, 8])
def test_as_many_units_as_streams_are_enough(streams, width):
    x, _ = streams
    assert words_of(x, [mixed(x, 16), mixed(x, width, seed=1)], x, own=x) == [NOTHING_LOST, NOTHING_LOST]


def test_the_blame_is_the_narrow_layers_and_not_that_of_layers_that_learned_no_more_than_it_passes():
    # 14-8-3-13 on seven streams: layers 1 and 2 hold the three streams that layer 3 lets pass.
    x = noise_of(7)
    passed = x[:, :3]
    layers = [mixed(passed, units, seed) for seed, units in enumerate((14, 8, 3, 13))]
    own = np.concatenate([passed, 0 * x[:, 3:]], axis=1)
    verdicts = verdicts_of(x, layers, x, own=own)
    assert [verdict.word for verdict in verdicts] == [NOT_SHOWN, NOT_SHOWN, TOO_NARROW, NOT_SHOWN]
    assert verdicts[2].sentence.startswith(
        "Layer 3 (3 units) is probably too narrow: all its units are in use, and the network explains 4"
    )
    assert verdicts[0].sentence.startswith("Layer 1 (14 units) uses about 3.0 of its 14 units, ")
    for other in (0, 1, 3):
        assert verdicts[other].sentence.endswith(" Widen layer 3 first.")


@pytest.mark.parametrize(("units", "blamed"), [((3, 2), 2), ((2, 3), 1), ((2, 2), 1)])
def test_of_several_narrow_layers_the_narrowest_is_blamed_and_the_first_of_equal_ones(streams, units, blamed):
    x, _ = streams
    layers = [mixed(x[:, :width], width, seed) for seed, width in enumerate(units)] + [mixed(x[:, :2], 16, 2)]
    verdicts = verdicts_of(x, layers, x, own=np.concatenate([x[:, :2], 0 * x[:, 2:]], axis=1))
    narrow, behind = verdicts[blamed - 1], verdicts[2 - blamed]
    assert (narrow.word, behind.word) == (TOO_NARROW, NOT_SHOWN)
    assert f"Give this layer more units first. Layer {3 - blamed} has no unit" in narrow.sentence
    compared = "as few" if units[0] == units[1] else "fewer"
    assert f"but neither has layer {blamed}, which has {compared} units: the network" in behind.sentence
    assert behind.sentence.endswith(f"Widen layer {blamed} first; whether more help here will be seen then.")


def test_a_last_layer_that_cannot_pass_the_forecast_waits_for_a_narrower_one(streams):
    x, _ = streams
    layers = [mixed(x[:, :2], 2), mixed(x[:, :3], 3, 1)]
    own = np.concatenate([x[:, :2], 0 * x[:, 2:]], axis=1)
    first, last = verdicts_of(x, layers, x, own=own)
    assert (first.word, last.word) == (TOO_NARROW, NOT_SHOWN)
    assert first.sentence.endswith("Give this layer more units first. Layer 2 has no unit to spare either.")
    assert "however it is trained" in last.sentence
    assert last.sentence.endswith(
        "4 units, but widen layer 1 first, which has fewer units and none to spare."
    )


@pytest.mark.parametrize("units", [(16, 8), (16, 16), (8, 16), (16, 32), (16, 2), (16, 1)])
@pytest.mark.parametrize("seed", range(3))
def test_networks_that_are_not_trained_are_never_called_too_narrow(streams, units, seed):
    x, _ = streams
    rng, weights, before = np.random.default_rng(seed), [], 4
    for width in units:
        weights += [
            rng.uniform(-1, 1, (size, 4 * width)) * (6 / (size + 4 * width)) ** 0.5
            for size in (before, width)
        ]
        weights.append(np.repeat([0.0, 1.0, 0.0, 0.0], width))
        before = width
    weights += [rng.uniform(-1, 1, (before, 4)) * (6 / (before + 4)) ** 0.5, np.zeros(4)]
    windows = steps_of(x)
    sample = Sample(windows, x[STEPS - 1 :], span=8)
    found = measure(lstm_states(weights, windows), sample)
    assert {one.verdict.word for one in (found.entry, *found.boundaries)} == {NOT_LEARNED}
    assert "Train longer or with another learning rate" in found.boundaries[0].verdict.sentence


@pytest.mark.parametrize("seen", [True, False])
def test_a_layer_that_lost_the_one_small_unit_that_tells_the_target_did_not_lose_nothing(seen):
    # 9 -> 8 units: the ninth moves by a tenth of the others; they are kept in full, and it is lost.
    x = noise_of(9)
    layers = [np.concatenate([x[:, :8], 0.05 * x[:, 8:]], axis=1), x[:, :8]]
    found = measured(x if seen else x[:, :8], layers, x[:, 8:], own=0.3 * x[:, 8:])
    boundary = found.boundaries[0]
    assert boundary.kept.value > 0.99 and boundary.verdict.word == TOO_NARROW
    source = "the same windows" if seen else "layer 1"
    assert (
        f"a simple formula on {source} 100%. Give this layer more units first." in boundary.verdict.sentence
    )


def test_nothing_lost_is_not_said_where_the_target_is_read_worse_after_a_layer():
    x = noise_of(9)
    layers = [np.concatenate([x[:, :8], 0.05 * x[:, 8:]], axis=1), x[:, :8], x]
    assert words_of(x, layers, x[:, 8:], own=x[:, 8:]) == [NOTHING_LOST, NOTHING_TO_GAIN, NOTHING_LOST]


def test_32_to_1_loses_most_of_the_state_and_nothing_is_to_gain(noise):
    past = lags_of(noise, 7)
    target = past[:, 2:3] + 0.3 * past[:, 5:6]
    first, last = verdicts_of(noise, [mixed(past, 32), target], target, own=target)
    assert (first.word, last.word) == (NOTHING_LOST, NOTHING_TO_GAIN)
    assert last.sentence == (
        "Layer 2 (1 unit) is wide enough: the network explains 100.0% of the target's ups and downs, and a "
        "simple formula on the same windows no more (100.0%). Whether fewer units would do, a study tells: "
        "narrows study RUN --layer 2"
    )


def test_two_targets_that_are_one_need_one_unit(noise):
    y = noise @ np.array([[1.0, -2.0]])
    assert set(words_of(noise, [noise], y, own=y)) <= WIDE_ENOUGH
    assert words_of(noise, [np.roll(noise, 1, axis=0)], y, own=0.5 * y) == [TOO_NARROW]


def test_what_cannot_be_told_by_anything_is_nothing_to_gain(noise):
    # A wider layer cannot help a forecast of noise: not more often than one time in 20 is it called for.
    words = []
    for seed in range(60):
        x, y = noise_of(2, seed), noise_of(1, 100 + seed)
        words += words_of(x, [x, mixed(x, 2)], y, own=0.05 * noise_of(1, 200 + seed))
    assert words.count(TOO_NARROW) <= 3 and sum(word in WIDE_ENOUGH for word in words) >= 100


def test_a_product_is_told_by_the_windows_too():
    x = noise_of(2)
    target = x[:, :1] * x[:, 1:]
    (verdict,) = verdicts_of(x, [x], target, own=0.3 * target)
    assert verdict.word == TOO_NARROW and "a simple formula on the same windows 100%" in verdict.sentence


def test_a_network_that_is_better_than_a_simple_formula_has_no_yardstick(noise):
    target = np.sign(np.sin(3 * noise))
    (verdict,) = verdicts_of(noise, [target], target, own=target)
    assert verdict.word == NOT_SHOWN
    assert verdict.sentence.endswith(
        "so nobody knows what is left to gain. A study decides: narrows study RUN --layer 1"
    )


def test_a_layer_that_holds_what_no_simple_formula_finds_is_a_yardstick_for_later_ones(noise):
    target = np.sign(np.sin(3 * noise))
    layers = [np.concatenate([target, noise], axis=1), noise]
    _, second = verdicts_of(noise, layers, target, own=0.2 * target)
    assert second.word == TOO_NARROW and "a simple formula on layer 1 100%" in second.sentence


def test_the_last_layer_is_read_by_its_present_state_others_by_their_last_ones(noise):
    # A layer of one unit that repeats its input: its last states hold what its present one does not.
    past = lags_of(noise, 6)
    layers, target = [mixed(past, 16), noise], past[:, 3:4]
    last = measured(noise, layers, target, own=0.1 * target).boundaries[0]
    assert last.handed_on == "instant" and last.verdict.word == TOO_NARROW
    whole = measured(noise, layers, target, sequences=(True, True)).boundaries[0]
    assert whole.handed_on == "trajectory" and whole.verdict.word == NOTHING_LOST
    middle = measured(noise, [*layers, mixed(past, 16, 1)], target).boundaries[0]
    assert middle.handed_on == "trajectory" and middle.verdict.word == NOTHING_LOST


def test_no_bound_is_claimed_where_the_readout_is_not_linear(streams):
    x, _ = streams
    layers, own = [mixed(x[:, :1], 16), x[:, :1]], np.concatenate([x[:, :1], 0 * x[:, 1:]], axis=1)
    linear, other = (verdicts_of(x, layers, x, own=own, linear_readout=known)[1] for known in (True, False))
    assert "however it is trained" in linear.sentence and "however it is trained" not in other.sentence


def test_layers_that_never_move_are_judged_too(noise):
    still = np.zeros((ROWS, 2))
    after, before = (verdicts_of(noise, layers, noise) for layers in ([noise, still], [still, noise]))
    assert after[1].word == NOT_LEARNED
    assert before[1].word in WIDE_ENOUGH


def test_a_target_that_never_moves_tells_nothing(noise):
    (verdict,) = verdicts_of(noise, [noise], 0 * noise, own=0 * noise)
    assert verdict.word == TOO_FEW and "the target does not move" in verdict.sentence


def test_without_room_for_the_gaps_a_study_is_asked_for(noise):
    (verdict,) = verdicts_of(noise, [mixed(noise, 4)], noise, own=noise, span=700)
    assert verdict.word == TOO_FEW
    assert verdict.sentence == (
        "Layer 1 (4 units) cannot be judged on 1194 validation windows: they overlap and tell too little. "
        "A study decides: narrows study RUN --layer 1"
    )


def test_a_gap_that_may_be_chance_and_a_layer_of_more_units_than_windows_are_left_to_a_study(noise):
    # The network errs in one stretch of time alone, so that another draw of stretches has no gap.
    own = noise[:150] * (np.arange(150) < 130)[:, None]
    (open_,) = verdicts_of(noise[:150], [np.roll(noise, 2, axis=0)[:150]], noise[:150], own=own)
    assert open_.word == TOO_FEW and "the difference may be chance" in open_.sentence
    past = lags_of(noise, 7)
    (rows,) = verdicts_of(noise[:150], [mixed(past, 32)[:150]], noise[:150], own=0.5 * noise[:150])
    assert rows.word == TOO_FEW and "few for so many units" in rows.sentence


def test_a_network_that_learned_the_median_of_skewed_sales_has_learned():
    # Trained by absolute error: half of the two signals is lost, and by R^2 it is worse than the mean.
    x = noise_of(2)
    sales = np.exp(0.7 * x) * np.exp(0.9 * noise_of(2, seed=8))
    layers = [mixed(x[:, :1], 1), mixed(x[:, :1], 4)]
    median = np.column_stack([np.exp(0.7 * x[:, :1]), np.ones(ROWS)])
    assert words_of(x, layers, sales, own=median) == [NOT_LEARNED, NOT_LEARNED]
    assert words_of(x, layers, sales, own=median, loss="mae") == [TOO_NARROW, NOT_SHOWN]
    wide = [mixed(x, 2), mixed(x, 4)]
    assert set(words_of(x, wide, sales, own=np.exp(0.7 * x), loss="mae")) <= WIDE_ENOUGH
    assert set(words_of(x, wide, sales, own=np.ones((ROWS, 2)), loss="mae")) == {NOT_LEARNED}


@pytest.mark.parametrize("size", [8, 15])
def test_outliers_do_not_hide_what_a_network_of_absolute_error_lost(size):
    # Of three signals the third is lost; spikes that nobody can foresee make nearly all of the squared error.
    x, rng = noise_of(3), np.random.default_rng(9)
    target = x + (rng.random(x.shape) < 0.05) * rng.exponential(size, x.shape)
    lost = np.concatenate([x[:, :2], 0 * x[:, 2:]], axis=1)
    layers = [mixed(x[:, :2], 2), mixed(x[:, :2], 8, 1)]
    assert set(words_of(x, layers, target, own=lost)) <= WIDE_ENOUGH
    assert words_of(x, layers, target, own=lost, loss="mae") == [TOO_NARROW, NOT_SHOWN]
    assert set(words_of(x, [mixed(x, 3), mixed(x, 8, 1)], target, own=x, loss="mae")) <= WIDE_ENOUGH


@pytest.mark.parametrize("r2, least", [(0.99, 0.005), (0.9, 0.005), (0.5, 0.025), (0.0, 0.05), (-1.0, 0.1)])
def test_worth_a_wider_layer_is_what_lowers_the_error_by_5_percent_and_a_200th_of_the_variance(r2, least):
    assert worth(r2) == pytest.approx(least)
