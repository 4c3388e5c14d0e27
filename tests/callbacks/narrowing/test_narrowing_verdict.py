"""Kept, target probe and verdict on stacks whose states are made, so that the truth is known."""

import re

import numpy as np
import pytest

from narrows.callbacks.narrowing import Sample, States, measure
from narrows.callbacks.narrowing.measures.kept import Kept
from narrows.callbacks.narrowing.measures.target import TargetProbe
from narrows.callbacks.narrowing.verdict import HARMFUL, NOT_NEEDED, NOTHING_LOST, TOO_FEW, WORDS
from narrows.tuning.series.synthetic import make

ROWS, STEPS = 1200, 7


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


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("last", [True, False])
def test_fewer_units_than_independent_streams_are_harmful(streams, width, last):
    x, y = streams
    layers = [mixed(x, 16), mixed(x, width, seed=1)]
    layers += [] if last else [mixed(layers[1], 16, seed=2)]
    found = narrowing_of(x[:-1], [layer[:-1] for layer in layers], y)
    narrows = found.boundaries[0]
    assert narrows.verdict.word == HARMFUL
    assert found.layers[0][TargetProbe].instant.value == pytest.approx(1, abs=1e-6)
    assert found.layers[1][TargetProbe].instant.value == pytest.approx(width / 4, abs=0.06)
    assert found.worst_kept == narrows.kept.value < 0.95
    if not last:
        assert found.boundaries[1].verdict.word == NOTHING_LOST


@pytest.mark.parametrize("width", [4, 5, 8])
def test_as_many_units_as_streams_lose_nothing(streams, width):
    x, y = streams
    found = narrowing_of(x[:-1], [mixed(x, 16)[:-1], mixed(x, width, seed=1)[:-1]], y)
    assert found.boundaries[0].verdict.word == NOTHING_LOST
    assert found.worst_kept == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("width, word", [(2, HARMFUL), (4, NOTHING_LOST)])
def test_a_first_layer_narrower_than_the_input_is_a_boundary_too(streams, width, word):
    x, y = streams
    found = narrowing_of(np.concatenate([x, 0 * x], axis=1)[:-1], [mixed(x, width)[:-1]], y)
    assert found.boundaries == ()
    assert (found.entry.before, found.entry.after, found.entry.kind) == (8, width, "narrowing")
    assert found.entry.verdict.word == word
    assert found.entry.verdict.sentence.startswith(f"8 input channels to {width} units: ")
    assert np.isnan(found.worst_kept)


@pytest.mark.parametrize("other, word", [({}, HARMFUL), ({"linear_readout": False}, NOT_NEEDED)])
def test_layers_trained_to_serve_a_narrow_one_do_not_excuse_it(streams, noise, other, word):
    # The layer of 16 holds one stream and what the target has no use for; it tells no more than one unit.
    x, y = streams
    held = np.concatenate([x[:, :1], np.roll(noise[: len(x)], 1, axis=0)], axis=1)
    layers = [mixed(held, 16)[:-1], x[:-1, :1]]
    (boundary,) = narrowing_of(x[:-1], layers, y, **other).boundaries
    assert boundary.verdict.word == word
    kept = f"16 to 1 unit: {boundary.kept.shown:.0%} of the state before is found in the last state after it"
    assert boundary.verdict.sentence.startswith(kept)
    if word == HARMFUL:
        assert re.search(
            ", and 1 unit, however trained, cannot hand on 7[3-7]% of the target's variance that the window "
            r"tells\.$",
            boundary.verdict.sentence,
        )
    else:
        assert boundary.verdict.sentence.endswith(
            " The window itself tells R2 1.00, which this network does not use."
        )


def test_32_to_1_loses_most_of_the_state_and_the_target_does_not_need_it(noise):
    past = lags_of(noise, 8)
    target = past[:, 2:3] + 0.3 * past[:, 5:6]
    found = narrowing_of(noise, [mixed(past, 32), target], target)
    (boundary,) = found.boundaries
    assert boundary.kept.shown < 0.5 and found.worst_kept == boundary.kept.shown
    assert boundary.verdict.word == NOT_NEEDED
    assert boundary.verdict.sentence == (
        f"32 to 1 unit: {boundary.kept.shown:.0%} of the state before is found in the last state after it, "
        "the only one that is read on, but the target is read as well after it: R2 1.00 after, 1.00 before."
    )


def test_1_to_32_keeps_all_and_says_what_is_new(noise):
    found = narrowing_of(noise, [noise, mixed(lags_of(noise, 7), 32)], np.roll(noise, 3, axis=0))
    (boundary,) = found.boundaries
    assert boundary.kind == "widening" and boundary.verdict.word == NOTHING_LOST
    assert boundary[Kept].trajectory.value == pytest.approx(1, abs=1e-4)
    assert boundary[Kept].repeated.value == pytest.approx(1, abs=1e-4)
    assert boundary.verdict.sentence == (
        "1 to 32 units: 100% of the state before is found in the last state after it, the only one "
        "that is read on (0% of the wider layer's state is new)."
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
    assert last.handed_on == "instant" and last.verdict.word == HARMFUL
    assert last.kept == last[Kept].instant
    read_whole = narrowing_of(noise, layers, target, sequences=(True, True)).boundaries[0]
    assert read_whole.handed_on == "trajectory" and read_whole.verdict.word == NOTHING_LOST


def test_what_a_later_layer_knows_was_not_lost_before_it(noise):
    # The target is a square: no linear probe finds it in the narrow layer, but the one behind computes it.
    past = lags_of(noise, 12)
    target = noise**2 + 0.5 * noise
    layers = [np.concatenate([mixed(past, 16), 0.5 * target], axis=1), noise, mixed(target, 3)]
    found = narrowing_of(noise, layers, target)
    assert found.layers[1][TargetProbe].trajectory.value < 0.5
    assert found.boundaries[0].verdict.word == NOT_NEEDED
    assert "as well in layer 3: R2 0." in found.boundaries[0].verdict.sentence
    assert found.boundaries[0].verdict.sentence.endswith(", 1.00 before, 1.00 in layer 3.")


def test_ten_rows_for_each_unit_are_asked_for(noise):
    past = lags_of(noise, 8)
    for rows, word in [(150, TOO_FEW), (400, HARMFUL)]:
        layers = [mixed(past, 32)[:rows], past[:rows, :1]]
        found = narrowing_of(noise[:rows], layers, past[:rows, 4:5])
        assert found.boundaries[0].verdict.word == word
    few = noise[:150], [past[:150, :2], mixed(past[:, 2:], 32)[:150]], past[:150, :1]
    assert narrowing_of(*few).boundaries[0].verdict.sentence == (
        "2 to 32 units: 144 rows, 320 are needed for 32 units."
    )


def test_what_is_found_in_few_rows_is_not_lost(noise):
    past = lags_of(noise, 8)[:150]
    found = narrowing_of(noise[:150], [past[:, :2], mixed(past, 32)], past[:, :1]).boundaries[0]
    assert found.verdict.word == NOTHING_LOST


def test_without_room_for_the_gaps_nothing_is_claimed(noise):
    found = narrowing_of(noise, [mixed(noise, 4), mixed(noise, 2)], noise, span=700, full=True)
    assert found.boundaries[0].verdict.word == TOO_FEW
    assert "stretches to test on, 5 are needed" in found.boundaries[0].verdict.sentence
    assert np.isnan([found.boundaries[0].kept.value, found.layers[0][TargetProbe].instant.value]).all()
    assert np.isnan(found.worst_kept) and found.effective_widths == pytest.approx((1, 1))


def test_layers_that_never_move_are_judged_too(noise):
    still = np.zeros((ROWS, 2))
    after, before = (
        narrowing_of(noise, layers, noise).boundaries[0] for layers in ([noise, still], [still, noise])
    )
    assert after.verdict.word == HARMFUL and after.kept.value == 0
    assert before.verdict.word == NOTHING_LOST
    assert before.verdict.sentence == (
        "2 to 1 unit: nothing moves before this boundary, so there is nothing to lose."
    )
    assert {after.verdict.word, before.verdict.word} <= set(WORDS)


def test_nothing_is_said_of_a_target_that_cannot_be_read_anywhere(noise):
    past = lags_of(noise, 8)
    unknown = np.random.default_rng(9).normal(size=(ROWS, 1))
    verdict = narrowing_of(noise, [mixed(past, 16), noise], unknown).boundaries[0].verdict
    assert verdict.word == NOT_NEEDED and verdict.sentence.endswith("R2 0.00 after, 0.00 before.")


def test_a_layer_that_has_no_more_to_give_does_not_excuse_the_last_one_either(streams):
    x, y = streams
    first = x[:-1, :1]
    narrowing, same = (
        narrowing_of(x[:-1], [mixed(first, units), first], y).boundaries[0] for units in (8, 1)
    )
    assert narrowing.verdict.word == HARMFUL
    assert re.search(
        r"^8 to 1 unit: 100% of the .*, but 1 unit, however trained, cannot", narrowing.verdict.sentence
    )
    # Where nothing narrows, what is missing was missing before.
    assert same.verdict.word == NOTHING_LOST
