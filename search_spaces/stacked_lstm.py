"""StackedLSTM: the space of stacked LSTM forecasters, a `keras_tuner.HyperModel`.

Hyperparameter names are the user's words everywhere: `num_layers`, `units_1` ... `units_n`,
`bottleneck` (0 = none, else the units of one extra narrow LSTM layer), `bottleneck_after` (the layer
it follows), `lookback` (where it is searched), `learning_rate`, `batch_size`, `dropout`, `scaling`. The
units of a layer are declared in a conditional scope, so there are no values for layers that do not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .backend import keras, keras_tuner
from .errors import UserError
from .network import build_network
from .parts import Interval, Part, Spec
from .profile import Profile
from .space import Space
from .stack_parts import CLIPNORM, LOSS, read_parts

LOSSES = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "huber": "huber"}


class StackedLSTM(Space):
    """What may be searched of a stacked LSTM; each part is fixed, an interval or a list of options.

    Args:
        loss: `mse`, `mae` or `huber`, in training standard deviations.
        clipnorm: bound on the norm of the whole gradient; 0 is none.
        parts: what is searched; a value is fixed, a tuple (low, high) an interval with both ends, a
            list the options. What is not given takes the default of `stack_parts.DEFAULTS`.

            num_layers: LSTM layers, the bottleneck not counted.
            units: units of every layer, or a list of one part for each layer: `[64, (4, 32)]` is a
                first layer of 64 and all others from 4 to 32.
            bottleneck: units of one extra narrow LSTM layer; 0 is none.
            bottleneck_after: the layer the bottleneck follows; None is any of them.
            lookback: rows of each window that are read, the newest ones; None is all of them. A value or a
                list, since every value is compiled on its own.
            learning_rate: of Adam.
            batch_size: windows a step.
            dropout: fraction of each layer's outputs dropped in training.
            scaling: `standard`, `last` or `none`, see `scaling`.

    Raises:
        UserError: all mistakes in one message.
    """

    is_stack = True

    def __init__(self, *, loss: str = LOSS, clipnorm: float = CLIPNORM, **parts: Spec) -> None:
        super().__init__(name="stacked_lstm")
        self.parts: dict[str, Part] = read_parts(parts, loss, clipnorm)
        self.loss = loss
        self.clipnorm = clipnorm
        self.input_shape: tuple[int, int] | None = None
        self.output_shape: tuple[int, int] | None = None
        self.mean: Sequence[float] | None = None
        self.std: Sequence[float] | None = None

    def shaped(
        self,
        input_shape: tuple[int, int],
        output_shape: tuple[int, int],
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
    ) -> StackedLSTM:
        """Set the shapes (lookback, inputs) and (horizon, targets) of the data; return this space.

        `mean` and `std` are the raw statistics the inputs were standardised with; only the scaling
        `none` needs them.

        Raises:
            UserError: when a window has fewer rows than the longest lookback that is searched.
        """
        longest = self.parts["lookback"].ends[1] if "lookback" in self.parts else 1
        if int(longest) > input_shape[0]:
            raise UserError(f"lookback: {longest} rows are to be read of windows that have {input_shape[0]}")
        self.input_shape, self.output_shape = tuple(input_shape), tuple(output_shape)  # type: ignore[assignment]
        self.mean, self.std = mean, std
        return self

    def declare(self, hp: keras_tuner.HyperParameters) -> dict[str, Any]:
        """Register every hyperparameter in `hp` and return the active values."""
        depth = self.parts["num_layers"]
        depth.declare(hp, "num_layers")
        deepest = int(depth.ends[1])
        for layer in range(1, deepest + 1):
            part = self.parts[f"units_{layer}"]
            with hp.conditional_scope("num_layers", list(range(layer, deepest + 1))):
                part.declare(hp, f"units_{layer}")
        self.parts["bottleneck"].declare(hp, "bottleneck")
        if "bottleneck_after" in self.parts:
            with hp.conditional_scope("bottleneck", _nonzero(self.parts["bottleneck"])):
                self.parts["bottleneck_after"].declare(hp, "bottleneck_after")
        for name in ("lookback", "learning_rate", "batch_size", "dropout", "scaling"):
            if name in self.parts:
                self.parts[name].declare(hp, name)
        return dict(hp.values)

    def hyperparameters(self) -> keras_tuner.HyperParameters:
        """Return all hyperparameters with their defaults; one pass sees every conditional scope."""
        hp = keras_tuner.HyperParameters()
        self.declare(hp)
        clean = hp.copy()
        clean.active_scopes, clean.inactive_scopes = [], []
        return clean

    def canonical(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what of `values` changes the model: a place after the last layer is the last layer."""
        found = dict(values)
        if not found.get("bottleneck"):
            found.pop("bottleneck_after", None)
        elif "bottleneck_after" in found:
            found["bottleneck_after"] = min(found["bottleneck_after"], found["num_layers"])
        return found

    def profile(self, values: Mapping[str, Any]) -> Profile:
        """Return the widths of the stack that `values` describe."""
        return Profile.from_values(values)

    def parameters(self, values: Mapping[str, Any]) -> int:
        """Return the exact number of trainable parameters, without building the model."""
        inputs, outputs = self._shapes()
        return self.profile(values).parameters(inputs[1], outputs[0] * outputs[1])

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Return the compiled model of the values in `hp`; see `build_seeded`."""
        return self.build_seeded(hp, seed=0)

    def build_seeded(self, hp: keras_tuner.HyperParameters, seed: int) -> keras.Model:
        """Return the compiled model of the values in `hp`, its random draws made from `seed`.

        Raises:
            UserError: when the shapes of the data were never set with `shaped`.
        """
        inputs, outputs = self._shapes()
        values = self.declare(hp)
        model = build_network(
            self.profile(values),
            inputs,
            outputs,
            lookback=values.get("lookback"),
            scaling=values["scaling"],
            dropout=values["dropout"],
            seed=seed,
            mean=self.mean,
            std=self.std,
        )
        adam = keras.optimizers.Adam(values["learning_rate"], global_clipnorm=self.clipnorm or None)
        model.compile(optimizer=adam, loss=LOSSES[self.loss])
        return model

    def fit(self, hp: keras_tuner.HyperParameters, model: keras.Model, *args: Any, **kwargs: Any) -> Any:
        """Train with the searched batch size; this is how stock KerasTuner tuners call it."""
        kwargs.setdefault("batch_size", hp.get("batch_size"))
        return model.fit(*args, **kwargs)

    def _shapes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        if self.input_shape is None or self.output_shape is None:
            raise UserError(
                "StackedLSTM does not know the shape of the data: call "
                "space.shaped(input_shape=(lookback, inputs), output_shape=(horizon, targets)) first"
            )
        return self.input_shape, self.output_shape

    def __str__(self) -> str:
        return ", ".join(f"{name} {part}" for name, part in self.parts.items())


def _nonzero(part: Part) -> list[int]:
    """The widths of `part` that are a bottleneck."""
    if isinstance(part, Interval):
        return [width for width in range(int(part.low), int(part.high) + 1) if width]
    return [int(width) for width in part.values if width]
