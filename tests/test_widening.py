"""A layer that is called too narrow is tried with more units before the answer says so."""

import json
import shutil

import pytest

from narrows.callbacks.narrowing import BoundaryMeasures, Narrowing, Verdict
from narrows.callbacks.narrowing.verdict import HELPS, NO_HELP, NOT_SHOWN, NOTHING_LOST, TOO_NARROW
from narrows.search_spaces.trial import Status
from narrows.tuning import Run, tune
from narrows.tuning.answers import widening
from narrows.tuning.answers.widths import undecided
from narrows.tuning.engines.fused.engine import FusedEngine
from narrows.tuning.models.rebuilt import engine_of_run
from narrows.tuning.runs.start import held

STREAMS = "synthetic:streams,n=4,rows=1500"
SPACE = {"num_layers": 2, "bottleneck": 0, "learning_rate": 0.02, "scaling": "standard"}
SEARCH = {"algorithm": "grid", "trials": 1, "progress": False}


@pytest.mark.parametrize(
    ("units", "before", "wider"),
    [
        ((14, 8, 3, 13), 2, (14, 8, 8, 13)),
        ((14, 8, 3, 13), 3, (14, 8, 3, 26)),
        ((2, 8), 0, (16, 8)),
        ((16, 4), 0, (32, 4)),
        ((3, 3), 1, (3, 16)),
    ],
)
def test_a_layer_is_widened_to_what_comes_before_it_or_to_sixteen(units, before, wider):
    assert widening.widened_units(units, before) == wider


@pytest.mark.parametrize(
    ("loss", "wide", "word"),
    [
        (0.2, 0.1, HELPS),
        (0.2, 0.191, NO_HELP),
        (0.2, 0.3, NO_HELP),
        (0.004, 0.001, NO_HELP),
        (0.2, 0.2, NO_HELP),
    ],
)
def test_it_helps_when_the_loss_falls_by_a_twentieth_and_half_a_percent_of_the_variance(loss, wide, word):
    found = widening.verdict(1, 3, 16, loss, wide, spread=1.0)
    assert found.word == word and found.sentence.startswith("Layer 2 (3 units)")


@pytest.mark.parametrize(("trials", "found"), [(9, [1, 0]), (10, [1, 0, 3]), (500, [1, 0, 3])])
def test_narrow_layers_are_tried_and_open_ones_where_the_search_was_long(trials, found):
    words = {
        0: (8, TOO_NARROW),
        1: (4, TOO_NARROW),
        2: (16, NOT_SHOWN),
        3: (2, NOT_SHOWN),
        4: (1, NOTHING_LOST),
    }
    entry, *rest = (
        BoundaryMeasures({}, 8, units, "trajectory", Verdict(word, "")) for units, word in words.values()
    )
    assert widening.suspected(Narrowing((), tuple(rest), 400, 7, entry), trials) == found


def test_values_of_a_wider_network_are_those_of_the_trial_but_for_the_widths():
    values = {
        "num_layers": 2,
        "units_1": 8,
        "units_2": 4,
        "bottleneck": 2,
        "bottleneck_after": 1,
        "scaling": "last",
    }
    assert widening.values_of(values, (8, 16, 4)) == {
        "num_layers": 3, "units_1": 8, "units_2": 16, "units_3": 4, "bottleneck": 0, "scaling": "last",
    }  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Four streams through a last layer of two units: half of them cannot pass."""
    folder = tmp_path_factory.mktemp("widening") / "run"
    return tune(STREAMS, space=SPACE | {"units": [[12], [2]]}, epochs=12, out=folder, **SEARCH)


def test_the_answer_says_that_widening_helps_once_it_was_tried(run):
    (boundary,) = run.narrowing(run.best).boundaries
    assert boundary.verdict.word == HELPS
    said = [sentence for sentence in run.answer["sentences"] if sentence.startswith("Widening helps.")]
    assert len(said) == 1 and "trained once more with 12 units in this layer" in said[0]
    assert run.recorded().best.narrowing.boundaries[0].verdict.word == HELPS
    assert undecided(run.narrowing(run.best)) == []


def test_the_wider_network_is_the_trial_with_a_wider_layer(run):
    """Its loss is that of training the wider profile with the seed of the trial, by plain Keras."""
    from narrows.tuning.engines.base import Task
    from narrows.tuning.engines.keras.training import Training
    from narrows.tuning.models.rebuilt import space_of_run

    values = widening.values_of(run.best.values, (12, 12))
    task = Task(1, values, run.best.epochs, seed=run.best.seed)
    outcome = Training(space_of_run(run), run.windows).train(task, lambda epoch: widening.Decision())
    (text,) = (one for (one,) in run.store._db.execute("SELECT training FROM trainings"))
    assert json.loads(text)["val_loss"] == pytest.approx(outcome.best_val_loss, rel=0.05)


def test_an_answer_that_is_found_again_trains_nothing_again(run, monkeypatch):
    def begin(self, ask, report, end):
        assert ask() is None

    with held(run.folder) as opened:
        suspected = widening._with(
            opened.recorded_trial(opened.best).narrowing, {1: Verdict(TOO_NARROW, "again")}
        )
        kept = json.loads(opened.store.narrowing(0)) | {"measured": suspected.to_plain()}
        opened.store.set_narrowing(0, json.dumps(kept))
        monkeypatch.setattr(FusedEngine, "_begin", begin)
        widening.confirm(opened, engine_of_run(opened), pytest.fail)
    again = Run(run.folder)
    assert again.narrowing(again.best).boundaries[0].verdict.word == HELPS


def test_a_trial_that_was_cut_off_is_held_against_a_wider_one_of_as_many_epochs(run, monkeypatch, tmp_path):
    folder = shutil.copytree(run.folder, tmp_path / "cut")
    asked = []

    def losses(run, engine, best, wanted, note):
        asked.append(best.epochs)
        return dict.fromkeys(wanted)

    monkeypatch.setattr(widening, "_losses", losses)
    monkeypatch.setattr(widening, "suspected", lambda *_: [1])
    with held(folder) as opened:
        for status in (Status.COMPLETED, Status.STOPPED):
            opened.store._db.execute("UPDATE trials SET status = ?", (status,))
            opened.store._db.execute("DELETE FROM epochs WHERE epoch > 7")
            widening.confirm(opened, engine_of_run(opened), pytest.fail)
    assert asked == [12, 7]


def test_a_network_without_a_suspected_layer_costs_no_training(tmp_path):
    space = SPACE | {"units": 12}
    run = tune("synthetic:random_walk,rows=600", space=space, epochs=3, out=tmp_path / "run", **SEARCH)
    assert not list(run.store._db.execute("SELECT key FROM trainings"))
