"""The best trial's networks with all seeds together, blended with a linear forecast, as one model."""

import shutil

import numpy as np
import pytest
import tensorflow as tf

from narrows.search_spaces.errors import UserError
from narrows.tuning import tune
from narrows.tuning.answers.blend import SHARES, Seen, Together, sentences, share_of
from narrows.tuning.models.ensemble import Ensemble, Members
from narrows.tuning.models.raw import raw_inputs
from narrows.tuning.models.rebuilt import engine_of_run
from narrows.tuning.runs.start import held
from narrows.tuning.series.metrics import scores
from narrows.tuning.series.ridge import ridge
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

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
    return run.windows.raw(z, rows)


def test_the_answer_has_the_scores_of_all_seeds_together(run):
    told = run.answer["ensemble"]
    assert told["members"] == 3 and told["share"] in SHARES
    rows = run.windows.parts["test"]
    expected = scores(run.windows.raw_targets(rows), made(run, told["share"]), run.windows)
    assert told["scores"]["v"]["RMSE"] == pytest.approx(expected["v"]["RMSE"], rel=1e-6)
    (said,) = (one for one in run.answer["sentences"] if one.endswith("--ensemble"))
    assert f"RMSE {told['scores']['v']['RMSE']:.4g}" in said
    assert said.endswith(f"narrows export {run.folder} model --ensemble")


@pytest.mark.parametrize("format", ["savedmodel", "keras"])
@pytest.mark.parametrize("share", [1.0, 0.35, 0.0])
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


def windows_of(rows, horizon=2):
    """Windows of noise, cut so that all of its last `rows` rows but a few are validated on."""
    values = np.random.default_rng(1).normal(size=(rows + 40, 1))
    return Windows(Series("noise", ("y",), values), 3, horizon, f"30,{rows},10")


def share_by(loss, windows, mean, linear):
    """The share for forecasts that differ from what came by arrays of errors, and whether the LSTM adds."""
    rows = windows.parts["validation"]
    y = windows.targets(rows)
    return share_of(loss, [Seen(windows, rows, y + mean, y + linear)])


def errors(windows, spread, seed):
    shape = (len(windows.parts["validation"]), windows.horizon, 1)
    return spread * np.random.default_rng(seed).normal(size=shape)


def test_the_share_is_near_the_best_one_of_independent_errors():
    """Errors of spread a and b, independent: the best share of the first is b^2 / (a^2 + b^2), here .8."""
    windows = windows_of(20_000, horizon=1)
    found, adds = share_by("mse", windows, errors(windows, 0.5, 2), errors(windows, 1.0, 3))
    assert 0.7 <= found <= 0.8 and adds


@pytest.mark.parametrize("seed", range(8))
def test_where_the_windows_cannot_tell_it_is_half_unless_the_lstm_looks_worse(seed):
    """Two forecasts that err alike on average; what they differ by here is luck."""
    windows = windows_of(60)
    linear, own = errors(windows, 1.0, seed), errors(windows, 0.5, 100 + seed)
    mean = 0.87 * linear + own
    found, adds = share_by("mse", windows, mean, linear)
    if np.mean(mean**2) < np.mean(linear**2):
        assert found == 0.5 or adds
    else:
        assert found == 0.0
    few = slice(4)
    rows = windows.parts["validation"][few]
    y = windows.targets(rows)
    assert share_of("mse", [Seen(windows, rows, y + mean[few], y + linear[few])]) == (0.0, False)


@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
def test_a_linear_forecast_that_is_far_off_has_no_share(loss):
    windows = windows_of(400)
    mean = errors(windows, 0.3, 2)
    found, adds = share_by(loss, windows, mean, mean + 9.0)
    assert found >= 0.95 and adds


@pytest.mark.parametrize("rows", [12, 400])
def test_an_lstm_that_adds_nothing_has_no_share(rows):
    windows = windows_of(rows)
    mean = errors(windows, 0.3, 2)
    assert share_by("mse", windows, mean, mean) == (0.0, False)
    assert share_by("mse", windows, errors(windows, 1.0, 4), errors(windows, 0.3, 5))[0] <= 0.1


def test_a_few_windows_show_nothing_however_much_better_the_lstm_looks():
    windows = windows_of(4)
    assert share_by("mse", windows, errors(windows, 0.1, 2), errors(windows, 3.0, 3)) == (0.0, False)


def test_a_space_without_a_linear_forecast_is_blended_with_none(tmp_path):
    t = np.arange(200)
    found = tune(
        {"v": np.sin(t / 5)}, target="v", space=SPACE | {"linear": "none"}, trials=2, out=tmp_path, **SEARCH
    )
    assert found.answer["ensemble"] is None


def test_sentences_are_of_a_single_target():
    score = {"RMSE": 1.23456}
    (said,) = sentences(Together(3, 0.8, {"v": score}), "RMSE")
    assert said.startswith(
        "Two forecasts of different kinds together usually err less than either: 80% of the "
    )
    assert "mean forecast of its 3 seeds and 20% of a linear forecast has RMSE 1.235 on the test part" in said
    (said,) = sentences(Together(1, 0.8, {"v": score}), "RMSE")
    assert "80% of the LSTM and 20% of a linear forecast has" in said
    (said,) = sentences(Together(3, 0.0, {"v": score}), "RMSE")
    assert said.startswith("On the test windows the LSTM is better than a linear forecast, on the validation")
    assert "The careful choice is that forecast alone: it has RMSE 1.235 on the test part" in said
    (said,) = sentences(Together(3, 0.0, {"v": score}), "RMSE", nothing=True)
    assert "do not show that the LSTM adds" in said and "That forecast alone has RMSE 1.235 on" in said
    (said,) = sentences(Together(3, 1.0, {"v": score}), "RMSE")
    assert said.startswith("The mean forecast of its 3 seeds has RMSE 1.235 on")
    assert sentences(Together(3, 1.0, {"v": score, "w": score}), "RMSE") == sentences(None, "RMSE") == []
