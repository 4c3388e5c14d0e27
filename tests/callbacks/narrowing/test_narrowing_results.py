"""What is kept of a measure: JSON and back, the summary, and a new measure by one new file."""

import json
import subprocess
import sys
import textwrap
from dataclasses import replace

import numpy as np
import pytest

from narrows.callbacks.narrowing import Estimate, Narrowing, Sample, States, lstm_states, measure, measures
from narrows.callbacks.narrowing.measures.fill import Fill
from narrows.callbacks.narrowing.measures.memory import Memory


def stack_of(units, rows=400, channels=2, lookback=10, span=11):
    rng = np.random.default_rng(0)
    weights, width = [], channels
    for unit in units:
        weights += [rng.normal(size=shape) for shape in ((width, 4 * unit), (unit, 4 * unit), (4 * unit,))]
        width = unit
    x = rng.normal(size=(rows + lookback, channels))
    windows = np.stack([x[start : start + lookback] for start in range(rows)])
    return lstm_states(weights, windows), Sample(windows, x[lookback:, 0], span=span)


@pytest.fixture(scope="module")
def full():
    return measure(*stack_of((12, 1, 6)), full=True)


@pytest.mark.parametrize("depth", [False, True])
def test_json_gives_back_what_it_was_made_of_to_four_digits(depth):
    found = measure(*stack_of((12, 1, 6)), full=depth)
    again = Narrowing.from_plain(found.to_plain())
    assert again.to_plain() == found.to_plain()
    assert (again.rows, again.steps, again.narrowest) == (400, 7, 1)
    assert (again.entry is None) == (found.entry is None)
    assert again.layers[0][Fill].effective_rank == pytest.approx(
        found.layers[0][Fill].effective_rank, rel=1e-3
    )
    assert again.boundaries[0].verdict == found.boundaries[0].verdict
    assert (again.layers[0].get(Memory) is None) == (not depth)
    assert type(again.layers[0]) is type(found.layers[0])


def test_the_own_r2_is_kept_and_left_out_where_it_is_not_known(full):
    assert full.own is None and "own" not in full.to_plain()
    states, sample = stack_of((4,))
    found = measure(replace(states, outputs=0.5 * sample.targets), sample)
    assert found.own.value == pytest.approx(0.75, abs=0.05)
    assert Narrowing.from_plain(found.to_plain()).own.value == pytest.approx(found.own.value, rel=1e-3)


def test_numbers_that_are_none_survive():
    found = measure(*stack_of((3, 2)))
    few = measure(*stack_of((3, 2), span=390))
    assert few.to_plain()["boundaries"][0]["measures"]["kept"]["instant"] == [None] * 4
    assert np.isnan(Narrowing.from_plain(few.to_plain()).boundaries[0].kept.value)
    assert found.boundaries[0].kept.value < 1


def test_the_record_of_a_brief_measure_is_small():
    found = measure(*stack_of((64, 32, 64)))
    assert len(json.dumps(found.to_plain(), separators=(",", ":"))) < 3500


def test_the_summary_has_the_numbers_worth_a_column(full):
    summary = full.summary()
    assert list(summary) == [
        "narrowest",
        "worst_kept",
        "effective_units_1",
        "effective_units_2",
        "effective_units_3",
    ]
    assert summary["narrowest"] == 1 and summary["effective_units_2"] == pytest.approx(1)
    assert summary["worst_kept"] == full.boundaries[0].kept.shown
    assert np.isnan(measure(*stack_of((2, 6))).summary()["worst_kept"])


def test_what_was_not_measured_is_told():
    brief = measure(*stack_of((3,))).layers[0]
    assert brief.get(Memory) is None
    with pytest.raises(KeyError, match="Memory was not measured"):
        brief[Memory]


def test_an_estimate_is_clipped_for_show_only():
    assert [Estimate(value, 0, 0, 0).shown for value in (-3.0, 0.4, 1.2)] == [0, 0.4, 1]
    assert np.isnan(Estimate(np.nan, 0, 0, 0).shown)


def test_the_same_states_give_the_same_numbers():
    assert measure(*stack_of((5, 3))).to_plain() == measure(*stack_of((5, 3))).to_plain()


@pytest.mark.parametrize("what", ["inputs", "states of layer 2", "targets"])
def test_a_diverged_network_is_refused(what):
    states, sample = stack_of((3, 2))
    arrays = {"inputs": states.inputs, "states of layer 2": states.layers[1], "targets": sample.targets}
    arrays[what].reshape(-1)[5] = np.nan
    with pytest.raises(ValueError, match=f"the {what} hold NaN or infinity"):
        measure(states, Sample(states.inputs, sample.targets, span=11))


def test_another_number_of_rows_is_refused():
    states, sample = stack_of((3, 2))
    with pytest.raises(ValueError, match="the targets have 399 rows, the inputs 400"):
        Sample(sample.inputs, sample.targets[1:], span=11)
    with pytest.raises(ValueError, match="the states of layer 1 have 400 rows, the inputs 399"):
        measure(states, Sample(sample.inputs[1:], sample.targets[1:], span=11))


NEW = '''
from dataclasses import dataclass
from typing import ClassVar

from ..estimate import Estimate
from ._base import LayerMeasure


@dataclass(frozen=True)
class Loudness(LayerMeasure):
    """Mean absolute state."""

    mean: float
    by_unit: tuple[float, ...]
    guess: Estimate | None = None

    @classmethod
    def of(cls, evidence, layer):
        h = abs(evidence.present(layer))
        return cls(float(h.mean()), tuple(h.mean(axis=0).tolist()))
'''


def test_a_new_measure_is_one_new_file(tmp_path, monkeypatch):
    (tmp_path / "loudness.py").write_text(NEW)
    monkeypatch.setattr(measures, "__path__", [*measures.__path__, str(tmp_path)])
    measures.kinds.cache_clear()
    try:
        found = measure(*stack_of((3, 2)))
        again = Narrowing.from_plain(found.to_plain())
        loudness = again.layers[1].measures["loudness"]
        assert loudness.mean == pytest.approx(found.layers[1].measures["loudness"].mean, rel=1e-3)
        assert len(loudness.by_unit) == 2 and loudness.guess is None
    finally:
        monkeypatch.undo()
        measures.kinds.cache_clear()
    # Where the file is not known, the rest is read.
    assert sorted(Narrowing.from_plain(found.to_plain()).layers[0].measures) == [
        "fill",
        "redundancy",
        "target",
    ]


def test_reading_a_record_loads_neither_tensorflow_nor_scikit_learn(full):
    program = f"""
        import sys
        from narrows.callbacks.narrowing import Narrowing
        assert Narrowing.from_plain({full.to_plain()!r}).narrowest == 1
        print([name for name in ("tensorflow", "keras", "sklearn") if name in sys.modules])
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_states_of_one_step_are_enough():
    states, sample = stack_of((4, 2), lookback=1, span=2)
    assert isinstance(states, States) and measure(states, sample, full=True).steps == 1
