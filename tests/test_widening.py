"""A layer that is called too narrow is tried with more units before the answer says so."""

import json
import shutil

import pytest

from narrows.callbacks.narrowing import BoundaryMeasures, Narrowing, Verdict
from narrows.callbacks.narrowing.verdict import HELPS, NO_HELP, NOT_SHOWN, NOTHING_LOST, TOO_NARROW
from narrows.search_spaces.trial import GO_ON, Epoch, Outcome, Status
from narrows.tuning import Run, tune
from narrows.tuning.answers import widening
from narrows.tuning.answers.retraining import values_of
from narrows.tuning.answers.widening import Pair, decided
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
    ("loss", "wide", "fell"),
    [
        (0.2, 0.1, True),
        (0.2, 0.191, False),
        (0.2, 0.3, False),
        (0.004, 0.001, False),
        (0.2, 0.2, False),
        (None, 0.1, False),
        (0.2, None, False),
    ],
)
def test_a_loss_falls_by_a_twentieth_and_half_a_percent_of_the_variance(loss, wide, fell):
    assert Pair(loss, wide).fell(spread=1.0) == fell


FELL, STAYED, HALVED, WORSE = Pair(0.2, 0.16), Pair(0.2, 0.2), Pair(0.2, 0.09), Pair(0.2, 0.9)


@pytest.mark.parametrize(
    ("pairs", "helps"),
    [
        ([], None),
        ([FELL], None),
        ([STAYED], None),
        ([HALVED], True),
        ([FELL, FELL], True),
        ([FELL, HALVED], True),
        ([STAYED, WORSE], False),
        ([STAYED, HALVED], None),
        ([FELL, WORSE], None),
        ([FELL, WORSE, FELL], True),
        ([STAYED, HALVED, STAYED], False),
        ([FELL, Pair(0.2, None), Pair(None, 0.1)], False),
        # Both are perfect, so a half of it is nothing.
        ([Pair(0.004, 0.001)], None),
    ],
)
def test_two_pairs_that_agree_decide_or_one_that_halves_the_loss(pairs, helps):
    assert decided(pairs, spread=1.0) is helps


@pytest.mark.parametrize(
    ("pairs", "word", "said"),
    [
        (
            [HALVED],
            HELPS,
            "clearly fell in one training each, by 55% in the mean. Give this layer more units.",
        ),
        ([FELL, FELL], HELPS, "clearly fell in 2 of 2 trainings each, by 20% in the mean."),
        ([FELL, STAYED, HALVED], HELPS, "clearly fell in 2 of 3 trainings each, by 29% in the mean."),
        (
            [STAYED, Pair(0.2, 0.21)],
            NO_HELP,
            "clearly fell in 0 of 2 trainings each (in the mean it changed by +2%). It needs no more units.",
        ),
        (
            [STAYED, WORSE, FELL],
            NO_HELP,
            "clearly fell in 1 of 3 trainings each (in the mean it changed by +53%). That is the luck of a "
            "training more than its units.",
        ),
    ],
)
def test_a_verdict_says_how_many_trainings_it_rests_on(pairs, word, said):
    found = widening.verdict(1, 3, 16, pairs, spread=1.0)
    assert found.word == word and said in found.sentence
    assert found.sentence.startswith(
        "Layer 2 (3 units): with 16 units in this layer the network's validation"
    )


@pytest.mark.parametrize(("trials", "found"), [(9, [1, 0]), (10, [1, 0, 3]), (500, [1, 0, 3, 2])])
def test_narrow_layers_are_tried_and_open_ones_where_the_search_was_long(trials, found):
    words = {
        0: (8, TOO_NARROW),
        1: (4, TOO_NARROW),
        2: (16, NOT_SHOWN),
        3: (2, NOT_SHOWN),
        4: (1, NOTHING_LOST),
        5: (99, NOT_SHOWN),
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
    assert values_of(values, (8, 16, 4)) == {
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
    assert len(said) == 1 and "with 12 units in this layer" in said[0]
    assert " one training each, by " in said[0]
    assert run.recorded().best.narrowing.boundaries[0].verdict.word == HELPS
    assert undecided(run.narrowing(run.best)) == []


def test_the_wider_network_is_the_trial_with_a_wider_layer(run):
    """Its loss is that of training the wider profile with the seed of the trial, by plain Keras."""
    from narrows.tuning.engines.base import Task
    from narrows.tuning.engines.keras.training import Training
    from narrows.tuning.models.rebuilt import space_of_run

    values = values_of(run.best.values, (12, 12))
    task = Task(1, values, run.best.epochs, seed=run.best.seed)
    outcome = Training(space_of_run(run), run.windows).train(task, lambda epoch: GO_ON)
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

    class Asked:
        def __init__(self, run, engine):
            pass

        def missing(self, wanted):
            asked.extend(one.trial.epochs for one in wanted)
            return []

        def losses(self, wanted):
            return [None] * len(wanted)

    monkeypatch.setattr(widening, "Retraining", Asked)
    monkeypatch.setattr(widening, "suspected", lambda *_: [1])
    with held(folder) as opened:
        for status in (Status.COMPLETED, Status.STOPPED):
            opened.store._db.execute("UPDATE trials SET status = ?", (status,))
            opened.store._db.execute("DELETE FROM epochs WHERE epoch > 7")
            opened.store._ranking.forget()
            widening.confirm(opened, engine_of_run(opened), pytest.fail)
    assert set(asked[: len(asked) // 2]) == {12} and set(asked[len(asked) // 2 :]) == {7}


class Made:
    """An engine whose losses are made: by units and by how many seeds there were before."""

    def __init__(self, run, losses, dies_at=99):
        real = engine_of_run(run)
        self.space, self.windows = real.space, real.windows
        self.losses, self.dies_at, self.seeds, self.trained = losses, dies_at, [run.best.seed], []

    def train(self, ask, report, end):
        while task := ask():
            if len(self.trained) == self.dies_at:
                raise KeyboardInterrupt
            units = tuple(task.values[f"units_{layer}"] for layer in range(1, task.values["num_layers"] + 1))
            self.seeds += [] if task.seed in self.seeds else [task.seed]
            self.trained.append((units, self.seeds.index(task.seed)))
            loss = self.losses[units][self.seeds.index(task.seed)]
            report(Epoch(task.number, 1, loss, loss, 0.01, 1.0))
            end(Outcome(task.number, Status.COMPLETED, best_epoch=1, best_val_loss=loss, units=units))


OWN, FIRST, LAST = (12, 2), (24, 2), (12, 12)


@pytest.fixture
def again(run, tmp_path):
    """The run with both layers under suspicion, and nothing of it trained wider."""
    shutil.copytree(run.folder, tmp_path / "run")
    with held(tmp_path / "run") as opened:
        narrowing = opened.recorded_trial(opened.best).narrowing
        suspect = widening._with(narrowing, dict.fromkeys((0, 1), Verdict(TOO_NARROW, "again")))
        kept = json.loads(opened.store.narrowing(0)) | {"measured": suspect.to_plain()}
        opened.store.set_narrowing(0, json.dumps(kept))
        opened.store._db.execute("DELETE FROM trainings")
        yield opened


def confirmed(opened, engine):
    """Confirm; return what was noted and the words on both layers."""
    noted = []
    widening.confirm(opened, engine, noted.append)
    found = opened.recorded_trial(opened.best).narrowing
    return noted, [found.entry.verdict, found.boundaries[0].verdict]


def test_more_pairs_are_trained_where_the_first_do_not_tell(again):
    loss = again.best.best_val_loss
    engine = Made(again, {OWN: [loss, 0.4, 0.4], FIRST: [0.8 * loss, 0.4, 0.3], LAST: [loss, 0.4, 0.1]})
    noted, (first, last) = confirmed(again, engine)
    assert engine.trained == [
        (LAST, 0), (FIRST, 0), (OWN, 1), (LAST, 1), (FIRST, 1), (OWN, 2), (FIRST, 2),
    ]  # fmt: skip
    assert noted == [
        "training 2 networks with a wider layer: does that help?",
        "training 3 networks with another seed: was it luck?",
        "training 2 networks with another seed: was it luck?",
    ]
    assert (first.word, last.word) == (HELPS, NO_HELP)
    assert "in 2 of 3 trainings each" in first.sentence and "in 0 of 2 trainings each" in last.sentence


def test_wider_networks_that_all_diverge_tell_nothing(again):
    loss, nan = again.best.best_val_loss, float("nan")
    losses = {OWN: [loss, 0.4, 0.4], FIRST: [nan, nan, nan], LAST: [loss, 0.4, 0.1]}
    _, (first, last) = confirmed(again, Made(again, losses))
    assert (first.word, last.word) == (TOO_NARROW, NO_HELP)


@pytest.mark.parametrize("dies_at", range(1, 7))
def test_trainings_that_were_made_before_a_kill_are_not_made_again(again, dies_at):
    loss = again.best.best_val_loss
    losses = {OWN: [loss, 0.4, 0.4], FIRST: [0.8 * loss, 0.4, 0.3], LAST: [loss, 0.4, 0.1]}
    killed = Made(again, losses, dies_at)
    with pytest.raises(KeyboardInterrupt):
        confirmed(again, killed)
    engine = Made(again, losses)
    engine.seeds = killed.seeds
    _, verdicts = confirmed(again, engine)
    assert len(killed.trained) + len(engine.trained) == 7
    assert not set(killed.trained) & set(engine.trained)
    assert ["in 2 of 3" in verdicts[0].sentence, "in 0 of 2" in verdicts[1].sentence] == [True, True]


def test_one_place_and_two_find_the_same(run, tmp_path):
    found = []
    for places in (1, 2):
        shutil.copytree(run.folder, tmp_path / str(places))
        with held(tmp_path / str(places)) as opened:
            narrowing = opened.recorded_trial(opened.best).narrowing
            suspect = widening._with(narrowing, {0: Verdict(NOT_SHOWN, ""), 1: Verdict(TOO_NARROW, "")})
            kept = json.loads(opened.store.narrowing(0)) | {"measured": suspect.to_plain()}
            opened.store.set_narrowing(0, json.dumps(kept))
            opened.store._db.execute("DELETE FROM trainings")
            engine = engine_of_run(opened)
            engine.places = places
            widening.confirm(opened, engine, lambda said: None)
            trained = opened.store._db.execute("SELECT key, training FROM trainings")
            losses = {key: json.loads(text)["val_loss"] for key, text in trained}
            found.append((opened.store.narrowing(0), losses))
    assert found[0] == found[1]


def test_a_network_without_a_suspected_layer_costs_no_training(tmp_path):
    space = SPACE | {"units": 12}
    run = tune("synthetic:random_walk,rows=600", space=space, epochs=3, out=tmp_path / "run", **SEARCH)
    assert not list(run.store._db.execute("SELECT key FROM trainings"))
