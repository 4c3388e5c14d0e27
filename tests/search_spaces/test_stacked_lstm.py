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
