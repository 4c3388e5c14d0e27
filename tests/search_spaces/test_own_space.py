"""Spaces of the user's own: what a build tells, a `fit` of its own, and what tells two of them apart."""

import functools

import keras
import keras_tuner
import numpy as np
import pytest

from narrows.search_spaces import StackedLSTM, as_space
from narrows.search_spaces.errors import UserError, line_of
from narrows.search_spaces.identity import identity_of, source_digest
from narrows.search_spaces.own_space import check_shapes
from narrows.search_spaces.space import build_model

SHAPES = {"input_shape": (6, 3), "output_shape": (1, 1)}


def gru(hp, units=4):
    model = keras.Sequential(
        [
            keras.layers.GRU(hp.Int("units", 2, 8, default=units), return_sequences=True),
            keras.layers.BatchNormalization(),
            keras.layers.Bidirectional(keras.layers.LSTM(3)),
            keras.layers.Dense(1),
        ]
    )
    model.compile("adam", "mse")
    return model


def test_a_build_tells_widths_and_trainable_parameters_as_keras_counts_them():
    space = as_space(gru).shaped(**SHAPES)
    model = build_model(space, {"units": 5}, 0, (6, 3))
    trainable = sum(np.prod(weight.shape) for weight in model.trainable_weights)
    assert space.parameters({"units": 5}) == trainable < model.count_params()
    assert space.profile({"units": 5}).units == (5, 3)


@pytest.mark.parametrize(
    ("loss", "name"),
    [("mse", "mse"), (keras.losses.MeanAbsoluteError(), "mae"), ("huber", "huber"), ("log_cosh", "log_cosh")],
)
def test_the_loss_is_that_of_the_compiled_model(loss, name):
    def build(hp):
        model = gru(hp)
        model.compile("adam", loss)
        return model

    assert as_space(build).shaped(**SHAPES).loss_name() == name


def test_a_model_that_cannot_be_built_has_no_widths():
    def build(hp):
        raise ValueError("no")

    space = as_space(build).shaped(**SHAPES)
    assert space.parameters({"units": 5}) is None and space.profile({"units": 5}) is None


def test_a_space_that_cannot_be_built_with_its_defaults_says_so_at_once():
    def build(hp):
        raise KeyError("a slip of mine")

    with pytest.raises(KeyError, match="a slip of mine"):
        as_space(build).hyperparameters()


def test_defaults_that_are_not_to_be_tried_are_no_mistake():
    def build(hp):
        if hp.Int("units", 1, 2) == 1:
            raise keras_tuner.errors.FailedTrialError("too few")
        hp.Choice("cell", ["gru", "lstm"])

    assert [one.name for one in as_space(build).hyperparameters().space] == ["units", "cell"]


def test_a_class_instead_of_its_object_is_refused():
    class Mine(keras_tuner.HyperModel):
        pass

    with pytest.raises(UserError, match="a keras_tuner.HyperModel or a function of hp, not <class"):
        as_space(Mine)


class Fitting(keras_tuner.HyperModel):
    """Asks for hyperparameters in every method that KerasTuner calls."""

    def __init__(self, seen):
        super().__init__()
        self.seen = seen

    def declare_hyperparameters(self, hp):
        hp.Choice("declared", [1, 2])

    def build(self, hp):
        return gru(hp)

    def fit(self, hp, model, x, y, **kwargs):
        self.seen.append(type(x).__name__)
        return model.fit(x, y, batch_size=hp.Choice("batch_size", [8, 16]), **kwargs)


def test_what_each_method_asks_for_is_known_before_the_search_and_nothing_is_trained():
    seen = []
    space = as_space(Fitting(seen)).shaped(**SHAPES)
    assert [one.name for one in space.hyperparameters().space] == ["declared", "units", "batch_size"]
    assert set(seen) == {"_Untouched"}
    assert space.fits_itself and not as_space(gru).fits_itself and not StackedLSTM().fits_itself


@pytest.mark.parametrize("kind", ["looks", "fails"])
def test_a_training_loop_of_its_own_is_left_where_it_looks_at_the_data(kind):
    class Loop(keras_tuner.HyperModel):
        def build(self, hp):
            return gru(hp)

        def fit(self, hp, model, x, y, **kwargs):
            hp.Choice("batch_size", [8, 16])
            if kind == "fails":
                raise ValueError("of the user's")
            for one in x:
                raise AssertionError(f"trained on {one}")

    assert "batch_size" in as_space(Loop()).shaped(**SHAPES).hyperparameters().values


class Defaults(StackedLSTM):
    """Only says what is searched."""

    def __init__(self):
        super().__init__(num_layers=1, units=(4, 8), bottleneck=0)


class Changed(StackedLSTM):
    """Builds another model."""

    def build(self, hp):
        model = super().build(hp)
        model.compile(keras.optimizers.SGD(hp.Float("momentum", 0.1, 0.9)), "mae", metrics=["mse"])
        return model


def test_a_subclass_is_a_stack_as_long_as_it_changes_no_model():
    assert StackedLSTM().is_stack and Defaults().is_stack and not Changed().is_stack


def test_what_a_subclass_builds_is_built():
    space = Changed(num_layers=1, units=4, bottleneck=0).shaped(**SHAPES)
    names = [one.name for one in space.hyperparameters().space]
    assert {"units_1", "learning_rate", "momentum"} <= set(names)
    first, again, other = (build_model(space, space.hyperparameters().values, s, (6, 3)) for s in (1, 1, 2))
    assert isinstance(first.optimizer, keras.optimizers.SGD)
    same = [np.array_equal(a, b) for a, b in zip(first.get_weights(), again.get_weights(), strict=True)]
    assert all(same) and not np.array_equal(first.get_weights()[0], other.get_weights()[0])
    assert space.parameters(space.hyperparameters().values) == first.count_params()


def test_what_builds_told_for_other_data_is_forgotten():
    space = Changed(num_layers=1, units=4, bottleneck=0).shaped(**SHAPES)
    values = space.hyperparameters().values
    before = space.parameters(values)
    space.shaped(input_shape=(6, 5), output_shape=(1, 1))
    assert (
        space.parameters(values) == before + 2 * 4 * 4
    )  # two more inputs to each of four gates of four units


def made(units, comment=False):
    if comment:

        def build(hp):
            # Of no importance.
            return hp.Int("units",   1, units)  # fmt: skip

    else:

        def build(hp):
            return hp.Int("units", 1, units)

    return build


def test_code_is_told_apart_by_what_it_does_not_by_its_comments():
    def other(hp):
        return hp.Int("units", 1, 8) + 1

    assert source_digest(made(8)) == source_digest(made(8)) == source_digest(made(8, comment=True))
    assert len({source_digest(one) for one in (made(8), made(9), other, gru)}) == 4
    assert source_digest(functools.partial(gru, units=3)) != source_digest(functools.partial(gru, units=5))


def test_code_without_a_source_is_told_apart_too():
    def evaluated(text):
        return eval(f"lambda hp: {text}")

    assert source_digest(evaluated("hp.Int('a', 1, 2)")) == source_digest(evaluated("hp.Int('a', 1, 2)"))
    assert source_digest(evaluated("hp.Int('a', 1, 2)")) != source_digest(evaluated("hp.Int('a', 1, 3)"))


WIDTH = 8


def helper(hp):
    return hp.Int("units", 1, WIDTH)


def uses(hp):
    return helper(hp)


def test_what_code_uses_of_its_own_module_counts(monkeypatch):
    before = source_digest(uses)
    monkeypatch.setattr(f"{__name__}.WIDTH", 9)
    assert source_digest(uses) != before


def test_a_log_that_grows_is_no_part_of_the_code():
    log = []

    def build(hp):
        log.append(1)
        return hp.Int("units", 1, 8)

    class Logging(keras_tuner.HyperModel):
        def __init__(self):
            super().__init__()
            self.log = log

        def build(self, hp):
            return build(hp)

    for given in (build, Logging()):
        before = source_digest(given)
        log.append(2)
        assert source_digest(given) == before


def test_an_object_is_told_by_its_class_its_bases_and_its_attributes():
    class Base(keras_tuner.HyperModel):
        def __init__(self, width):
            super().__init__()
            self.width = width

        def build(self, hp):
            return self.layer(hp)

    class One(Base):
        def layer(self, hp):
            return 1

    class Two(Base):
        def layer(self, hp):
            return 2

    assert source_digest(One(1)) == source_digest(One(1))
    assert len({source_digest(one) for one in (One(1), One(2), Two(1))}) == 3
    rates = [keras.callbacks.ReduceLROnPlateau(factor=factor) for factor in (0.1, 0.1, 0.5)]
    assert source_digest(rates[0]) == source_digest(rates[1]) != source_digest(rates[2])


def test_what_is_declared_is_part_of_the_identity():
    told = identity_of(as_space(gru).shaped(**SHAPES))
    assert told["name"] == "gru" and told["source"].startswith("code ")
    assert told["hyperparameters"] == {"units": "2..8:linear (default 4)"}

    def build(hp):
        if hp.Boolean("deep"):
            hp.Int("units", 8, 64, step=2, sampling="log")
        hp.Choice("cell", ["gru", "lstm"])
        hp.Fixed("rate", 0.1)

    assert identity_of(as_space(build))["hyperparameters"] == {
        "deep": "False, True (default False)",
        "units": "8..64:log in steps of 2, where deep is True",
        "cell": "gru, lstm (default gru)",
        "rate": "0.1",
    }


def fits(build, inputs=3, output_shape=(1, 1)):
    space = as_space(build).shaped((6, inputs), output_shape)
    check_shapes(space, [f"x{place}" for place in range(inputs)], output_shape)


def ending_in(shape):
    def build(hp):
        return keras.Sequential(
            [keras.Input((6, 3)), keras.layers.LSTM(2), keras.layers.Dense(2), keras.layers.Reshape(shape)]
        )

    return build


def test_a_model_that_reads_other_columns_is_told_before_the_search():
    with pytest.raises(UserError) as told:
        fits(ending_in((2, 1)), inputs=2, output_shape=(2, 1))
    assert str(told.value) == (
        "a model of the space takes windows of (6, 3), (rows, inputs), and those of these data are (6, 2) "
        "(x0, x1): write keras.Input((6, 2))"
    )

    def build(hp):
        rows = keras.Input((None, None))
        return keras.Model(rows, keras.ops.matmul(rows, np.ones((3, 4), "float32")))

    with pytest.raises(UserError, match=r"cannot read .* 6 rows of 2 inputs \(x0, x1\): ") as told:
        fits(build, inputs=2)
    assert not any(noise in str(told.value) for noise in ("Exception encountered", "\x1b", "{{"))


def test_a_forecast_of_another_shape_is_told_before_the_search():
    fits(ending_in((2, 1)), output_shape=(2, 1))
    for shape in ((2,), (1, 2)):
        with pytest.raises(UserError, match=r"and \(2, 1\), \(horizon, targets\), is expected: .*Reshape"):
            fits(ending_in(shape), output_shape=(2, 1))


def test_an_error_is_told_without_what_keras_wraps_around_it():
    said = "Exception encountered when calling A.call().\n\n\x1b[1mIt is too wide.\x1b[0m\n\nArguments"
    wrapped = ValueError(said)
    assert line_of(wrapped) == "It is too wide."
    assert line_of(ValueError("one\ntwo")) == "one" and line_of(KeyError()) == "KeyError"
