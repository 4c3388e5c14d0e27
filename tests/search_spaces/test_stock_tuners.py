"""KerasTuner's own tuners over StackedLSTM: what KerasTuner promises for any model holds for this one.

The promises are those that KerasTuner's own tests check; what they check of KerasTuner alone (what a
`fit` may return, how its progress is laid out) is left to it. Training is eager: for shapes as small as
these that takes a third of the time that tracing does.
"""

from __future__ import annotations

import itertools
import warnings

import keras
import keras_tuner
import numpy as np
import pytest
import tensorflow as tf

from narrows.search_spaces import StackedLSTM, UserError
from narrows.search_spaces.space import hyperparameters_of

pytestmark = [
    pytest.mark.filterwarnings("ignore:Even though the .tf.config.experimental_run_functions_eagerly"),
    pytest.mark.filterwarnings("ignore:The optimal value found for dimension"),
    # keras 3.15 with keras-tuner 1.4.8: weights are saved with an optimizer and loaded without.
    pytest.mark.filterwarnings("ignore:Skipping variable loading for optimizer"),
]

RNG = np.random.default_rng(0)
X = RNG.normal(size=(16, 3, 2)).astype("float32")
Y = RNG.normal(size=(16, 2, 1)).astype("float32")
DATA = {"x": X, "y": Y, "validation_data": (X, Y), "epochs": 1, "verbose": 0}
SMALL = {"num_layers": 1, "units": (2, 64), "bottleneck": 0, "batch_size": 16, "scaling": "last"}

STOCK = {
    "random": lambda *args, **kwargs: keras_tuner.RandomSearch(*args, max_trials=3, **kwargs),
    "bayesian": lambda *args, **kwargs: keras_tuner.BayesianOptimization(
        *args, max_trials=3, num_initial_points=2, **kwargs
    ),
    "hyperband": lambda *args, **kwargs: keras_tuner.Hyperband(*args, max_epochs=2, factor=2, **kwargs),
    "grid": lambda *args, **kwargs: keras_tuner.GridSearch(*args, max_trials=3, **kwargs),
}


@pytest.fixture(autouse=True)
def eagerly():
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def tuner(tmp_path):
    """Make a random search of two trials in a folder of its own; options are `RandomSearch`'s."""

    def make(space, kind=keras_tuner.RandomSearch, **options):
        options = {"objective": "val_loss", "max_trials": 2, "seed": 1, "directory": tmp_path} | options
        return kind(space, **options)

    return make


def small(**parts):
    return StackedLSTM(**SMALL | parts).shaped((3, 2), (2, 1))


def trials(tuner):
    return list(tuner.oracle.trials.values())


def values(tuner, name):
    return [trial.hyperparameters.values.get(name) for trial in trials(tuner)]


def scores(tuner):
    return [trial.score for trial in trials(tuner)]


def lstm_units(model):
    return tuple(layer.units for layer in model.layers if isinstance(layer, keras.layers.LSTM))


def flat(model):
    return np.concatenate([weight.ravel() for weight in model.get_weights()])


class Counted(keras.callbacks.Callback):
    """Counts trainings; a copy counts into the same list, as a file would be written to by each."""

    begun: list[tuple[int, np.ndarray]]

    def __init__(self):
        super().__init__()
        self.begun = []

    def __deepcopy__(self, memo):
        copied = type(self)()
        copied.begun = self.begun
        return copied

    def on_train_begin(self, logs=None):
        self.begun.append((id(self), flat(self.model)))


# Searches


@pytest.mark.parametrize("name", STOCK)
def test_a_search_ends_and_its_best_model_repeats_its_score(name, tmp_path, capsys):
    space = small(num_layers=(1, 2), units=[2, 3], bottleneck=[0, 1])
    searched = STOCK[name](space, objective="val_loss", seed=1, directory=tmp_path)
    searched.search_space_summary()
    searched.search(**DATA)
    searched.results_summary()
    assert {trial.status for trial in trials(searched)} == {"COMPLETED"}
    assert np.isfinite(scores(searched)).all()
    best = searched.oracle.get_best_trials()[0]
    (model,) = searched.get_best_models()
    assert best.score == min(scores(searched))
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(best.score, rel=1e-5)
    said = capsys.readouterr().out
    for name in ("num_layers", "units_1", "units_2", "bottleneck_after", "learning_rate"):
        assert f"{name} (" in said, "in the summary of the space"
    assert f"Score: {best.score}" in said


def test_every_scope_is_known_before_the_first_trial(tuner):
    space = small(num_layers=(1, 4), bottleneck=[0, 1, 2])
    known = [one.name for one in tuner(space).oracle.get_space().space]
    assert known == [one.name for one in space.hyperparameters().space]
    assert {"units_4", "bottleneck_after"} < set(known)


def test_grid_search_takes_each_stack_once(tmp_path):
    space = small(num_layers=[1, 2], units=[2, 3], learning_rate=0.01)
    searched = keras_tuner.GridSearch(space, objective="val_loss", directory=tmp_path)
    searched.search(**DATA)
    wanted = {(units,) for units in (2, 3)} | set(itertools.product((2, 3), repeat=2))
    found = [space.profile(trial.hyperparameters.values).units for trial in trials(searched)]
    assert len(found) == len(set(found)) == 6
    assert set(found) == wanted


def test_hyperband_goes_on_from_the_weights_of_a_trial_and_is_taken_up_again(tmp_path):
    def hyperband():
        return keras_tuner.Hyperband(
            small(), objective="val_loss", max_epochs=2, factor=2, seed=1, directory=tmp_path
        )

    begun, searched = Counted(), hyperband()
    searched.search(**DATA, callbacks=[begun])
    parents = [trial.hyperparameters.values.get("tuner/trial_id") for trial in trials(searched)]
    assert any(parents)
    for parent, (_, first) in zip(parents, begun.begun, strict=True):
        if parent is not None:
            np.testing.assert_array_equal(first, flat(searched.load_model(searched.oracle.get_trial(parent))))
    again = hyperband()
    again.search(**DATA, callbacks=[begun])
    assert len(begun.begun) == len(trials(again)) == len(trials(searched)), "nothing is trained twice"


def test_a_seed_decides_a_search(tmp_path):
    def searched(folder):
        keras.utils.set_random_seed(3)
        tuner = keras_tuner.RandomSearch(
            small(), objective="val_loss", max_trials=1, seed=5, directory=tmp_path / folder
        )
        tuner.search(**DATA)
        return values(tuner, "units_1"), scores(tuner)

    assert searched("one") == searched("another")


def test_nothing_is_said_when_nothing_is_to_be_said(tuner, capsys):
    searched = tuner(small(), max_trials=1)
    capsys.readouterr()
    searched.search(**DATA)
    assert capsys.readouterr().out.strip() == ""


# Executions and callbacks


def test_executions_of_a_trial_begin_with_other_weights(tuner):
    begun = Counted()
    tuner(small(), executions_per_trial=2, max_trials=1).search(**DATA, callbacks=[begun])
    (_, one), (_, other) = begun.begun
    assert one.shape == other.shape
    assert not np.array_equal(one, other)


def test_executions_of_a_space_with_a_seed_begin_with_the_same_weights(tuner):
    begun = Counted()
    tuner(small(seed=4), executions_per_trial=2, max_trials=1).search(**DATA, callbacks=[begun])
    np.testing.assert_array_equal(begun.begun[0][1], begun.begun[1][1])


def test_callbacks_are_copied_for_each_training(tuner, tmp_path):
    begun = Counted()
    board = keras.callbacks.TensorBoard(tmp_path / "board")
    tuner(small()).search(**DATA, callbacks=[begun, board, keras.callbacks.EarlyStopping()])
    assert len({who for who, _ in begun.begun}) == 2
    assert len(list((tmp_path / "board").iterdir())) == 2, "TensorBoard has a folder for each trial"


# What was declared by the user of the tuner


def given(**declared):
    hp = keras_tuner.HyperParameters()
    for name, (kind, *args) in declared.items():
        getattr(hp, kind)(name, *args)
    return hp


def test_what_is_given_replaces_the_part_of_the_space(tuner):
    hp = given(units_1=("Int", 5, 6), units_2=("Fixed", 7), learning_rate=("Choice", [0.5, 0.25]))
    searched = tuner(small(num_layers=2), hyperparameters=hp)
    searched.search(**DATA)
    assert set(values(searched, "units_1")) <= {5, 6}
    assert set(values(searched, "units_2")) == {7}
    assert set(values(searched, "learning_rate")) <= {0.5, 0.25}
    assert {
        lstm_units(searched.hypermodel.build(trial.hyperparameters))[1] for trial in trials(searched)
    } == {7}


def test_a_depth_that_is_given_has_its_own_layers(tuner):
    searched = tuner(small(), hyperparameters=given(num_layers=("Choice", [2, 3])), max_trials=9)
    found = [searched.oracle.create_trial(str(number)).hyperparameters.values for number in range(9)]
    assert {values["num_layers"] for values in found} == {2, 3}
    for values in found:
        assert ("units_3" in values) == (values["num_layers"] == 3)
        assert len(lstm_units(searched.hypermodel.build(hyperparameters_of(values)))) == values["num_layers"]


def test_what_is_not_given_may_be_left_at_its_default(tuner):
    hp = given(units_1=("Int", 5, 9))
    searched = tuner(small(num_layers=(1, 2)), hyperparameters=hp, tune_new_entries=False, max_trials=1)
    searched.search(**DATA)
    assert [one.name for one in searched.oracle.get_space().space] == ["units_1"]
    for trial in trials(searched):
        model = searched.hypermodel.build(trial.hyperparameters)
        assert lstm_units(model) == (trial.hyperparameters.values["units_1"],)


WHOLE = {
    "num_layers": ("Int", 1, 2),
    "units_1": ("Int", 2, 4),
    "units_2": ("Int", 2, 4),
    "bottleneck": ("Fixed", 1),
    "bottleneck_after": ("Fixed", 1),
    "learning_rate": ("Choice", [0.01]),
    "batch_size": ("Fixed", 16),
    "dropout": ("Fixed", 0.1),
    "scaling": ("Fixed", "standard"),
}


def test_a_whole_space_that_is_given_needs_no_new_entries(tuner):
    searched = tuner(small(), hyperparameters=given(**WHOLE), allow_new_entries=False, max_trials=1)
    searched.search(**DATA)
    assert [one.name for one in searched.oracle.get_space().space] == list(WHOLE)
    assert lstm_units(searched.get_best_models()[0])[1] == 1


def test_its_own_declaration_is_a_whole_space(tuner):
    space = small(num_layers=(1, 3), bottleneck=[0, 1])
    searched = tuner(space, hyperparameters=space.hyperparameters(), allow_new_entries=False, max_trials=1)
    searched.search(**DATA)
    assert {trial.status for trial in trials(searched)} == {"COMPLETED"}


def test_a_part_that_is_missing_where_no_new_entries_are_allowed_is_refused(tuner):
    hp = given(**{name: part for name, part in WHOLE.items() if name != "dropout"})
    with pytest.raises(RuntimeError, match="`allow_new_entries` is `False`, but found new entries.*dropout"):
        tuner(small(), hyperparameters=hp, allow_new_entries=False)


def test_a_layer_that_is_given_for_too_few_stacks_is_told_at_once(tuner):
    hp = given(num_layers=("Choice", [2, 3]))
    with hp.conditional_scope("num_layers", [2]):
        hp.Int("units_2", 4, 8)
    with pytest.raises(UserError, match="units_2 has no value where num_layers is 3"):
        tuner(small(), hyperparameters=hp)


# Data


def batches(size=8):
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(size)


class Rows(keras.utils.PyDataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return X[4 * index : 4 * index + 4], Y[4 * index : 4 * index + 4]


def endless():
    while True:
        yield X[:4], Y[:4]


def as_arrays():
    return {"x": X, "y": Y, "validation_data": (X, Y)}


SOURCES = {
    "arrays": (as_arrays, 2),
    "positional arrays": (lambda: {"args": (X, Y), "validation_data": (X, Y)}, 2),
    "tf.data": (lambda: {"args": (batches(2),), "validation_data": batches()}, 8),
    "named tf.data": (lambda: {"x": batches(2), "validation_data": batches()}, 8),
    "generator": (lambda: {"x": endless(), "steps_per_epoch": 3, "validation_data": (X, Y)}, 3),
    "PyDataset": (lambda: {"x": Rows(workers=1), "validation_data": Rows()}, 4),
}


@pytest.mark.parametrize("source", SOURCES)
def test_arrays_are_cut_into_the_searched_batches_and_batches_stay_as_they_are(source, tuner):
    made, steps = SOURCES[source]
    data = made()
    seen = []

    class Steps(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            seen.append(self.params["steps"])

    searched = tuner(small(batch_size=8), max_trials=1)
    args = data.pop("args", ())
    searched.search(*args, **data, shuffle=False, epochs=1, verbose=0, callbacks=[Steps()])
    assert seen == [steps]


@pytest.mark.parametrize("source", ["tf.data", "generator", "PyDataset"])
def test_a_batch_size_that_is_searched_in_vain_is_told(source):
    made, _ = SOURCES[source]
    data = made()
    space = small(batch_size=[8, 16])
    hp = space.hyperparameters()
    args = data.pop("args", ())
    with pytest.warns(UserWarning, match="batch_size is searched, but a .* keeps its own batches"):
        space.fit(hp, space.build(hp), *args, **data, shuffle=False, verbose=0)


def test_a_batch_size_given_to_search_is_the_one_taken(tuner):
    seen = []

    class Kept(StackedLSTM):
        def fit(self, hp, model, *args, **kwargs):
            history = super().fit(hp, model, *args, **kwargs)
            seen.append(history.params["steps"])
            return history

    tuner(Kept(**SMALL).shaped((3, 2), (2, 1)), max_trials=1).search(**DATA, batch_size=4)
    assert seen == [4]


# Objectives and compiling


class Squared(StackedLSTM):
    """Compiled in its own way, and with a hyperparameter of its own in `fit`."""

    def build(self, hp):
        model = super().build(hp)
        model.compile(optimizer=model.optimizer, loss="mae", metrics=["mse"])
        return model

    def fit(self, hp, model, *args, **kwargs):
        return super().fit(hp, model, *args, shuffle=hp.Boolean("shuffle"), **kwargs)


@pytest.mark.parametrize(
    ("objective", "best"), [("val_mse", min), (keras_tuner.Objective("mse", "max"), max)]
)
def test_a_subclass_may_compile_other_metrics_to_be_searched_for(tuner, objective, best):
    searched = tuner(Squared(**SMALL).shaped((3, 2), (2, 1)), objective=objective)
    searched.search(**DATA)
    assert searched.oracle.get_best_trials()[0].score == best(scores(searched))
    assert "shuffle" in searched.oracle.get_space(), "what fit declares joins the space"


def test_several_objectives_are_added_up(tuner):
    searched = tuner(small(), objective=["val_loss", "val_mae"], metrics=["mae"], max_trials=1)
    searched.search(**DATA)
    for trial in trials(searched):
        parts = [trial.metrics.get_best_value(name) for name in ("val_loss", "val_mae")]
        assert trial.score == pytest.approx(sum(parts), rel=1e-6)


@pytest.mark.parametrize("optimizer", ["rmsprop", keras.optimizers.RMSprop(0.01)])
def test_a_tuner_may_compile_the_model_itself(tuner, optimizer):
    searched = tuner(
        small(), objective="val_mae", optimizer=optimizer, loss="mae", metrics=["mae"], max_trials=1
    )
    searched.search(**DATA)
    (model,) = searched.get_best_models()
    assert isinstance(model.optimizer, keras.optimizers.RMSprop)
    assert model.loss == "mae"


def test_an_objective_without_a_direction_is_refused(tuner):
    with pytest.raises(ValueError, match="Could not infer optimization direction"):
        tuner(small(), objective="sales")


def test_fit_may_answer_with_the_score_itself(tuner):
    class Widest(StackedLSTM):
        def fit(self, hp, model, *args, **kwargs):
            return -float(hp.get("units_1"))

    searched = tuner(Widest(**SMALL).shaped((3, 2), (2, 1)), objective=None)
    searched.search()
    assert [-score for score in scores(searched)] == values(searched, "units_1")


def test_a_tuner_may_run_trials_in_its_own_way(tuner):
    class Own(keras_tuner.RandomSearch):
        def run_trial(self, trial, *args, **kwargs):
            kwargs["batch_size"] = trial.hyperparameters.Choice("own_batch", [8, 16])
            model = self.hypermodel.build(trial.hyperparameters)
            return self.hypermodel.fit(trial.hyperparameters, model, *args, **kwargs)

    searched = tuner(small(), kind=Own, max_trials=1)
    searched.search(**DATA)
    assert np.isfinite(scores(searched)).all()
    assert "own_batch" in searched.oracle.get_space()


def test_trials_train_under_a_distribution_strategy(tuner):
    searched = tuner(small(), distribution_strategy=tf.distribute.OneDeviceStrategy("/cpu:0"), max_trials=1)
    searched.search(**DATA)
    assert np.isfinite(scores(searched)).all()


# Failures


def test_models_above_the_largest_size_fail_until_too_many_in_a_row_did(tuner):
    searched = tuner(small(), max_model_size=10, max_trials=5, max_consecutive_failed_trials=2)
    with pytest.raises(RuntimeError, match="consecutive failures exceeded the limit of 2(.|\n)*Oversized"):
        searched.search(**DATA)
    assert [trial.status for trial in trials(searched)] == ["FAILED", "FAILED"]


def test_a_trial_that_diverges_is_tried_again_with_other_weights(tuner):
    begun = Counted()
    searched = tuner(
        small(), max_trials=1, max_retries_per_trial=1, max_consecutive_failed_trials=2, objective="val_loss"
    )
    nan = np.full_like(Y, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        searched.search(X, nan, validation_data=(X, nan), epochs=1, verbose=0, callbacks=[begun])
    assert [trial.status for trial in trials(searched)] == ["FAILED"]
    (_, one), (_, other) = begun.begun
    assert not np.array_equal(one, other)


# What was saved


def test_a_search_is_taken_up_again_by_a_new_tuner(tuner):
    first = tuner(small(num_layers=(1, 2)), max_trials=1)
    first.search(**DATA)
    begun = Counted()
    again = tuner(small(num_layers=(1, 2)), max_trials=2)
    assert again.oracle.get_space().get_config()["space"] == first.oracle.get_space().get_config()["space"]
    again.search(**DATA, callbacks=[begun])
    assert len(begun.begun) == 1, "only the trial that was missing is trained"
    assert again.oracle.get_trial("0").score == first.oracle.get_trial("0").score
    assert tuner(small(), overwrite=True).oracle.trials == {}


def test_another_kind_of_tuner_does_not_take_up_its_folder(tuner):
    tuner(small(), max_trials=1).search(**DATA)
    with pytest.raises(RuntimeError, match="pass `overwrite=True`"):
        tuner(small(), kind=keras_tuner.BayesianOptimization)


def test_the_best_hyperparameters_build_a_fresh_model(tuner):
    searched = tuner(small(num_layers=(1, 2)), max_trials=1)
    searched.search(**DATA)
    (best,) = searched.get_best_hyperparameters()
    fresh = searched.hypermodel.build(best)
    assert lstm_units(fresh) == searched.hypermodel.profile(best.values).units
    history = searched.hypermodel.fit(best, fresh, X, Y, verbose=0)
    assert np.isfinite(history.history["loss"]).all()


def test_saved_weights_are_loaded_into_another_build(tuner, tmp_path):
    space = small(dropout=0.2)
    hp = space.hyperparameters()
    one, other = space.build(hp), space.build(hp)
    space.fit(hp, one, X, Y, verbose=0)
    one.save_weights(tmp_path / "one.weights.h5")
    other.load_weights(tmp_path / "one.weights.h5")
    np.testing.assert_array_equal(other.predict(X, verbose=0), one.predict(X, verbose=0))


def test_segments_and_channels_are_searched_and_built(tuner):
    both = np.concatenate([Y, -Y], axis=2)
    space = StackedLSTM(**SMALL | {"units": 4, "segment": [1, 3], "channels": ["together", "apart"]})
    search = tuner(space.shaped((3, 2), (2, 2)), keras_tuner.GridSearch, max_trials=4)
    search.search(**DATA | {"y": both, "validation_data": (X, both)})
    tried = [trial.hyperparameters.values for trial in search.oracle.trials.values()]
    assert {(one["segment"], one["channels"]) for one in tried} == set(
        itertools.product((1, 3), ("together", "apart"))
    )
    for values in tried:
        model = space.build(hyperparameters_of(values))
        assert model(X).shape == (16, 2, 2) and model.count_params() == space.parameters(values)
