"""Kept, target probe and verdict on stacks whose states are made, so that the truth is known."""

import numpy as np
import pytest

from narrows.callbacks.narrowing import Sample, States, measure
from narrows.callbacks.narrowing.measures.kept import Kept
from narrows.callbacks.narrowing.measures.target import TargetProbe
from narrows.callbacks.narrowing.verdict import (
    NOT_LEARNED,
    NOT_SHOWN,
    NOTHING_LOST,
    NOTHING_TO_GAIN,
    TOO_FEW,
    TOO_NARROW,
    WORDS,
)
from narrows.tuning.series.epoch_rows import measured_rows
from narrows.tuning.series.series import Series
from narrows.tuning.series.synthetic import make
from narrows.tuning.series.windows import Windows

ROWS, STEPS = 1200, 7
SPLIT = "0.2,0.7,0.1"


def steps_of(x):
    """Turn a sequence (time, units) into the last states of each window, (rows, steps, units)."""
    return np.stack([x[start : start + STEPS] for start in range(len(x) - STEPS + 1)])


def mixed(x, units, seed=0):
    return x @ np.random.default_rng(seed).normal(size=(x.shape[1], units))


def lags_of(x, count):
    """(time, count): x_t, x_{t-1} ..; the first rows wrap around, which i.i.d. x does not mind."""
    return np.concatenate([np.roll(x, lag, axis=0) for lag in range(count)], axis=1)


def narrowing_of(inputs, layers, targets, **other):
    """Measure layers (time, units) that belong to inputs (time, channels) and targets (time, outputs)."""
    states = States(
        steps_of(inputs).astype(np.float32),
        tuple(steps_of(layer).astype(np.float32) for layer in layers),
        sequences=other.pop("sequences", ()),
        linear_readout=other.pop("linear_readout", True),
        outputs=None if (made := other.pop("outputs", None)) is None else made[STEPS - 1 :],
    )
    span = other.pop("span", 8)
    return measure(states, Sample(states.inputs, targets[STEPS - 1 :], span=span), **other)


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(3).normal(size=(ROWS, 1))


@pytest.fixture(scope="module")
def streams():
    """Four streams that the target repeats one row later, as (time, 4) input and target."""
    series = make("synthetic:streams,n=4,rows=1200")
    return series.values[:, 4:], series.values[1:, :4]


def words(found):
    met = [found.entry] if found.entry else []
    return [boundary.verdict.word for boundary in (*met, *found.boundaries)]


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("last", [True, False])
def test_fewer_units_than_independent_streams_are_too_narrow(streams, width, last):
    x, y = streams
    layers = [mixed(x, 16), x[:, :width]]
    layers += [] if last else [mixed(layers[1], 16, seed=2)]
    found = narrowing_of(x[:-1], [layer[:-1] for layer in layers], y)
    narrows = found.boundaries[0]
    assert narrows.verdict.word == TOO_NARROW
    assert found.layers[0][TargetProbe].instant.value == pytest.approx(1, abs=1e-6)
    assert found.layers[1][TargetProbe].instant.value == pytest.approx(width / 4, abs=0.06)
    assert found.worst_kept == narrows.kept.value < 0.95
    if not last:
        # What the narrow layer lost is missing behind it too, but that layer has units to spare.
        assert found.boundaries[1].verdict.word == NOT_SHOWN


@pytest.mark.parametrize("width", [4, 5, 8])
def test_as_many_units_as_streams_lose_nothing(streams, width):
    x, y = streams
    found = narrowing_of(x[:-1], [mixed(x, 16)[:-1], mixed(x, width, seed=1)[:-1]], y)
    assert found.boundaries[0].verdict.word == NOTHING_LOST
    assert found.worst_kept == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("width, word", [(2, TOO_NARROW), (4, NOTHING_LOST)])
def test_a_first_layer_narrower_than_the_input_is_a_boundary_too(streams, width, word):
    x, y = streams
    found = narrowing_of(np.concatenate([x, 0 * x], axis=1)[:-1], [mixed(x, width)[:-1]], y)
    assert found.boundaries == ()
    assert (found.entry.before, found.entry.after, found.entry.kind) == (8, width, "narrowing")
    assert found.entry.verdict.word == word
    assert found.entry.verdict.sentence.startswith(f"Layer 1 ({width} units)")
    assert np.isnan(found.worst_kept)


def test_a_full_first_layer_is_judged_also_where_it_does_not_narrow(noise):
    past = lags_of(noise, 4)
    found = narrowing_of(noise, [past[:, :1], mixed(past[:, :1], 8)], past[:, 3:4], sequences=(False, False))
    assert found.entry is not None and found.entry.kind == "same width"
    assert found.entry.verdict.word == TOO_NARROW and found.boundaries[0].verdict.word == NOT_SHOWN


def test_the_blame_goes_to_the_narrow_layer_and_not_to_those_that_learned_to_serve_it():
    """Seven streams through 14-8-3-13: all layers hold the three streams that the third one passes."""
    series = make("synthetic:streams,n=7,rows=1600")
    x, y = series.values[:-1, 7:], series.values[1:, :7]
    three = x[:, :3]
    layers = [mixed(three, 14), mixed(three, 8, 1), three, mixed(three, 13, 3)]
    assert words(narrowing_of(x, layers, y)) == [NOT_SHOWN, TOO_NARROW, NOT_SHOWN]


def test_several_full_layers_cannot_be_told_apart_and_the_narrowest_is_named(streams):
    x, y = streams
    two = x[:-1, :2]
    layers = [mixed(two, 16), two, two[:, :1] + 0, mixed(two[:, :1], 16)]
    found = narrowing_of(x[:-1], layers, y)
    assert words(found)[:2] == [TOO_NARROW, TOO_NARROW]
    for boundary in found.boundaries[:2]:
        assert "together they are too narrow" in boundary.verdict.sentence
        assert "widen layer 3 first (1 unit)" in boundary.verdict.sentence
    assert "as is layer 3" in found.boundaries[0].verdict.sentence


def test_an_untrained_network_is_not_called_too_narrow(streams):
    x, y = streams
    rng = np.random.default_rng(5)
    for widths in ((16, 8), (16, 16), (8, 16), (16, 32)):
        layers = [mixed(x, widths[0])[:-1], mixed(x, widths[1], 1)[:-1]]
        outputs = 0.1 * rng.normal(size=y.shape)
        found = narrowing_of(x[:-1], layers, y, outputs=outputs)
        assert set(words(found)) == {NOT_LEARNED} and found.own.value < 0.05


def test_a_network_that_forecasts_all_that_can_be_read_has_nothing_to_gain(noise):
    past = lags_of(noise, 8)
    target = past[:, 2:3] + 0.3 * past[:, 5:6]
    found = narrowing_of(noise, [mixed(past, 32), target], target, outputs=target)
    (boundary,) = found.boundaries
    assert boundary.kept.shown < 0.5 and found.worst_kept == boundary.kept.shown
    assert boundary.verdict.word == NOTHING_TO_GAIN and found.own.value == pytest.approx(1)
    assert boundary.verdict.sentence == (
        "Layer 2 (1 unit): the forecast already has all of the target that could be read before it, so more "
        f"units would hardly help; it keeps {100 * boundary.kept.shown:.0f} % of what layer 1 holds."
    )


def test_a_small_unit_that_alone_carries_the_target_is_not_lost_unseen():
    """Nine units to eight: 99.9 % of the variance is kept, and the target is gone."""
    rng = np.random.default_rng(0)
    carrier, others = 0.05 * rng.normal(size=(ROWS, 1)), 0.5 * rng.normal(size=(ROWS, 8))
    layers = [np.concatenate([others, carrier], axis=1), others]
    found = narrowing_of(np.concatenate([others, carrier], axis=1), layers, carrier)
    (boundary,) = found.boundaries
    assert boundary.kept.value > 0.95 and boundary.verdict.word != NOTHING_LOST
    spare = [layers[0], mixed(others[:, :4], 8)]
    found = narrowing_of(np.concatenate([others, carrier], axis=1), spare, carrier, outputs=carrier)
    assert found.boundaries[0].verdict.word == NOTHING_TO_GAIN, (
        "it forecasts all the same: how is not our word"
    )


def test_two_targets_of_rank_one_need_one_unit(streams):
    x, _ = streams
    target = np.concatenate([x[:, :1], -2 * x[:, :1]], axis=1)
    found = narrowing_of(x, [mixed(x, 16), x[:, :1]], target, outputs=target)
    assert found.boundaries[0].verdict.word == NOTHING_TO_GAIN


def test_1_to_32_keeps_all(noise):
    found = narrowing_of(noise, [noise, mixed(lags_of(noise, 7), 32)], noise)
    boundary = found.boundaries[0]
    assert boundary.kind == "widening" and boundary.verdict.word == NOTHING_LOST
    assert boundary[Kept].trajectory.value == pytest.approx(1, abs=1e-4)
    assert boundary[Kept].repeated.value == pytest.approx(1, abs=1e-4)
    assert boundary.verdict.sentence == (
        "Layer 2 (32 units): it keeps 100 % of what layer 1 holds, and the target can be read from it as "
        "well."
    )
    squares = narrowing_of(noise, [noise, mixed(lags_of(noise, 7) ** 2, 32)], noise).boundaries[0]
    assert squares[Kept].repeated.value < 0.1


def test_one_unit_may_send_one_after_the_other_what_the_next_layer_reads(noise):
    # A layer of one unit that repeats its input: its last states hold what its present one does not.
    past = lags_of(noise, 6)
    layers = [mixed(past, 16), noise, mixed(past, 16, seed=1)]
    found = narrowing_of(noise, layers, past[:, 3:4])
    narrows = found.boundaries[0]
    assert narrows.handed_on == "trajectory" and narrows.verdict.word == NOTHING_LOST
    assert narrows[Kept].instant.value < 0.6
    assert narrows.kept == narrows[Kept].trajectory


def test_of_the_last_layer_a_forecast_reads_the_present_state_only(noise):
    past = lags_of(noise, 6)
    layers, target = [mixed(past, 16), noise], past[:, 3:4]
    last = narrowing_of(noise, layers, target).boundaries[0]
    assert last.handed_on == "instant" and last.verdict.word == TOO_NARROW
    assert last.kept == last[Kept].instant
    read_whole = narrowing_of(noise, layers, target, sequences=(True, True)).boundaries[0]
    assert read_whole.handed_on == "trajectory" and read_whole.verdict.word == NOTHING_LOST


@pytest.mark.parametrize("other, word", [({}, TOO_NARROW), ({"linear_readout": False}, TOO_NARROW)])
def test_layers_trained_to_serve_a_narrow_one_do_not_excuse_it(streams, noise, other, word):
    # The layer of 16 holds one stream and what the target has no use for; it tells no more than one unit.
    x, y = streams
    held = np.concatenate([x[:, :1], np.roll(noise[: len(x)], 1, axis=0)], axis=1)
    layers = [mixed(held, 16)[:-1], x[:-1, :1]]
    (boundary,) = narrowing_of(x[:-1], layers, y, **other).boundaries
    assert boundary.verdict.word == word
    if not other:
        assert "1 unit, however trained, cannot hand on 7" in boundary.verdict.sentence
    else:
        assert "however trained" not in boundary.verdict.sentence


def test_ten_rows_for_each_unit_are_asked_for(noise):
    past = lags_of(noise, 8)
    few = noise[:150], [past[:150, :2], mixed(past[:, 2:], 32)[:150]], past[:150, :1]
    verdict = narrowing_of(*few).boundaries[0].verdict
    assert verdict.word == TOO_FEW
    assert verdict.sentence == (
        "Layer 2 (32 units) cannot be judged (144 windows, 320 are needed for 32 units): a study decides "
        "(narrows study)."
    )


def test_what_is_found_in_few_rows_is_not_lost(noise):
    past = lags_of(noise, 8)[:150]
    target = past[:, :1]
    found = narrowing_of(noise[:150], [past[:, :2], mixed(past, 32)], target, outputs=target)
    assert found.boundaries[0].verdict.word == NOTHING_LOST


def test_without_room_for_the_gaps_nothing_is_claimed(noise):
    found = narrowing_of(noise, [mixed(noise, 4), mixed(noise, 2)], noise, span=700, full=True)
    assert found.boundaries[0].verdict.word == TOO_FEW
    assert "stretches to test on, 5 are needed" in found.boundaries[0].verdict.sentence
    assert "narrows study" in found.boundaries[0].verdict.sentence
    assert np.isnan([found.boundaries[0].kept.value, found.layers[0][TargetProbe].instant.value]).all()
    assert np.isnan(found.worst_kept) and found.effective_widths == pytest.approx((1, 1))


def test_layers_that_never_move_are_judged_too(noise):
    still = np.zeros((ROWS, 2))
    after, before = (
        narrowing_of(noise, layers, noise).boundaries[0] for layers in ([noise, still], [still, noise])
    )
    assert after.verdict.word == NOT_SHOWN and after.kept.value == 0
    assert before.verdict.word == NOTHING_LOST
    assert "nothing moves in layer 1, so there is nothing to lose" in before.verdict.sentence
    assert {after.verdict.word, before.verdict.word} <= set(WORDS)


def test_nothing_is_to_be_gained_of_a_target_that_cannot_be_read_anywhere(noise):
    past = lags_of(noise, 8)
    unknown = np.random.default_rng(9).normal(size=(ROWS, 1))
    verdict = narrowing_of(noise, [mixed(past, 16), noise], unknown).boundaries[0].verdict
    assert verdict.word == NOTHING_TO_GAIN


@pytest.fixture(scope="module")
def panel():
    """Twenty series with common shocks: nothing can be learned, and yet each moment is told by any series."""
    rng = np.random.default_rng(0)
    shocks = rng.normal(size=400)
    values = np.concatenate([shocks + 0.03 * rng.normal(size=400) for _ in range(20)])[:, None]
    ids = tuple(f"s{n:02d}" for n in range(20))
    times = np.tile(np.arange(400), 20)
    return Windows(
        Series("panel", ("y",), values, starts=np.arange(20) * 400, ids=ids, times=times), 4, 1, SPLIT
    )


def told_by_chance(inputs):
    """States of a layer that tells one moment from another: many units, each of another function."""
    rng = np.random.default_rng(1)
    flat = inputs.reshape(len(inputs), -1)
    return np.tanh(3 * flat @ rng.normal(size=(flat.shape[1], 600)) + rng.normal(size=600))[:, None]


def test_many_series_at_the_same_moment_are_never_on_both_sides(panel):
    rows = measured_rows(panel, 1600)
    inputs, targets = panel.inputs(rows), panel.targets(rows)
    moments = panel.moments[rows]
    by_time = Sample(inputs, targets, span=panel.reach(rows), times=moments)
    sides = [set(moments[part]) for part in (by_time.split.train, by_time.split.test)]
    assert not sides[0] & sides[1] and panel.reach(rows) == 5
    for row in range(1, len(by_time.split.blocks)):
        same = moments[by_time.split.test[row]] == moments[by_time.split.test[row - 1]]
        assert not same or by_time.split.blocks[row] == by_time.split.blocks[row - 1]
    states = States(inputs, (told_by_chance(inputs),))
    by_row = np.argsort(rows)
    torn = Sample(inputs[by_row], targets[by_row], span=5, times=rows[by_row])
    held, chance = (
        measure(States(sample.inputs, (told_by_chance(sample.inputs),)), sample)
        .layers[0][TargetProbe]
        .instant
        for sample in (by_time, torn)
    )
    assert held.value < 0.1, "what is known of some moments says nothing of others"
    assert chance.value > 0.3, "split by table row it seemed to"
    assert words(measure(states, by_time)) in ([], [NOTHING_TO_GAIN])
