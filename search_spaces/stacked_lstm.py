"""StackedLSTM: the space of stacked LSTM forecasters, a `keras_tuner.HyperModel`.

Hyperparameter names are the user's words everywhere: `num_layers`, `units_1` ... `units_n`,
`bottleneck` (0 = none, else the units of one extra narrow LSTM layer), `bottleneck_after` (the layer
it follows), `lookback` (where it is searched), `learning_rate`, `batch_size`, `dropout`, `scaling`,
`linear`, `segment` and `channels` (where they are not `none`, 1 and `together`). The units of a layer that
not every stack has are declared in a conditional scope, so there are no values for layers that do not exist.
A name that was declared before, by the user of a stock tuner, is taken as it is.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from .backend import keras, keras_tuner
from .errors import UserError
from .linear import Linear
from .network import build_network
from .parts import Part, Spec
from .profile import Profile
from .reading import Reading
from .space import Space
from .stack_parts import CLIPNORM, LOSS, UNSAID, check_segments, read_parts

MAKING = ("build", "build_seeded", "canonical", "declare_hyperparameters", "fit", "parameters", "profile")
"""What a subclass changes when its models are no longer those of a `StackedLSTM`."""

LOSSES = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "huber": "huber"}


class StackedLSTM(Space):
    """What may be searched of a stacked LSTM; each part is fixed, an interval or a list of options.

    Models take (batch, lookback, inputs) and give (batch, horizon, targets), in training standard deviations.

        space = StackedLSTM(num_layers=(1, 2), units=[8, 16], bottleneck=[0, 2])
        run = narrows.tune("sales.csv", target="units", space=space)
        tuner = keras_tuner.RandomSearch(space.shaped((24, 2), (7, 1)), objective="val_loss")

    Args:
        loss: `mse`, `mae` or `huber`, in training standard deviations.
        clipnorm: bound on the norm of the whole gradient; 0 is none.
        seed: of the initial weights and the dropout of every model that `build` returns; None gives each
            model a seed of its own, drawn as Keras draws its default seeds: `keras.utils.set_random_seed`
            decides them. A search of this package gives each trial its seed, whatever is said here.
        parts: what is searched; a value is fixed, a tuple (low, high) an interval with both ends, a
            list the options. What is not given takes the default of `stack_parts.DEFAULTS`.

            - num_layers: LSTM layers, the bottleneck not counted.
            - units: units of every layer, or a list of one part for each layer: `[64, (4, 32)]` is a
                first layer of 64 and all others from 4 to 32.
            - bottleneck: units of one extra narrow LSTM layer; 0 is none.
            - bottleneck_after: the layer the bottleneck follows; None is any of them.
            - lookback: rows of each window that are read, the newest ones; None is all of them. A value or a
                list, since every value is compiled on its own.
            - learning_rate: of Adam.
            - batch_size: windows a step.
            - dropout: fraction of each layer's outputs dropped in training.
            - scaling: `standard`, `last` or `none`, see `scaling`.
            - linear: `none`, or `ridge`: the stack adds to a linear forecast of the window, which `shaped` is
                given.
            - segment: rows that a step of the first layer reads at once, a divisor of every lookback. A value
                or a list.
            - channels: `together`, or `apart`: of several targets each is forecast from its own past and the
                features, all by the same weights.

    Raises:
        UserError: all mistakes in one message.
    """

    decay_steps: int = 0
    even_start: bool = False
    averages = True
    """What a `StudiedLSTM` changes."""

    @property
    def is_stack(self) -> bool:
        """Whether its models are what the parts say: no subclass builds others."""
        return all(getattr(type(self), name) is getattr(StackedLSTM, name) for name in MAKING)

    @property
    def fits_itself(self) -> bool:
        """Whether a subclass trains in a way of its own."""
        return type(self).fit is not StackedLSTM.fit

    def __init__(
        self, *, loss: str = LOSS, clipnorm: float = CLIPNORM, seed: int | None = None, **parts: Spec
    ) -> None:
        super().__init__(name="stacked_lstm")
        self.parts: dict[str, Part] = read_parts(parts, loss, clipnorm, seed)
        self.loss = loss
        self.clipnorm = clipnorm
        self.seed = seed
        self.output_shape: tuple[int, int] | None = None
        self.mean: Sequence[float] | None = None
        self.std: Sequence[float] | None = None
        self.linear: Linear | None = None

    @property
    def wants_linear(self) -> bool:
        """Whether `shaped` must be given a linear forecast."""
        return "linear" in self.parts

    def shaped(
        self,
        input_shape: tuple[int, int],
        output_shape: tuple[int, int],
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        linear: Linear | None = None,
    ) -> StackedLSTM:
        """Set the shapes (lookback, inputs) and (horizon, targets) of the data; return this space.

        `mean` and `std` are the raw statistics the inputs were standardised with; only the scaling
        `none` needs them. `linear` is a linear forecast of these windows, which `linear="ridge"` needs:
        `linear_fit.linear_forecast` fits it to training windows.

        Raises:
            UserError: when a window has fewer rows than the longest lookback that is searched, or a lookback
                is no multiple of a segment.
        """
        longest = self.parts["lookback"].ends[1] if "lookback" in self.parts else 1
        if int(longest) > input_shape[0]:
            raise UserError(f"lookback: {longest} rows are to be read of windows that have {input_shape[0]}")
        check_segments(self.parts, input_shape[0])
        super().shaped(tuple(input_shape), tuple(output_shape))  # type: ignore[arg-type]
        self.output_shape = tuple(output_shape)  # type: ignore[assignment]
        self.mean, self.std, self.linear = mean, std, linear
        return self

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> dict[str, Any]:
        """Register every hyperparameter that `hp` does not have yet and return the active values.

        What `hp` has under one of our names, whatever its kind, range or scope, is not declared again.

        Raises:
            UserError: inside of `hp.name_scope`, which gives the hyperparameters other names.
        """
        self._declare(hp, "num_layers")
        depths = _whole_numbers(hp, "num_layers")
        if not depths:
            raise UserError(
                "hp.name_scope(...) gives num_layers and the other parts of StackedLSTM other names: "
                "build the space outside of any name scope"
            )
        for layer in range(1, depths[-1] + 1):
            self._declare(hp, f"units_{layer}", "num_layers", [depth for depth in depths if depth >= layer])
        self._declare(hp, "bottleneck")
        widths = [width for width in _whole_numbers(hp, "bottleneck") if width]
        if widths:
            self._declare(hp, "bottleneck_after", "bottleneck", widths)
        for name in ("lookback", "learning_rate", "batch_size", "dropout", "scaling", *UNSAID):
            self._declare(hp, name)
        return dict(hp.values)

    def hyperparameters(self) -> keras_tuner.HyperParameters:
        """Return all hyperparameters with their defaults; one pass sees every conditional scope."""
        if not self.is_stack:
            return super().hyperparameters()
        hp = keras_tuner.HyperParameters()
        self.declare_hyperparameters(hp)
        clean = hp.copy()
        clean.active_scopes, clean.inactive_scopes = [], []
        return clean

    def canonical(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what of `values` changes the model: a place after the last layer is the last layer, and a
        single target is apart from no other."""
        found = dict(values)
        if not found.get("bottleneck"):
            found.pop("bottleneck_after", None)
        elif "bottleneck_after" in found:
            found["bottleneck_after"] = min(found["bottleneck_after"], found["num_layers"])
        if self.output_shape is not None and self.output_shape[1] == 1:
            found.pop("channels", None)
        return found

    def profile(self, values: Mapping[str, Any]) -> Profile | None:
        """Return the widths of the stack that `values` describe."""
        return Profile.from_values(values) if self.is_stack else super().profile(values)

    def parameters(self, values: Mapping[str, Any]) -> int | None:
        """Return the exact number of trainable parameters, without building the model."""
        if not self.is_stack:
            return super().parameters(values)
        reading = self.reading(values)
        return Profile.from_values(values).parameters(reading.width, reading.outputs)

    def reading(self, values: Mapping[str, Any]) -> Reading:
        """Return how the stack that `values` describe reads a window.

        Raises:
            UserError: when the shapes of the data were never set with `shaped`.
        """
        return Reading.of(values, *self._shapes())

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Return the compiled model of the values in `hp`; see `build_seeded`."""
        return self.build_seeded(hp, random.randint(1, 10**9) if self.seed is None else self.seed)

    def build_seeded(self, hp: keras_tuner.HyperParameters, seed: int) -> keras.Model:
        """Return the compiled model of the values in `hp`, its random draws made from `seed`.

        Raises:
            UserError: when the shapes of the data were never set with `shaped`, or the units of a layer
                were declared before in a scope that does not hold in this stack.
        """
        inputs, outputs = self._shapes()
        values = self.declare_hyperparameters(hp)
        for layer in range(1, values["num_layers"] + 1):
            if f"units_{layer}" not in values:
                raise UserError(
                    f"units_{layer} has no value where num_layers is {values['num_layers']}: "
                    "it was declared in a scope that does not hold there; declare it for every stack "
                    "that has it, or leave it to the space"
                )
        model = build_network(
            Profile.from_values(values),
            inputs,
            outputs,
            reading=self.reading(values),
            scaling=values["scaling"],
            dropout=values["dropout"],
            seed=seed,
            even_start=self.even_start,
            mean=self.mean,
            std=self.std,
            linear=self.linear_of(values),
        )
        rate: Any = values["learning_rate"]
        if self.decay_steps:
            rate = keras.optimizers.schedules.CosineDecay(rate, self.decay_steps)
        adam = keras.optimizers.Adam(rate, global_clipnorm=self.clipnorm or None)
        model.compile(optimizer=adam, loss=LOSSES[self.loss])
        return model

    def linear_of(self, values: Mapping[str, Any]) -> Linear | None:
        """Return the linear forecast that the model of `values` adds to; None where it has none.

        Raises:
            UserError: when it was never given.
        """
        if values.get("linear", "none") == "none":
            return None
        if self.linear is None:
            raise UserError(
                'linear="ridge" needs the linear forecast of your windows: call space.shaped(..., linear='
                "linear_forecast(x, y, x_validation, y_validation)) with the function from "
                "narrows.search_spaces"
            )
        return self.linear

    def fit(self, hp: keras_tuner.HyperParameters, model: keras.Model, *args: Any, **kwargs: Any) -> Any:
        """Train with the searched batch size; this is how stock KerasTuner tuners call it.

        Data that comes in batches of its own (a `tf.data.Dataset`, a generator, a `PyDataset`) keeps them.
        """
        data = args[0] if args else kwargs.get("x")
        if isinstance(data, list | tuple | dict) or hasattr(data, "shape"):
            kwargs.setdefault("batch_size", hp.get("batch_size"))
        elif len(_whole_numbers(hp, "batch_size")) > 1:
            warnings.warn(
                f"batch_size is searched, but a {type(data).__name__} keeps its own batches: give arrays, "
                "or one batch_size to the space",
                stacklevel=2,
            )
        return model.fit(*args, **kwargs)

    def _declare(
        self, hp: keras_tuner.HyperParameters, name: str, parent: str = "", having: Sequence[int] = ()
    ) -> None:
        """Register a part that `hp` does not have yet, for those values of its parent that it is there for.

        What is there for every value has no scope: KerasTuner takes the same name in another scope, even
        one that always holds, for another hyperparameter. A scope is entered even when nothing is declared
        in it, because a tuner goes on building until it has seen each of them hold.
        """
        part = self._part(name)
        if part is None:
            return
        always = not parent or len(having) == len(_whole_numbers(hp, parent))
        with nullcontext() if always else hp.conditional_scope(parent, list(having)):
            if not _found(hp, name, parent):
                part.declare(hp, name)

    def _part(self, name: str) -> Part | None:
        """The part of a name; a layer deeper than the space has is as the deepest one."""
        if name.startswith("units_") and name not in self.parts:
            return self.parts[f"units_{self.parts['num_layers'].ends[1]}"]
        return self.parts.get(name)

    def _shapes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        if self.input_shape is None or self.output_shape is None:
            raise UserError(
                "StackedLSTM does not know the shape of the data: call "
                "space.shaped(input_shape=(lookback, inputs), output_shape=(horizon, targets)) first"
            )
        return self.input_shape, self.output_shape

    def __str__(self) -> str:
        return ", ".join(f"{name} {part}" for name, part in self.parts.items())


def _found(hp: keras_tuner.HyperParameters, name: str, parent: str = "") -> list[Any]:
    """The hyperparameters of this name in `hp` whose conditions hold, whatever the value of `parent`."""

    def holds(condition: Any) -> bool:
        return condition.name == parent or condition.is_active(hp.values)

    return [one for one in hp.space if one.name == name and all(map(holds, one.conditions))]


def _whole_numbers(hp: keras_tuner.HyperParameters, name: str) -> list[int]:
    """The whole numbers that `name` may be in `hp`, in order."""
    options: set[int] = set()
    for one in _found(hp, name):
        interval = isinstance(one, keras_tuner.engine.hyperparameters.Int)
        options.update(range(one.min_value, one.max_value + 1) if interval else one.values)
    return sorted(options)
