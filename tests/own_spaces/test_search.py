"""A whole search of a space of the user's own: what is drawn, told, refused, measured and handed over."""

import json

import keras
import keras_tuner
import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import Status
from narrows.tuning import Run

from .conftest import SOURCE, flat, tutorial


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
    run = search(tmp_path / "run", flat, trials=2)
    assert [trial.units for trial in run.trials] == [(), ()]
    assert run.narrowing(run.best) is None and run.answer["sentences"]


def test_another_space_does_not_go_on_with_the_run(run, search):
    def tutorial(hp):
        hp.Int("layers", 1, 4)
        last = [keras.layers.Flatten(), keras.layers.Dense(1), keras.layers.Reshape((1, 1))]
        return keras.Sequential([keras.Input((12, 1)), *last])

    with pytest.raises(UserError) as refused:
        search(run.folder, tutorial, trials=5, epochs=3)
    assert "space.hyperparameters.layers: the run has 1..3:linear, the job asks for 1..4:linear" in str(
        refused.value
    )
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
    assert again.forecast(SOURCE).equals(run.forecast(SOURCE))


def test_a_run_of_a_stack_is_given_the_same_stack_and_no_other(search, tmp_path):
    space = {"num_layers": 1, "units": 2, "bottleneck": 0}
    run = search(tmp_path / "run", space, trials=1, epochs=1)
    run.use_space(StackedLSTM(**space))
    with pytest.raises(UserError, match="space.units_1: the run has 2, the job asks for 3"):
        run.use_space(StackedLSTM(**(space | {"units": 3})))
    assert len(run.forecast(SOURCE))


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
        return flat(hp)

    return build


@pytest.mark.parametrize("error", [KeyError("a slip"), keras_tuner.errors.FailedTrialError("a slip")])
def test_what_the_space_raises_costs_a_trial_and_is_told(search, tmp_path, error):
    run = search(tmp_path / "run", failing(error), trials=6, epochs=1)
    bad = [trial for trial in run.trials if trial.values["act"] == "badly"]
    assert bad and {trial.status for trial in bad} == {Status.FAILED}
    assert bad[0].reason.startswith(f"{type(error).__name__}: ") and "a slip" in bad[0].reason
    assert ", in build (test_search.py, line " in bad[0].reason


def test_an_error_that_is_fatal_to_kerastuner_ends_the_search(search, tmp_path):
    class Fatal(keras_tuner.HyperModel):
        def build(self, hp):
            return flat(hp)

        def fit(self, hp, model, *args, **kwargs):
            if not kwargs["callbacks"]:
                return
            raise keras_tuner.errors.FatalRuntimeError("nothing will do")

    with pytest.raises(keras_tuner.errors.FatalRuntimeError, match="nothing will do"):
        search(tmp_path / "run", Fatal())


def test_json_of_the_run_is_strict(run):
    json.dumps(run.answer, allow_nan=False)
