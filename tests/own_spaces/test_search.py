"""A whole search of a space of the user's own: what is drawn, told, refused, measured and handed over."""

import json
import subprocess
import sys
import textwrap

import keras
import keras_tuner
import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import Status
from narrows.tuning import Run
from narrows.tuning.algorithms import names

from .conftest import SOURCE, tutorial


def test_the_units_of_every_layer_are_drawn_and_none_of_a_layer_that_is_not_there(run):
    for trial in run.trials:
        units = [trial.values[f"units_{layer}"] for layer in range(trial.values["layers"])]
        assert trial.units == tuple(units) and len(trial.values) == 1 + len(units)
    assert len({trial.values["units_0"] for trial in run.trials}) > 2


def test_metrics_of_the_compiled_model_are_kept_and_shown(run):
    epoch = run.store.epochs(0)[-1]
    assert set(epoch.metrics) == {"mae", "val_mae"} and epoch.metrics["val_mae"] > 0
    (file,) = next(iter(sorted(run.paths.tensorboard.glob("t0000*")))).iterdir()
    tags = {value.tag for event in EventFileLoader(str(file)).Load() for value in event.summary.value}
    assert {"metrics/mae", "metrics/val_mae", "loss/validation"} <= tags


def test_widths_are_measured_as_the_probe_measures_them_and_said(run):
    for trial in run.trials:
        found = run.narrowing(trial)
        assert [layer.units for layer in found.layers] == list(trial.units)
    widths = [line for line in run.answer["sentences"] if "Units that do different work" in line]
    assert len(widths) == 1
    assert "memory" in run.narrowing(run.best).to_plain()["layers"][0]["measures"], "in full"


def test_a_model_without_a_stack_is_searched_without_measures(search, tmp_path):
    def dense(hp):
        layers = [keras.Input((12, 1)), keras.layers.Flatten(), keras.layers.Dense(hp.Int("width", 1, 9))]
        model = keras.Sequential([*layers, keras.layers.Dense(1), keras.layers.Reshape((1, 1))])
        model.compile("adam", "mse")
        return model

    run = search(tmp_path / "run", dense, trials=2)
    assert [trial.units for trial in run.trials] == [(), ()]
    assert run.narrowing(run.best) is None and run.answer["sentences"]


def test_another_space_does_not_go_on_with_the_run(run, search):
    def tutorial(hp):
        hp.Int("layers", 1, 4)
        return keras.Sequential([keras.Input((12, 1)), keras.layers.GRU(2)])

    with pytest.raises(UserError) as refused:
        search(run.folder, tutorial, trials=5, epochs=3)
    assert "space.hyperparameters.layers: the run has Int" in str(refused.value)
    assert "space.source: the run has code" in str(refused.value)
    assert len(search(run.folder, trials=5, epochs=3).trials) == 5, "the same one goes on"


def test_a_run_that_is_opened_again_is_given_its_space_and_no_other(run):
    again = Run(run.folder)
    with pytest.raises(UserError, match=r"a space of your own, tutorial: .* run.use_space"):
        again.forecast(SOURCE)
    with pytest.raises(UserError, match="searched another space than the one given"):
        again.use_space(lambda hp: tutorial(hp))
    with pytest.raises(UserError, match="searched another space than the one given"):
        again.use_space(StackedLSTM())
    again.use_space(tutorial)
    assert again.forecast(SOURCE) == run.forecast(SOURCE)


def test_a_model_that_is_too_large_is_not_trained(search, tmp_path):
    run = search(tmp_path / "run", max_parameters=300, trials=6)
    large = [trial for trial in run.trials if trial.parameters > 300]
    assert large and {trial.status for trial in large} == {Status.FAILED}
    assert "more than the 300 allowed (max_parameters)" in large[0].reason
    assert not run.store.epochs(large[0].number)


def failing(error):
    def build(hp):
        if hp.Choice("act", ["well", "badly"]) == "badly":
            raise error
        return tutorial(hp)

    return build


@pytest.mark.parametrize("error", [KeyError("a slip"), keras_tuner.errors.FailedTrialError("a slip")])
def test_what_the_space_raises_costs_a_trial_and_is_told(search, tmp_path, error):
    run = search(tmp_path / "run", failing(error), trials=6, epochs=1)
    bad = [trial for trial in run.trials if trial.values["act"] == "badly"]
    assert bad and {trial.status for trial in bad} == {Status.FAILED}
    assert bad[0].reason.startswith(f"{type(error).__name__}: ") and "a slip" in bad[0].reason


def test_an_error_that_is_fatal_to_kerastuner_ends_the_search(search, tmp_path):
    class Fatal(keras_tuner.HyperModel):
        def build(self, hp):
            return tutorial(hp)

        def fit(self, hp, model, *args, **kwargs):
            if not kwargs["callbacks"]:
                return
            raise keras_tuner.errors.FatalRuntimeError("nothing will do")

    with pytest.raises(keras_tuner.errors.FatalRuntimeError, match="nothing will do"):
        search(tmp_path / "run", Fatal())


@pytest.mark.parametrize("algorithm", names())
def test_a_search_that_is_killed_goes_on_as_if_it_was_not(tmp_path, algorithm):
    """In processes that are killed in the middle of a build, of a training and of what the store is told."""
    script = tmp_path / "tuning.py"
    script.write_text(
        textwrap.dedent(f"""
        import os, random, signal, sys, threading, time
        import keras
        import numpy as np
        from narrows.search_spaces.trial import Epoch, Outcome, Status
        from narrows.tuning import engines, tune
        from narrows.tuning.engines.base import Engine

        class Quick(Engine):
            def train(self, ask, report, end):
                while (task := ask()) is not None:
                    for epoch in range(task.first_epoch + 1, task.epochs + 1):
                        loss = sum(v for n, v in task.values.items() if n.startswith("units")) + 1 / epoch
                        report(Epoch(task.number, epoch, loss, loss, 0.1, 0.01))
                    state = [np.ones(1)] if task.keep_state else None
                    status = Status.COMPLETED
                    end(Outcome(task.number, status, "", [np.ones(1)], task.epochs, loss, state=state))

            def predict(self, values, weights, rows):
                return np.zeros((len(rows), *self.windows.output_shape), np.float32)

        def space(hp):
            for layer in range(hp.Int("layers", 1, 3)):
                hp.Int(f"units_{{layer}}", 4, 16)
            if hp.Boolean("deep") and hp.get("layers") == 2:
                hp.Float("late", 0.0, 1.0)
            return keras.Sequential([keras.Input((12, 1)), keras.layers.GRU(2)])

        JOB = dict(space=space, lookback=12, trials=30, epochs=9, progress=False, seed=5)
        JOB["algorithm"] = {algorithm!r}
        engines.make = lambda name, *rest: Quick(*rest)
        engines.refusal = lambda *_: ""
        import narrows.tuning.answers.answer as answer
        answer.measure_best = lambda *_: []
        for secs in map(float, sys.argv[2:]):
            pid = os.fork()
            if pid == 0:
                threading.Timer(secs, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
            elif os.waitpid(pid, 0)[1] == signal.SIGKILL:
                continue
            tune({SOURCE!r}, out=sys.argv[1], **JOB)
            os._exit(0) if pid == 0 else None
        run = tune({SOURCE!r}, out=sys.argv[1], **JOB)
        for one in run.trials:
            print(one.number, one.values, one.seed, one.status, one.best_val_loss)
        """)
    )
    tables = []
    for folder, kills in (("whole", []), ("killed", ["0.2", "0.5", "0.9"])):
        done = subprocess.run(
            [sys.executable, str(script), str(tmp_path / folder), *kills],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        tables.append(done.stdout)
    assert tables[0] == tables[1] and tables[0].count("\n") == 30
    assert "units_2" in tables[0] and "late" in tables[0]


def test_json_of_the_run_is_strict(run):
    json.dumps(run.answer, allow_nan=False)
