"""The loop: budgets, failures, going on after any interruption, and the same numbers for a seed."""

import math
import random
import threading
from collections import deque
from dataclasses import replace

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

import narrows.tuning.search as search_module
from narrows.callbacks.narrowing.measures.memory import Memory
from narrows.callbacks.recorded import DONE, INTERRUPTED, UNDER_WAY, RecordedSearch, RecordedTrial
from narrows.callbacks.rungs import rungs_of
from narrows.callbacks.tab_record import SEARCH_TAG, TRIALS_TAG
from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import Decision, Epoch, Outcome, Status, Trial
from narrows.tuning import Run, engines, tune
from narrows.tuning.algorithms import make
from narrows.tuning.algorithms.base import trial_seed
from narrows.tuning.engines.base import Engine
from narrows.tuning.progress.base import Progress
from narrows.tuning.schedule import Schedule
from narrows.tuning.stopping import Rules
from narrows.tuning.watchers.measures import Measures

TAGS = (SEARCH_TAG, TRIALS_TAG)

SMALL = {"num_layers": [1, 2], "units": (1, 64), "bottleneck": 0, "scaling": "standard"}


class Quick(Engine):
    """Trains nothing: a trial's loss is a formula of its values. Several trials are under way at once."""

    places = 3
    fails = ()

    def train(self, ask, report, end):
        under_way = deque()
        luck = random.Random(self.places)
        while True:
            under_way.rotate(luck.randrange(3))
            while len(under_way) < self.places and (trial := ask()) is not None:
                under_way.append([trial, trial.first_epoch])
            if not under_way:
                return
            trial, done = under_way.popleft()
            if trial.number in self.fails:
                end(Outcome(trial.number, Status.FAILED, "it broke"))
                continue
            loss = self.loss(trial.values) + 1 / (done + 1)
            decision = report(Epoch(trial.number, done + 1, loss, loss, 0.1, 0.01))
            if done + 1 == trial.epochs or decision.ends:
                kept = trial.keep_state or decision.ends == Status.PAUSED
                state = [np.full(1, done + 1.0)] if kept else None
                if trial.first_epoch:
                    assert trial.state[0][0] == trial.first_epoch, "a promoted trial goes on from its parent"
                weights = [np.zeros(self.space.parameters(trial.values))]
                status = decision.ends or Status.COMPLETED
                end(Outcome(trial.number, status, decision.reason, weights, done + 1, loss, state=state))
            else:
                under_way.append([trial, done + 1])

    @staticmethod
    def loss(values):
        return (math.log(values["units_1"]) - 2) ** 2 + math.log10(values["learning_rate"] * 100) ** 2

    def predict(self, values, weights, rows):
        return np.zeros((len(rows), *self.windows.output_shape), np.float32)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(engines, "make", lambda name, *rest: Quick(*rest))
    monkeypatch.setattr(engines, "refusal", lambda *_: "")
    monkeypatch.setattr(Quick, "fails", ())
    # The weights of a quick trial are those of no network.
    monkeypatch.setattr(Measures, "of", lambda _: None)
    monkeypatch.setattr("narrows.tuning.answers.concluding.measure_best", lambda *_: [])
    monkeypatch.setattr("narrows.tuning.answers.answer.units_of", lambda *_: None)
    return Quick


def search(folder, **options):
    known = {"space": SMALL, "epochs": 3, "trials": 6, "algorithm": "random"}
    return tune("synthetic:trend,rows=200", out=folder, **(known | options))


def table(run):
    return [(row.number, row.status, row.values, row.seed, row.best_val_loss) for row in run.trials]


@pytest.mark.parametrize("algorithm", ["tpe", "random", "grid", "bayesian", "hyperband"])
def test_every_algorithm_spends_its_budget_on_distinct_trials(quick, tmp_path, algorithm):
    run = search(tmp_path / "run", algorithm=algorithm, trials=10)
    assert len(run.trials) == 10
    assert {row.status for row in run.trials} == {Status.COMPLETED}
    assert [row.number for row in run.trials] == list(range(10))
    distinct = {(str(row.values), row.parent) for row in run.trials}
    assert len(distinct) == 10
    assert run.answer["trial"] == run.best.number


def test_what_an_engine_trains_on_is_told_and_kept(quick, monkeypatch, tmp_path):
    class Listens(Progress):
        def __init__(self):
            self.notes = []

        def note(self, text):
            self.notes.append(text)

    told = Listens()
    run = search(tmp_path / "run", progress=told)
    assert (told.notes, run.store.meta("device")) == ([], "CPU")
    monkeypatch.setattr(Quick, "device", "GPU")
    monkeypatch.setattr(Quick, "remark", "a GPU is visible")
    run = search(tmp_path / "run", trials=7, progress=told)
    assert (told.notes, run.store.meta("device")) == (["a GPU is visible"], "GPU")


@pytest.mark.parametrize("algorithm", ["tpe", "random", "grid"])
def test_a_search_cut_in_pieces_is_the_search_in_one(quick, monkeypatch, tmp_path, algorithm):
    monkeypatch.setattr(Quick, "places", 1)
    whole = search(tmp_path / "whole", algorithm=algorithm, trials=9)
    for trials in (2, 5, 9):
        pieces = search(tmp_path / "pieces", algorithm=algorithm, trials=trials)
    assert table(pieces) == table(whole)


@pytest.mark.parametrize("algorithm", ["tpe", "random", "grid", "bayesian", "hyperband"])
def test_a_search_is_the_same_on_one_place_and_on_two(quick, monkeypatch, tmp_path, algorithm):
    tables = []
    for places in (1, 2):
        monkeypatch.setattr(Quick, "places", places)
        tables.append(table(search(tmp_path / str(places), algorithm=algorithm, trials=22, epochs=9)))
    assert tables[0] == tables[1]


@pytest.mark.parametrize("algorithm", ["tpe", "random", "grid", "bayesian", "hyperband"])
def test_a_search_goes_on_elsewhere_as_on_the_places_it_began_on(quick, monkeypatch, tmp_path, algorithm):
    monkeypatch.setattr(Quick, "places", 5)
    whole = search(tmp_path / "whole", algorithm=algorithm, trials=40, epochs=9)
    with pytest.raises(KeyboardInterrupt):
        search(tmp_path / "cut", algorithm=algorithm, trials=40, epochs=9, progress=Interrupts(30))
    monkeypatch.setattr(Quick, "places", 1)
    assert table(search(tmp_path / "cut", algorithm=algorithm, trials=40, epochs=9)) == table(whole)


def test_trials_are_no_more_than_asked_for_where_one_ended_before_a_kill_and_its_elder_after():
    space = StackedLSTM(**SMALL)

    def schedule(trials=(), state=None):
        return Schedule(make("random", space, seed=0, epochs=1), 8, trials, state)

    first = schedule()
    begun = [Trial(**vars(first.next(3))) for _ in range(3)]
    begun[1] = replace(begun[1], status=Status.COMPLETED, best_val_loss=1.0)
    first.ended(begun[1])
    again = schedule(begun, first.state())
    assert again.next(3).number == 0
    again.ended(replace(begun[0], status=Status.COMPLETED, best_val_loss=1.0))
    assert again.next(3).number == 2 and again.next(3) is None


@pytest.mark.parametrize("algorithm", ["tpe", "bayesian", "hyperband", "random", "grid"])
def test_on_a_cluster_no_place_waits_for_a_result_and_a_kill_changes_nothing(algorithm):
    """Results are told as they come; whoever goes on knows whose were told."""
    space, epochs = StackedLSTM(**SMALL), 9

    def search(kill):
        def schedule(trials, state):
            made = make(algorithm, space, seed=0, epochs=epochs)
            return Schedule(made, 8, trials, state, ordered=False)

        one, trials, luck, running = schedule([], None), {}, random.Random(1), []
        while len(trials) < 40 or running:
            if kill and luck.random() < 0.2:
                one, running = schedule([*trials.values()], one.state()), []
            while len(running) < 6 and (proposal := one.next(40)) is not None:
                trials[proposal.number] = trials.get(proposal.number) or Trial(**vars(proposal))
                running.append(proposal.number)
            assert algorithm == "hyperband" or len(running) == 6 or len(trials) == 40, "a place is idle"
            # The first one trains for as long as all others together.
            number = luck.choice(running[1:] if len(running) > 1 and running[0] == 0 else running)
            running.remove(number)
            loss = float(trials[number].values["learning_rate"]) + number % 3
            trials[number] = replace(trials[number], status=Status.COMPLETED, best_val_loss=loss)
            one.ended(trials[number])
        return [trials[number].values for number in range(40)]

    whole, killed = search(kill=False), search(kill=True)
    assert len(whole) == len(killed) == 40
    if algorithm in ("random", "grid"):
        assert whole == killed


@pytest.mark.parametrize("algorithm", ["random", "tpe", "hyperband"])
def test_a_search_whose_trials_pause_ends_as_the_one_without(quick, monkeypatch, tmp_path, algorithm):
    options = {"algorithm": algorithm, "trials": 20, "epochs": 9}
    whole = search(tmp_path / "whole", **options)
    judge, paused = Rules.judge, set()

    def pausing(self, trial, epoch, training):
        if epoch.epoch == trial.first_epoch + 1 and trial.number % 3 == 0 and trial.number not in paused:
            paused.add(trial.number)
            return Decision(Status.PAUSED, "later")
        return judge(self, trial, epoch, training)

    monkeypatch.setattr(Rules, "judge", pausing)
    run = search(tmp_path / "paused", **options)
    assert paused and table(run) == table(whole)
    assert [len(run.store.epochs(n)) for n in range(20)] == [len(whole.store.epochs(n)) for n in range(20)]
    paused.clear()
    with pytest.raises(KeyboardInterrupt):
        search(tmp_path / "cut", **options, progress=Interrupts(12))
    cut = search(tmp_path / "cut", **options)
    assert table(cut) == table(whole)
    assert [len(cut.store.epochs(n)) for n in range(20)] == [len(whole.store.epochs(n)) for n in range(20)]


class Interrupts(Progress):
    """Presses Ctrl-C after a number of epochs."""

    def __init__(self, after):
        self.left = after

    def epoch(self, epoch):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.mark.parametrize("algorithm", ["tpe", "random", "grid", "hyperband"])
@pytest.mark.parametrize("after", [1, 4, 8, 25])
@pytest.mark.parametrize("places", [1, 3])
def test_an_interrupted_search_goes_on_as_if_it_never_stopped(
    quick, monkeypatch, tmp_path, algorithm, after, places
):
    monkeypatch.setattr(Quick, "places", places)
    whole = search(tmp_path / "whole", algorithm=algorithm, trials=20)
    with pytest.raises(KeyboardInterrupt):
        search(tmp_path / "cut", algorithm=algorithm, trials=20, progress=Interrupts(after))
    cut = search(tmp_path / "cut", algorithm=algorithm, trials=20)
    assert table(cut) == table(whole)
    assert [len(cut.store.epochs(n)) for n in range(20)] == [len(whole.store.epochs(n)) for n in range(20)]


def test_the_record_says_whether_a_search_is_under_way_was_interrupted_or_is_done(quick, tmp_path):
    def heads():
        (path,) = (tmp_path / "cut" / "tensorboard" / "search").iterdir()
        values = [value for event in EventFileLoader(str(path)).Load() for value in event.summary.value]
        texts = [value.tensor.string_val[0] for value in values if value.tag == SEARCH_TAG]
        return [RecordedSearch.from_head(text, ()) for text in texts]

    with pytest.raises(KeyboardInterrupt):
        search(tmp_path / "cut", algorithm="hyperband", epochs=9, trials=22, progress=Interrupts(4))
    assert [(one.state, one.asked.trials) for one in heads()] == [(UNDER_WAY, 22), (INTERRUPTED, 22)]
    assert Run(tmp_path / "cut").recorded().state == INTERRUPTED
    run = search(tmp_path / "cut", algorithm="hyperband", epochs=9, trials=22)
    assert [one.state for one in heads()] == [UNDER_WAY, DONE]
    first, *others = rungs_of(run.recorded())
    assert first.let_go and len(first.reached) - len(first.let_go) >= 1 and not others[-1].let_go


def test_a_search_lets_go_of_its_engine_however_it_ends(quick, monkeypatch, tmp_path):
    closed = []
    monkeypatch.setattr(Quick, "close", lambda engine: closed.append(engine))
    search(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        search(tmp_path / "cut", progress=Interrupts(2))
    assert len(closed) == 2


def test_seed_zero_is_a_seed_and_another_seed_is_another_search(quick, tmp_path):
    first, again, other = (search(tmp_path / name, seed=s) for name, s in [("a", 0), ("b", 0), ("c", 1)])
    assert table(first) == table(again) != table(other)
    assert len({trial_seed(seed, number) for seed in (0, 1) for number in range(50)}) == 100


def test_failures_have_their_reason_and_never_end_the_search(quick, monkeypatch, tmp_path):
    monkeypatch.setattr(Quick, "fails", (0, 1, 2, 3, 4))
    run = search(tmp_path / "run", trials=7)
    assert [row.status for row in run.trials] == ["failed"] * 5 + ["completed"] * 2
    assert {row.reason for row in run.trials[:5]} == {"it broke"}
    monkeypatch.setattr(Quick, "fails", range(99))
    run = search(tmp_path / "all", trials=5)
    assert run.answer is None and run.best is None and len(run.trials) == 5


def test_an_oversized_model_is_not_trained(quick, tmp_path):
    run = search(tmp_path / "run", max_parameters=500, trials=12)
    large = [row for row in run.trials if row.parameters > 500]
    assert large and all(row.status == "failed" for row in large)
    assert large[0].reason == f"{large[0].parameters} parameters, more than the 500 allowed (max_parameters)"
    assert any(row.status == "completed" for row in run.trials)


def test_a_finished_small_space_ends_the_search_cleanly(quick, tmp_path):
    space = SMALL | {"units": [2, 3], "num_layers": 1, "learning_rate": 0.01}
    for algorithm in ("tpe", "random", "grid", "bayesian", "hyperband"):
        run = search(tmp_path / algorithm, space=space, trials=30, algorithm=algorithm)
        found = {row.values["units_1"] for row in run.trials}
        assert found == {2, 3}, algorithm
        assert len([row for row in run.trials if row.parent is None]) == 2, algorithm


def test_a_spent_time_budget_stops_the_trial_and_keeps_its_best(quick, tmp_path):
    run = search(tmp_path / "run", minutes=1e-9, trials=5)
    assert run.trials == []
    run = search(tmp_path / "run", minutes=0.005, trials=2000, epochs=3)
    assert 0 < len(run.trials) < 2000
    assert all(row.status in (Status.COMPLETED, Status.STOPPED) for row in run.trials)
    assert run.answer["trial"] == run.best.number


def test_only_the_weights_of_the_best_are_kept(quick, tmp_path):
    run = search(tmp_path / "run", trials=8, keep=3)
    kept = sorted(int(path.parent.name) for path in run.paths.trials.glob("*/weights.npz"))
    assert kept == sorted(row.number for row in run.store.best(3))
    assert run.weights(run.best)[0].size == run.best.parameters


def test_a_promoted_trial_shares_the_seed_of_its_parent_and_states_are_let_go(quick, tmp_path):
    space = SMALL | {"units": [2, 3, 4, 5], "num_layers": 1, "learning_rate": 0.01}
    run = search(tmp_path / "run", algorithm="hyperband", epochs=9, trials=500, space=space)
    promoted = [row for row in run.trials if row.parent is not None]
    assert promoted
    for row in promoted:
        parent = run.trial(row.parent)
        assert (row.seed, row.values, row.first_epoch) == (parent.seed, parent.values, parent.epochs)
    assert not list(run.paths.trials.glob("*/state.*"))


def test_a_hyperband_search_that_may_go_on_keeps_the_states_of_open_brackets_alone(quick, tmp_path):
    run = search(tmp_path / "run", algorithm="hyperband", epochs=27, trials=60)
    states = {number for number, _ in run.paths.with_state()}
    assert len(states) < 15
    parents = {trial.parent for trial in run.trials}
    assert not states & parents, "what was promoted is not gone on from again"


def test_an_interrupted_search_of_the_real_engine_has_the_losses_of_one_that_was_not(tmp_path, monkeypatch):
    """Of six shapes, so that programs are shared; each start plans them as if it had begun the search."""
    monkeypatch.setattr(search_module, "KEEP_SECS", 0.0)
    t = np.arange(300)
    options = {
        "source": {"v": np.sin(t / 4) + 0.3 * np.sin(t / 1.7)}, "target": "v", "lookback": 12, "trials": 8,
        "epochs": 3, "algorithm": "grid", "seed": 5,
        "space": {
            "num_layers": [1, 2], "units": [8, 12, 20], "bottleneck": 0, "learning_rate": [0.01],
            "linear": "none",
        },
    }  # fmt: skip
    whole = tune(out=tmp_path / "whole", **options)
    for after in (4, 9):
        with pytest.raises(KeyboardInterrupt):
            tune(out=tmp_path / "cut", progress=Interrupts(after), **options)
    cut = tune(out=tmp_path / "cut", **options)
    assert table(cut) == table(whole)
    for number in range(8):
        one, other = (
            [(epoch.loss, epoch.val_loss) for epoch in run.store.epochs(number)] for run in (whole, cut)
        )
        assert one == other
    assert cut.store.narrowings() == whole.store.narrowings()
    assert cut.store.meta("answer") == whole.store.meta("answer")
    # Commands that it advises name the run where it is now.
    cut.folder.rename(tmp_path / "moved")
    advised = Run(tmp_path / "moved").answer["sentences"][-1]
    assert advised.endswith(f"narrows study {tmp_path / 'moved'} --layer 2")


def test_a_finished_run_is_left_as_it_is(quick, monkeypatch, tmp_path):
    run = search(tmp_path / "run")
    answer = run.answer
    monkeypatch.setattr(engines, "make", None)
    assert search(tmp_path / "run").answer == answer


def test_a_real_search_finds_what_can_be_learnt_and_tells_the_floors(tmp_path):
    t = np.arange(400)
    values = np.sin(t / 4) + 0.3 * np.sin(t / 1.7)
    space = {
        "num_layers": 1,
        "units": [8],
        "bottleneck": 0,
        "learning_rate": [0.03],
        "scaling": ["last", "none"],
        "linear": "none",
    }
    run = tune(
        {"v": values}, target="v", lookback=16, horizon=2, season=25, trials=2, epochs=8, space=space,
        out=tmp_path / "run", algorithm="grid",
    )  # fmt: skip
    scores = run.answer["scores"]
    # Both ridges are all but exact here, the one of the longer past by more than 5 % more so.
    assert list(scores) == [
        "LSTM", "last value", "seasonal naive", "ridge autoregression", "ridge on the window",
    ]  # fmt: skip
    assert scores["LSTM"]["v"]["RMSE"] < 0.8 * scores["last value"]["v"]["RMSE"]
    told = run.answer["against_floors"]
    assert list(told) == list(scores)[1:]
    assert told["ridge autoregression"]["v"]["word"] == "is beaten by"
    assert told["last value"]["v"]["ratio"] < 0.8
    assert run.answer["sentences"][0].startswith("The LSTM is beaten by ridge autoregression: RMSE ")
    assert run.answer["sentences"][-2].endswith(" of 8.")
    assert 1 <= run.narrowing(run.best).effective_widths[0] <= 8
    records = sorted(path.name for path in run.paths.tensorboard.iterdir())
    assert records == ["search", "t0000 8", "t0001 8"]
    _measured_in_full_and_recorded(run)


def _measured_in_full_and_recorded(run):
    known = run.recorded()
    assert all(trial.narrowing.layers[0].get(Memory) for trial in known.trials), "the best ten"
    (path,) = (run.paths.tensorboard / "search").iterdir()
    values = [value for event in EventFileLoader(str(path)).Load() for value in event.summary.value]
    texts = {tag: [value.tensor.string_val[0] for value in values if value.tag == tag] for tag in TAGS}
    told = {trial.number: trial for trial in map(RecordedTrial.from_json, texts["trials"])}
    assert RecordedSearch.from_head(texts["search"][-1], tuple(told[number] for number in (0, 1))) == known
    names = [one.name for one in known.hyperparameters]
    assert names == [
        "num_layers",
        "units_1",
        "bottleneck",
        "learning_rate",
        "batch_size",
        "dropout",
        "scaling",
    ]
    assert run.figure("history").data and run.figure("funnel").data and run.figure("funnel", trial=0).data
    assert run.folder.name in run.figure("history").layout.title.text
    assert (
        f"t0000 {run.trial(0).profile} of {run.folder.name}"
        in run.figure("funnel", trial=0).layout.title.text
    )
    with pytest.raises(UserError, match="no figure 'funel'; did you mean 'funnel'"):
        run.figure("funel")
    with pytest.raises(UserError, match="has no trial 9"):
        run.figure("funnel", trial=9)


def test_a_hypermodel_of_the_users_own_is_searched(tmp_path):
    import keras

    def build(hp):
        model = keras.Sequential(
            [keras.layers.GRU(hp.Int("gru_units", 2, 4)), keras.layers.Dense(1), keras.layers.Reshape((1, 1))]
        )
        model.compile("adam", "mse")
        return model

    run = tune(np.sin(np.arange(120.0)), target="y", space=build, trials=2, epochs=1, out=tmp_path / "run")
    assert [row.status for row in run.trials] == ["completed"] * 2
    assert {row.profile for row in run.trials} <= {"2", "3", "4"}
    assert all(row.parameters > 0 for row in run.trials)


def test_a_stacked_lstm_object_and_its_parts_are_the_same_job(quick, tmp_path):
    first = search(tmp_path / "run", space=SMALL)
    again = search(tmp_path / "run", space=StackedLSTM(**SMALL))
    assert table(first) == table(again)


def test_many_places_are_filled_by_an_algorithm_that_does_not_learn(quick, monkeypatch, tmp_path):
    monkeypatch.setattr(Quick, "places", 64)
    most, ask = 0, search_module.Search.ask

    def counted(self):
        nonlocal most
        task = ask(self)
        most = max(most, len(self._training))
        return task

    monkeypatch.setattr(search_module.Search, "ask", counted)
    search(tmp_path / "run", trials=100, algorithm="random")
    assert most == 64
    most = 0
    search(tmp_path / "tpe", trials=100, algorithm="tpe")
    assert most == 64


def test_a_measure_that_fails_costs_its_own_result_and_says_why(tmp_path, monkeypatch, caplog):
    def broken(*_, **__):
        raise ZeroDivisionError("no spread at all")

    monkeypatch.setattr("narrows.tuning.models.measuring.measure", broken)
    series = {"v": np.sin(np.arange(200) / 4)}
    space = {"num_layers": [2], "units": [3], "bottleneck": 0, "learning_rate": [0.01, 0.02]}
    run = tune(
        series, target="v", lookback=8, trials=2, epochs=1, space=space, out=tmp_path / "run",
        algorithm="random",
    )  # fmt: skip
    assert [trial.status for trial in run.trials] == [Status.COMPLETED] * 2
    assert run.answer["trial"] == run.best.number
    assert "no spread at all" in run.recorded().trials[0].unmeasured
    assert "no spread at all" in caplog.text


def test_a_slow_watcher_holds_up_no_trial(quick, monkeypatch, tmp_path):
    """Epochs of other trials are reported while a trial's end is still being told."""
    told, gate = [], threading.Event()

    class Slow(Progress):
        def ended(self, trial, outcome):
            super().ended(trial, outcome)
            told.append(trial.number)
            assert gate.wait(20)

    report = search_module.Search.report

    def counted(self, epoch):
        if epoch.number > 6:
            gate.set()
        return report(self, epoch)

    monkeypatch.setattr(search_module.Search, "report", counted)
    search(tmp_path / "run", trials=10, algorithm="random", progress=Slow())
    assert sorted(told) == list(range(10))
