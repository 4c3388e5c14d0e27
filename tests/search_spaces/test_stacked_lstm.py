"""StackedLSTM: no phantom layers, exact parameter counts, scalings inside, stock KerasTuner."""

import itertools

import keras
import keras_tuner
import numpy as np
import pytest

from narrows.search_spaces import StackedLSTM, as_space
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.network import build_network
from narrows.search_spaces.profile import Profile
from narrows.search_spaces.space import hyperparameters_of

SHAPES = {"input_shape": (6, 3), "output_shape": (2, 2)}
BASE = {"learning_rate": 0.01, "batch_size": 8, "dropout": 0.0, "scaling": "standard"}


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize(("bottleneck", "after"), [(0, None), (2, 1), (5, 3)])
def test_the_parameter_count_is_keras_own(depth, bottleneck, after):
    values = BASE | {"num_layers": depth, "bottleneck": bottleneck}
    values |= {f"units_{layer}": 3 + layer for layer in range(1, depth + 1)}
    if bottleneck:
        values["bottleneck_after"] = after
    space = StackedLSTM(bottleneck=[0, 2, 5], units=(1, 9)).shaped(**SHAPES)
    assert space.parameters(values) == space.build(hyperparameters_of(values)).count_params()


def test_a_layer_that_does_not_exist_has_no_value():
    hp = StackedLSTM(num_layers=(1, 3), bottleneck=[0, 4]).hyperparameters()
    assert {"units_1"} == {name for name in hp.values if name.startswith("units")}
    assert "bottleneck_after" not in hp.values
    assert [p.name for p in hp.space][:4] == ["num_layers", "units_1", "units_2", "units_3"]


def test_values_that_mean_the_same_model_are_canonically_equal():
    space = StackedLSTM()
    one = BASE | {"num_layers": 1, "units_1": 8, "bottleneck": 2}
    assert space.canonical(one | {"bottleneck_after": 3}) == space.canonical(one | {"bottleneck_after": 1})
    assert space.canonical(one | {"bottleneck": 0, "bottleneck_after": 1}) == one | {"bottleneck": 0}


def test_it_works_unchanged_in_stock_random_search(tmp_path):
    space = StackedLSTM(units=(1, 4), batch_size=[8, 16]).shaped(**SHAPES)
    tuner = keras_tuner.RandomSearch(space, objective="val_loss", max_trials=3, directory=tmp_path, seed=1)
    x, y = np.ones((32, 6, 3)), np.ones((32, 2, 2))
    tuner.search(x, y, validation_data=(x, y), epochs=1, verbose=0)
    assert [trial.status for trial in tuner.oracle.trials.values()] == ["COMPLETED"] * 3


def test_initial_weights_depend_on_the_seed_alone():
    space = StackedLSTM().shaped(**SHAPES)
    hp = space.hyperparameters()
    first, again, other = (space.build_seeded(hp, seed) for seed in (3, 3, 4))
    pairs = list(zip(first.get_weights(), again.get_weights(), other.get_weights(), strict=True))
    assert all(np.array_equal(a, b) for a, b, _ in pairs)
    assert any(not np.array_equal(a, c) for a, _, c in pairs)


def _weights(model):
    return np.concatenate([weight.ravel() for weight in model.get_weights()])


def test_each_build_has_a_seed_of_its_own_which_keras_decides_unless_one_is_given():
    space = StackedLSTM(num_layers=1, units=2).shaped(**SHAPES)
    hp = space.hyperparameters()
    keras.utils.set_random_seed(5)
    first, second = _weights(space.build(hp)), _weights(space.build(hp))
    assert not np.array_equal(first, second)
    keras.utils.set_random_seed(5)
    np.testing.assert_array_equal(_weights(space.build(hp)), first)
    given = StackedLSTM(num_layers=1, units=2, seed=7).shaped(**SHAPES)
    for built in (given.build(hp), given.build(hp)):
        np.testing.assert_array_equal(_weights(built), _weights(space.build_seeded(hp, 7)))


@pytest.mark.parametrize("seed", [-1, 0.5, "many"])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(UserError, match=f"seed: {seed!r} must be a whole number from 0 on, or None"):
        StackedLSTM(seed=seed)


def _declared(hp):
    return {one.name: one for one in hp.space}


@pytest.mark.parametrize("num_layers", [(1, 3), [1, 3], (2, 3), 3])
def test_only_layers_that_not_every_stack_has_are_in_a_scope(num_layers):
    space = StackedLSTM(num_layers=num_layers, bottleneck=(1, 4))
    declared = _declared(space.hyperparameters())
    depths = {(1, 3): (1, 2, 3), (2, 3): (2, 3)}.get(num_layers) if isinstance(num_layers, tuple) else None
    depths = depths or tuple(np.atleast_1d(num_layers).tolist())
    for layer in (1, 2, 3):
        having = [depth for depth in depths if depth >= layer]
        scopes = [condition.values for condition in declared[f"units_{layer}"].conditions]
        assert scopes == ([] if len(having) == len(depths) else [having])
    assert not declared["bottleneck_after"].conditions, "every stack has a bottleneck"


GIVEN = {
    "num_layers": lambda hp, name: hp.Choice(name, [2, 4]),
    "units_1": lambda hp, name: hp.Int(name, 3, 5, step=2),
    "units_2": lambda hp, name: hp.Fixed(name, 5),
    "units_3": lambda hp, name: hp.Choice(name, [2, 3]),
    "bottleneck": lambda hp, name: hp.Int(name, 1, 2),
    "bottleneck_after": lambda hp, name: hp.Fixed(name, 2),
    "learning_rate": lambda hp, name: hp.Float(name, 0.5, 0.6),
    "batch_size": lambda hp, name: hp.Int(name, 2, 4),
    "dropout": lambda hp, name: hp.Choice(name, [0.25, 0.5]),
    "scaling": lambda hp, name: hp.Fixed(name, "none"),
}


@pytest.mark.parametrize(
    "names", [*([name] for name in GIVEN), list(GIVEN)], ids=lambda names: "-".join(names)
)
def test_what_was_declared_before_is_taken_as_it_is(names):
    space = StackedLSTM(units=(6, 9), dropout=0.1).shaped(**SHAPES)
    hp = keras_tuner.HyperParameters()
    for name in names:
        GIVEN[name](hp, name)
    given = hp.copy()
    model = space.build(hp)
    built = [one.name for one in hp.space]
    assert len(set(built)) == len(built), "nothing is declared twice"
    for name, one in _declared(given).items():
        assert _declared(hp)[name].get_config() == one.get_config()
        assert hp.values[name] == given.values[name]
    widths = [layer.units for layer in model.layers if isinstance(layer, keras.layers.LSTM)]
    assert tuple(widths) == space.profile(hp.values).units


def test_a_depth_given_beyond_the_space_has_layers_like_the_deepest():
    space = StackedLSTM(num_layers=(1, 2), units=[64, (4, 8)], bottleneck=0).shaped(**SHAPES)
    hp = keras_tuner.HyperParameters()
    hp.Fixed("num_layers", 4)
    assert space.profile(space.declare_hyperparameters(hp)).units == (64, 4, 4, 4)


def test_a_layer_given_for_fewer_stacks_than_have_it_is_told():
    space = StackedLSTM(bottleneck=0).shaped(**SHAPES)
    hp = keras_tuner.HyperParameters()
    hp.Choice("num_layers", [3, 2])
    with hp.conditional_scope("num_layers", [2]):
        hp.Int("units_2", 4, 8)
    with pytest.raises(
        UserError, match="units_2 has no value where num_layers is 3: it was declared in a scope"
    ):
        space.build(hp)


def test_a_name_scope_is_refused_with_a_sentence():
    hp = keras_tuner.HyperParameters()
    space = StackedLSTM().shaped(**SHAPES)
    with (
        pytest.raises(UserError, match="build the space outside of any name scope"),
        hp.name_scope("encoder"),
    ):
        space.build(hp)


def test_it_may_be_one_of_several_models_of_a_hypermodel():
    wide, narrow = (StackedLSTM(units=units, bottleneck=0).shaped(**SHAPES) for units in (64, (2, 4)))

    def build(hp):
        kind = hp.Choice("kind", ["wide", "narrow"])
        with hp.conditional_scope("kind", ["wide"]):
            if kind == "wide":
                wide.declare_hyperparameters(hp)
        with hp.conditional_scope("kind", ["narrow"]):
            if kind == "narrow":
                narrow.declare_hyperparameters(hp)

    found = as_space(build).hyperparameters().space
    scopes = {(one.name, *(condition.values[0] for condition in one.conditions)) for one in found}
    for kind in ("wide", "narrow"):
        assert {("num_layers", kind), ("units_1", kind), ("units_2", kind, 2), ("units_3", kind, 3)} < scopes


def _predict(scaling, x, **statistics):
    model = build_network(Profile((4,)), (6, 3), (2, 2), scaling=scaling, seed=5, **statistics)
    return model, np.asarray(model(x))


def test_scaling_last_is_the_standard_network_around_the_last_value():
    x = np.random.default_rng(0).normal(size=(5, 6, 3)).astype("float32")
    last = x[:, -1:, :2]
    centred = x.copy()
    centred[:, :, :2] -= last
    _, inner = _predict("standard", centred)
    _, outer = _predict("last", x)
    np.testing.assert_allclose(outer, inner + last, rtol=1e-6, atol=1e-6)


def test_scaling_none_is_the_standard_network_on_raw_values():
    mean, std = np.array([5.0, -3.0, 2.0]), np.array([2.0, 0.5, 4.0])
    z = np.random.default_rng(1).normal(size=(5, 6, 3)).astype("float32")
    _, raw = _predict("standard", (z * std + mean).astype("float32"))
    _, y = _predict("none", z, mean=mean, std=std)
    np.testing.assert_allclose(y, (raw - mean[:2]) / std[:2], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("scaling", ["standard", "last", "none"])
def test_a_saved_network_loads_with_keras_alone(tmp_path, scaling):
    x = np.random.default_rng(2).normal(size=(3, 6, 3)).astype("float32")
    model, y = _predict(scaling, x, mean=[1.0, 2.0, 3.0], std=[2.0, 2.0, 2.0])
    model.save(tmp_path / "m.keras")
    np.testing.assert_array_equal(np.asarray(keras.models.load_model(tmp_path / "m.keras")(x)), y)


def test_building_without_shapes_says_what_to_call():
    space = StackedLSTM()
    with pytest.raises(UserError, match=r"call space\.shaped\(input_shape="):
        space.build(space.hyperparameters())


def test_any_hypermodel_or_function_is_a_space_and_its_scopes_are_found():
    def build(hp):
        kind = hp.Choice("kind", ["lstm", "gru"])
        with hp.conditional_scope("kind", ["lstm"]):
            if kind == "lstm":
                hp.Int("lstm_units", 1, 4)
        with hp.conditional_scope("kind", ["gru"]):
            if kind == "gru":
                hp.Int("gru_units", 1, 4)

    names = [p.name for p in as_space(build).hyperparameters().space]
    assert sorted(names) == ["gru_units", "kind", "lstm_units"], "each is found, once"
    with pytest.raises(UserError, match="or a function of hp, not 3"):
        as_space(3)


def test_a_name_that_several_scopes_have_is_found_in_each():
    def build(hp):
        hp.Choice("kind", ["gru", "lstm", "dense"])
        units = [hp.Int("units", 1, 4, parent_name="kind", parent_values=["gru"])]
        units += [hp.Int("units", 8, 9, parent_name="kind", parent_values=["lstm"])]
        units += [hp.Choice("units", [64], parent_name="kind", parent_values=["dense"])]
        ((kind, found),) = [(kind, found) for kind, found in enumerate(units) if found is not None]
        assert found in ([1, 2, 3, 4], [8, 9], [64])[kind], "a value of the scope that holds"

    space = as_space(build).hyperparameters().space
    assert [one.conditions[0].values for one in space if one.name == "units"] == [
        ["gru"],
        ["lstm"],
        ["dense"],
    ]


def test_every_combination_of_a_small_space_builds():
    space = StackedLSTM(num_layers=[1, 2], units=[2, 3], bottleneck=[0, 1]).shaped(**SHAPES)
    for depth, units, width in itertools.product([1, 2], [2, 3], [0, 1]):
        values = BASE | {"num_layers": depth, "units_1": units, "units_2": units, "bottleneck": width}
        values["bottleneck_after"] = 1
        model = space.build(hyperparameters_of(values))
        assert model.output_shape == (None, 2, 2)


def test_a_lookback_longer_than_the_windows_is_refused():
    with pytest.raises(UserError, match="lookback: 24 rows are to be read of windows that have 12"):
        StackedLSTM(lookback=[12, 24]).shaped((12, 1), (1, 1))


def test_a_searched_lookback_is_a_hyperparameter_and_cuts_the_window():
    space = StackedLSTM(num_layers=1, units=2, bottleneck=0, lookback=[2, 4], scaling="last")
    space.shaped((4, 2), (1, 1))
    hp = space.hyperparameters()
    assert "lookback" in hp.values
    hp.values["lookback"] = 2
    model = space.build_seeded(hp, seed=0)
    window = np.random.default_rng(0).normal(size=(3, 4, 2)).astype("float32")
    other = window.copy()
    other[:, :2] += 1
    assert (np.asarray(model(window)) == np.asarray(model(other))).all()
    assert "lookback" not in StackedLSTM().shaped((4, 2), (1, 1)).hyperparameters().values
