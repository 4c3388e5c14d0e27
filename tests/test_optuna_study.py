"""A run as an Optuna study: what Optuna reads again is what the run has, trial by trial."""

import sqlite3
from dataclasses import replace
from datetime import datetime

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from narrows import Run, UserError
from narrows.callbacks.recorded import Declared
from narrows.search_spaces.plain import to_plain
from narrows.search_spaces.trial import Epoch, Status, Trial
from narrows.tuning.job import Job
from narrows.tuning.optuna_study import NOT_ENDED, PASSED_OVER, UNKNOWN
from narrows.tuning.runs.start import started

SPACE = (
    Declared("num_layers", True, low=1, high=2, whole=True),
    Declared("units_1", True, log=True, low=4, high=64, whole=True),
    Declared("units_2", True, log=True, always=False, low=4, high=64, whole=True),
    Declared("bottleneck", True, options=(0, 2, 4)),
    Declared("learning_rate", True, log=True, low=1e-3, high=3e-2),
    Declared("rows", True, low=10, high=38, whole=True, step=5),
    Declared("batch_size", True, fixed=True, options=(32,)),
    Declared("scaling", False, options=("standard", "last")),
    Declared("late", True, always=False),
)
BEGAN = 1_700_000_000.0
FAULT = "the loss is not a number after epoch 2"
CUT = "not among the best third after 2 epochs"


def values(number, **others):
    two = {"units_2": 8} if number % 2 else {}
    first = {"num_layers": 1 + number % 2, "units_1": 4 + number, **two, "bottleneck": (0, 2, 4)[number % 3]}
    rate = 0.03 / (1 + number)
    return {**first, "learning_rate": rate, "rows": 15, "batch_size": 32, "scaling": "last", **others}


def trial(number, loss, status=Status.COMPLETED, **known):
    known = {"units": (4 + number, 8), "parameters": 100 + number, "best_epoch": 2, "secs": 2.5} | known
    known |= {"started": BEGAN + number, "seed": 7 * number, "values": known.get("values", values(number))}
    return Trial(number=number, epochs=3, status=status, best_val_loss=loss, **known)


TRIALS = [
    trial(0, 0.5),
    trial(1, 0.4, Status.STOPPED, reason=CUT),
    trial(2, None, Status.FAILED, reason=FAULT, units=(), parameters=0, best_epoch=0),
    trial(3, 0.3, folds=(0.2, 0.4), again=(0.32, None), node="10.0.0.7"),
    trial(4, 0.45, values=values(4, late=3)),
    trial(5, None, Status.RUNNING),
    trial(7, 0.6, repeated=(0.9,), values=values(7, late=8)),
    trial(8, None, Status.RUNNING),
]


def made(folder, trials, space=SPACE):
    job = Job("synthetic:trend", trials=len(trials) or 1)
    prepared = job.prepare()
    with started(folder, job.describe(prepared), prepared.series) as run, run.store.transaction():
        run.store.set_meta("hyperparameters", to_plain(space))
        for one in trials:
            run.store.begin(one, {})
            for epoch in (1, 2):
                failing = one.status == Status.FAILED and epoch == 2
                loss = float("nan") if failing else (one.best_val_loss or 1.0) + 0.1 * (2 - epoch)
                run.store.epoch(Epoch(one.number, epoch, loss / 2, loss, 0.01, 0.5))
            run.store.end(one, {})
    return Run(folder)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return made(tmp_path_factory.mktemp("runs") / "sales", TRIALS)


@pytest.fixture(scope="module")
def storage(run, tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('optuna')}/trials.db"
    run.to_optuna(url)
    return url


@pytest.fixture(scope="module")
def study(storage):
    """What Optuna reads again."""
    return optuna.load_study(study_name="sales", storage=storage)


@pytest.mark.parametrize(
    "known", [one for one in TRIALS if one.status.ended], ids=lambda one: str(one.number)
)
def test_each_trial_that_ended_is_read_again_as_it_was(study, known):
    found = study.trials[known.number]
    assert found.number == known.number
    assert found.params | {"batch_size": found.user_attrs["batch_size"]} == known.values
    assert found.value == known.score
    assert found.datetime_start == datetime.fromtimestamp(known.started)
    assert found.duration.total_seconds() == known.secs
    told = found.user_attrs
    assert told.get("node", "") == known.node, "a trial of this machine has none"
    assert told["seed"] == known.seed and told.get("profile", "") == known.profile
    assert told["bottleneck"] == known.values["bottleneck"]
    assert told.get("parameters", 0) == known.parameters and told.get("layers", 0) == len(known.units)


def test_states_say_how_each_trial_ended_and_why(study):
    assert study.direction == optuna.study.StudyDirection.MINIMIZE
    complete, pruned, failed = TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL
    states = [complete, pruned, failed, complete, complete, failed, failed, complete]
    assert [one.state for one in study.trials] == states
    why = [one.user_attrs["ended"] for one in study.trials]
    assert why[1:3] == [CUT, FAULT] and why[5:7] == [NOT_ENDED, UNKNOWN]
    assert why[0] == "all its epochs were trained"


def test_losses_of_epochs_seeds_and_folds_are_there(study):
    assert study.trials[0].intermediate_values == {1: 0.6, 2: 0.5}
    assert study.trials[0].user_attrs["train_loss"] == 0.25
    assert study.trials[2].intermediate_values == {1: 1.1}, "what is no number is left out"
    told = study.trials[3].user_attrs
    assert (told["folds"], told["other_seeds"]) == ([0.2, 0.4], [0.32, None])
    assert study.trials[7].value == 0.75 and "depends on rounding" in study.trials[7].user_attrs["note"]
    assert "folds" not in study.trials[0].user_attrs


def test_parameters_have_the_distributions_that_were_declared(study):
    found = {name: one for each in study.trials for name, one in each.distributions.items()}
    assert found == {
        "num_layers": IntDistribution(1, 2),
        "units_1": IntDistribution(4, 64, log=True),
        "units_2": IntDistribution(4, 64, log=True),
        "bottleneck": CategoricalDistribution([0, 2, 4]),
        "learning_rate": FloatDistribution(1e-3, 3e-2, log=True),
        "rows": IntDistribution(10, 35, step=5),
        "scaling": CategoricalDistribution(["standard", "last"]),
        "late": IntDistribution(3, 8),
    }
    assert [sorted(set(found) - set(one.params)) for one in study.trials[:2]] == [
        ["late", "units_2"],
        ["late"],
    ]


def test_optuna_works_on_it(run, study):
    assert study.best_trial.number == run.best.number == 3
    assert not any(one.constraints for one in study.trials)
    shares = optuna.importance.get_param_importances(study)
    assert sum(shares.values()) == pytest.approx(1)
    for plot in ("optimization_history", "intermediate_values", "parallel_coordinate", "slice", "timeline"):
        assert getattr(optuna.visualization, f"plot_{plot}")(study).data
    study = run.to_optuna()
    study.optimize(lambda asked: asked.suggest_float("learning_rate", 1e-3, 3e-2, log=True), n_trials=1)
    assert len(study.trials) == 9, "a search of one's own goes on from it"


@pytest.mark.parametrize(
    "trials",
    [
        [trial(0, 0.99, values=values(0, scaling="standard")), trial(1, 1.0), trial(2, 1.0)],
        [trial(0, 0.5, Status.STOPPED, reason=CUT), trial(1, 0.6)],
        [trial(0, 0.5, again=(0.51,)), trial(1, 0.502, Status.STOPPED, parameters=9, again=(0.5,))],
    ],
    ids=["one that needs a margin has the least loss", "it ended early", "a smaller one is as good"],
)
def test_optunas_best_trial_is_the_best_one_of_the_run(tmp_path, trials):
    run = made(tmp_path / "run", trials)
    study = run.to_optuna()
    assert study.best_trial.number == run.best.number
    assert study.best_value == run.best.score
    passed = [bool(one.constraints.get(PASSED_OVER)) for one in study.trials]
    assert passed == [one.score <= run.best.score and one.number != run.best.number for one in trials]


def test_values_outside_of_what_was_declared_are_kept(tmp_path):
    odd = {"units_1": 100, "rows": 12, "bottleneck": 3, "learning_rate": 1, "scaling": None, "deep": True}
    run = made(tmp_path / "run", [trial(0, 0.5), trial(1, 0.4, values=odd)])
    second = run.to_optuna().trials[1]
    assert second.params | {"deep": second.user_attrs["deep"]} == odd


def test_a_name_that_is_taken_is_refused_and_nothing_is_added(run, storage):
    with pytest.raises(
        UserError, match="has a study 'sales' already: .*`optuna delete-study --study-name sales"
    ):
        run.to_optuna(storage)
    assert len(optuna.load_study(study_name="sales", storage=storage).trials) == 8


@pytest.mark.parametrize(
    ("broken", "told", "match"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt, None),
        (optuna.exceptions.StorageInternalError("disk is full"), UserError, r"whole study \(disk is full\)"),
    ],
    ids=["Ctrl-C", "a full disk"],
)
def test_part_of_a_study_never_stays(run, tmp_path, monkeypatch, broken, told, match):
    url, add = f"sqlite:///{tmp_path}/trials.db", optuna.Study.add_trial

    def stopped(study, one):
        if one.number == 3:
            raise broken
        add(study, one)

    with monkeypatch.context() as patched, pytest.raises(told, match=match):
        patched.setattr(optuna.Study, "add_trial", stopped)
        run.to_optuna(url)
    assert optuna.get_all_study_names(url) == []


@pytest.mark.parametrize("where", ["trials.db", "sqlite:///nowhere/trials.db", "no://host", "redis://host"])
def test_a_storage_that_cannot_be_used_is_one_message(run, where, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        UserError, match=r"cannot be used .*: a file is written sqlite:///trials\.db$"
    ) as told:
        run.to_optuna(where)
    assert "\n" not in str(told.value) and not list(tmp_path.iterdir())


def test_the_store_of_a_run_is_no_storage(run):
    for url in ("sqlite:///{}", "sqlite+pysqlite:///{}", "sqlite:///{}?timeout=5"):
        with pytest.raises(UserError, match="is where the run itself is kept"):
            run.to_optuna(url.format(run.paths.store))
    with sqlite3.connect(run.paths.store) as store:
        assert not store.execute("SELECT * FROM sqlite_master WHERE name = 'studies_attributes'").fetchall()
    store.close()


@pytest.mark.parametrize("odd", [{"values": {"units_1": [8]}}, {"secs": 1e300}], ids=str)
def test_what_no_search_writes_is_one_message(tmp_path, odd):
    run = made(tmp_path / "run", [replace(trial(0, 0.5), **odd)])
    with pytest.raises(UserError, match=r"is damaged, or was changed by another program \(trials: "):
        run.to_optuna()


def test_a_run_without_a_trial_that_ended_makes_no_study(tmp_path):
    run = made(tmp_path / "run", [trial(0, None, Status.RUNNING)])
    with pytest.raises(UserError, match="has no trial that has ended yet"):
        run.to_optuna(f"sqlite:///{tmp_path}/trials.db")
    assert not (tmp_path / "trials.db").exists()
