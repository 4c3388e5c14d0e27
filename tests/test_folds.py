"""A search on rolling-origin folds, from the command to the answer, the record and the export."""

import json
from functools import partial

import numpy as np
import pytest

from narrows.callbacks.figures.history import History
from narrows.callbacks.trial_facts import trial_facts
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import Status
from narrows.tuning import Run, engines, tune
from narrows.tuning.answers import blend
from narrows.tuning.engines._folds import Folds
from narrows.tuning.models.rebuilt import engine_of_run, space_of
from narrows.tuning.progress.base import Progress
from narrows.tuning.runs.arrays import load_arrays
from narrows.tuning.series.folds import older_folds
from narrows.tuning.series.ridge import ridge

SPACE = {"num_layers": 1, "units": [3, 5], "bottleneck": 0, "learning_rate": (0.005, 0.05)}
SEARCH = {"lookback": 6, "epochs": 4, "trials": 12, "progress": False, "space": SPACE}


def wave(rows=160):
    t = np.arange(rows)
    return {"v": np.sin(t / 5) + 0.01 * t + 0.1 * np.random.default_rng(0).normal(size=rows)}


def table(run):
    return [(one.number, one.status, one.folds, one.best_val_loss, one.again) for one in run.trials]


class Interrupts(Progress):
    """Ctrl-C after so many trials."""

    def __init__(self, after):
        self.after = after

    def ended(self, trial, outcome):
        self.after -= 1
        if not self.after:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Twelve windows of validation, four rows ahead: folds come by themselves."""
    return tune(wave(), target="v", horizon=4, out=tmp_path_factory.mktemp("folds") / "run", **SEARCH)


def test_where_validation_windows_are_few_each_trial_has_three_folds(run):
    assert run.job["identity"]["folds"] == 3
    ended = [one for one in run.trials if one.status != Status.FAILED]
    assert len(ended) == 12
    for one in ended:
        assert len(one.folds) == 3 and one.best_val_loss == pytest.approx(np.mean(one.folds))
        assert one.own_loss == one.folds[0]
    assert run.best.number == Run(run.folder).best.number
    (sentence,) = (one for one in run.answer["sentences"] if "folds" in one and "earliest fold first" in one)
    oldest, newest = (f"{loss:.4g}" for loss in (run.best.folds[-1], run.best.folds[0]))
    assert f"has {oldest}, " in sentence and f" and {newest}, the earliest fold first" in sentence
    said = " ".join(run.answer["sentences"])
    assert "validation windows of 3 folds begin at 63 different times" in said or "mostly luck" not in said


def test_the_epochs_that_are_kept_are_those_of_the_newest_fold(run):
    for one in run.trials:
        losses = [epoch.val_loss for epoch in run.store.epochs(one.number)]
        assert min(losses) == one.own_loss
        assert one.secs > sum(epoch.secs for epoch in run.store.epochs(one.number))


def test_each_fold_is_drawn_and_told(run):
    search = run.recorded()
    figure = History.draw(search)
    (drawn,) = (one for one in figure.data if one.name == "on one fold")
    assert sorted(drawn.y) == sorted(loss for one in run.trials for loss in one.folds)
    facts = trial_facts(search, search.trials[0])
    assert facts["folds"] == list(search.trials[0].folds[::-1])


def test_the_best_trial_is_exported(run, tmp_path):
    run.export(tmp_path / "model")
    told = json.loads((tmp_path / "model" / "narrows.json").read_text())
    assert told["trial"] == run.best.name


def test_a_search_on_folds_that_was_interrupted_ends_as_if_it_was_not(run, tmp_path):
    for after in (2, 5):
        with pytest.raises(KeyboardInterrupt):
            tune(
                wave(),
                target="v",
                horizon=4,
                out=tmp_path / "cut",
                **SEARCH | {"progress": Interrupts(after)},
            )
    cut = tune(wave(), target="v", horizon=4, out=tmp_path / "cut", **SEARCH)
    assert table(cut) == table(run)
    assert cut.store.meta("answer") == run.store.meta("answer")


@pytest.mark.parametrize("algorithm", ["hyperband", "grid"])
def test_every_algorithm_is_told_the_mean_over_the_folds(tmp_path, monkeypatch, algorithm):
    wanted = SEARCH | {"trials": 6, "confirm": False, "algorithm": algorithm}
    found = tune(wave(), target="v", folds=2, out=tmp_path / "run", **wanted)
    assert {len(one.folds) for one in found.trials if one.status.ended} == {2}
    assert found.answer is not None


def test_one_fold_is_a_search_as_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(Folds, "__init__", lambda *_: pytest.fail("there are no folds"))
    found = tune(wave(), target="v", horizon=4, folds=1, out=tmp_path / "run", **SEARCH | {"trials": 2})
    assert {one.folds for one in found.trials} == {()}
    assert found.job["identity"]["folds"] == 1


def test_too_many_folds_are_refused_before_anything_is_trained(tmp_path):
    with pytest.raises(UserError, match="too short for 40 folds; use at most"):
        tune(wave(), target="v", folds=40, out=tmp_path / "run", **SEARCH)
    assert not (tmp_path / "run").exists()
    with pytest.raises(UserError, match="folds must be at least 1, not 0"):
        tune(wave(), target="v", folds=0, **SEARCH)


def test_the_share_of_the_lstm_is_judged_on_the_validation_windows_of_all_folds(run, monkeypatch):
    """Those of older folds are forecast by the networks of other seeds that were trained there."""
    judged = []
    monkeypatch.setattr(blend, "share_of", lambda loss, seen: judged.extend(seen) or (0.5, True))
    windows = run.windows
    older = older_folds(windows, 3)
    made = [partial(_engine, run, one) for one in older]
    blend.together(run, Folds(engine_of_run(run), made, 0), run.best)
    assert len(judged) == 3
    for fold, (one, expected) in enumerate(zip(judged, (windows, *older), strict=True)):
        assert (one.rows == expected.parts["validation"]).all()
        own = _engine(run, expected)
        paths = [run.paths.seed_weights(run.best.number, seed, fold) for seed in (1, 2)]
        weights = [load_arrays(path) for path in paths] + ([] if fold else [run.weights(run.best)])
        mean = np.mean([own.predict(run.best.values, each, one.rows) for each in weights], axis=0)
        np.testing.assert_allclose(one.mean, mean, rtol=1e-6)
        np.testing.assert_allclose(one.linear, ridge(expected).linear(expected.inputs(one.rows)))


def _engine(run, windows):
    return engines.make("fused", space_of(None, run.job["identity"], windows), windows)
