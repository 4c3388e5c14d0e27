"""The best trial's networks with all seeds together, blended with a linear forecast, as one model."""

import shutil

import numpy as np
import pytest
import tensorflow as tf

from narrows.search_spaces.errors import UserError
from narrows.tuning import tune
from narrows.tuning.answers.blend import SHARES, Together, sentences, share_of
from narrows.tuning.models.ensemble import Ensemble, Members
from narrows.tuning.models.raw import raw_inputs
from narrows.tuning.models.rebuilt import engine_of_run
from narrows.tuning.runs.start import held
from narrows.tuning.series.metrics import scores
from narrows.tuning.series.ridge import ridge

SPACE = {"num_layers": 1, "units": [3, 5, 8], "bottleneck": 0, "learning_rate": (0.005, 0.05)}
SEARCH = {"lookback": 6, "epochs": 2, "horizon": 2, "progress": False, "algorithm": "random"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    t = np.arange(500)
    rng = np.random.default_rng(0)
    values = 5 + np.sin(t / 5) + 0.3 * np.sign(np.sin(t / 11)) + 0.2 * rng.normal(size=t.size)
    folder = tmp_path_factory.mktemp("ensemble") / "run"
    return tune({"v": values}, target="v", space=SPACE, trials=10, out=folder, **SEARCH)


def made(run, share):
    """The forecasts of the test windows, raw, by a loop over seeds."""
    engine, rows = engine_of_run(run), run.windows.parts["test"]
    each = [
        engine.predict(run.best.values, weights, rows)
        for weights in (run.weights(run.best), *Members.of(run, run.best).weights[1:])
    ]
    z = share * sum(each) / len(each) + (1 - share) * ridge(run.windows).linear(run.windows.inputs(rows))
    return run.windows.scaler.raw_targets(z, 1)


def test_the_answer_has_the_scores_of_all_seeds_together(run):
    told = run.answer["ensemble"]
    assert told["members"] == 3 and told["share"] in SHARES
    rows = run.windows.parts["test"]
    expected = scores(run.windows.raw_targets(rows), made(run, told["share"]), run.windows)
    assert told["scores"]["v"]["RMSE"] == pytest.approx(expected["v"]["RMSE"], rel=1e-6)
    (said,) = (one for one in run.answer["sentences"] if one.startswith("The mean of its 3 seeds"))
    assert f"RMSE {told['scores']['v']['RMSE']:.4g}" in said
    assert said.endswith(f"narrows export {run.folder} model --ensemble")


@pytest.mark.parametrize("format", ["savedmodel", "keras"])
@pytest.mark.parametrize("share", [1.0, 0.35])
def test_the_exported_model_forecasts_what_the_networks_do_together(run, tmp_path, share, format):
    folder = shutil.copytree(run.folder, tmp_path / "run")
    with held(folder) as opened:
        answer = opened.store.meta("answer")
        opened.store.set_meta("answer", answer | {"ensemble": answer["ensemble"] | {"share": share}})
    again = type(run)(folder)
    about = again.export(tmp_path / "model", ensemble=True, format=format)
    assert about["ensemble"] == {"members": 3, "share": share}
    assert about["test_scores"]["ensemble"] == answer["ensemble"]["scores"]
    assert about["checked"]["worst_relative_difference"] <= 1e-5
    if format == "savedmodel":
        inputs = raw_inputs(run.series, 6, run.windows.parts["test"])
        loaded = tf.saved_model.load(str(tmp_path / "model"))
        served = loaded.serve({"values": tf.constant(inputs["values"])})
        np.testing.assert_allclose(served["forecast"], made(run, share), rtol=1e-5)


def test_without_other_seeds_there_is_no_ensemble(run, tmp_path):
    other = next(trial for trial in run.trials if trial.number != run.best.number)
    with pytest.raises(UserError, match="it is made of the best trial of a search that has its answer"):
        run.export(tmp_path / "model", trial=other.number, ensemble=True)
    folder = shutil.copytree(run.folder, tmp_path / "run")
    with held(folder) as opened:
        opened.paths.seed_weights(opened.best.number, 2).unlink()
        assert Members.of(opened, opened.best) is None
        opened.store.set_again(opened.best.number, [0.5, None])
        assert Members.of(opened, opened.best) is None
        with pytest.raises(UserError, match="there is no ensemble"):
            Ensemble.told(opened, opened.best)


def truth(rows=400):
    return np.random.default_rng(1).normal(size=(rows, 2, 1))


def off(y, by, seed):
    return y + by * np.random.default_rng(seed).normal(size=y.shape)


def test_the_share_is_the_best_one_of_independent_errors():
    """Errors of spread a and b, independent: the best share of the first is b^2 / (a^2 + b^2)."""
    y = truth(20_000)
    found = share_of("mse", off(y, 0.5, 2), off(y, 1.0, 3), y)
    assert found == pytest.approx(0.8, abs=0.051)


@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
def test_a_linear_forecast_that_adds_nothing_has_no_share(loss):
    y = truth()
    mean = off(y, 0.3, 2)
    assert share_of(loss, mean, mean + 2.0, y) == 1.0
    assert share_of(loss, mean, mean, y) == 1.0


def test_a_blend_that_helps_in_one_half_alone_is_not_believed():
    y = truth()
    mean, linear = off(y, 0.5, 2), off(y, 0.2, 3)
    assert share_of("mse", mean, linear, y) < 0.5
    linear[200:] = y[200:] + 9.0
    mean[200:] = y[200:]
    assert share_of("mse", mean, linear, y) == 1.0
    assert share_of("mse", mean[:1], linear[:1], y[:1]) == 1.0


def test_sentences_are_of_a_single_target():
    score = {"RMSE": 1.23456}
    (said,) = sentences(Together(3, 0.8, {"v": score}), "RMSE")
    assert said.startswith(
        "The mean of its 3 seeds, 80% of it and 20% of the linear forecast, has RMSE 1.235 on the test part"
    )
    (said,) = sentences(Together(3, 1.0, {"v": score}), "RMSE")
    assert said.startswith("The mean of its 3 seeds has RMSE 1.235 on")
    assert sentences(Together(3, 1.0, {"v": score, "w": score}), "RMSE") == sentences(None, "RMSE") == []
