"""A search of a space of the user's own, trained in this process, which is quicker for a few tiny trials."""

from __future__ import annotations

import keras
import pytest

from narrows.tuning import tune
from narrows.tuning.engines.keras import KerasEngine

SOURCE = "synthetic:sines,rows=300"


def tutorial(hp):
    """The pattern of every tutorial of KerasTuner, with a layer that has weights which are not trained."""
    count = hp.Int("layers", 1, 3)
    model = keras.Sequential([keras.Input((12, 1))])
    for layer in range(count):
        units = hp.Int(f"units_{layer}", 4, 16)
        model.add(keras.layers.GRU(units, return_sequences=layer < count - 1))
        model.add(keras.layers.BatchNormalization(momentum=0.5))
    model.add(keras.layers.Dense(1))
    model.add(keras.layers.Reshape((1, 1)))
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    return model


def flat(hp):
    """A model that is built and trained in no time, without a recurrent layer."""
    width = hp.Int("width", 1, 9)
    layers = [keras.Input((12, 1)), keras.layers.Flatten(), keras.layers.Dense(width)]
    model = keras.Sequential([*layers, keras.layers.Dense(1), keras.layers.Reshape((1, 1))])
    model.compile("adam", "mse")
    return model


def in_this_process(engine):
    """Train without child processes; in place of `KerasEngine._pack`."""
    engine._in_children, engine.places = False, 1


@pytest.fixture(scope="session")
def search():
    """`tune` with a tiny job."""

    def started(out, space=tutorial, **options):
        known = {
            "progress": False,
            "lookback": 12,
            "trials": 3,
            "epochs": 2,
            "algorithm": "random",
            "patience": 0,
        }
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(KerasEngine, "_pack", in_this_process)
            return tune(SOURCE, out=out, space=space, **(known | options))

    return started


@pytest.fixture(scope="session")
def run(search, tmp_path_factory):
    """A finished run of the tutorial's space."""
    return search(tmp_path_factory.mktemp("own") / "run", trials=5, epochs=3)
