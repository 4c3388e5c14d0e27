"""No window, one or a thousand, with and without categories, whatever the scaling, in both formats."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from narrows.tuning.models.check import worst_difference
from narrows.tuning.models.raw import raw_inputs, raw_model
from narrows.tuning.models.rebuilt import engine_of_run, trained_network
from narrows.tuning.models.rebuilt import test_forecast as engine_forecast
from narrows.tuning.models.serving import write_savedmodel


def savedmodel(model, windows, folder):
    write_savedmodel(model, windows, folder)
    loaded = tf.saved_model.load(str(folder))
    return lambda given: loaded.serve(given)


def keras_file(model, windows, folder):
    model.save(folder.with_suffix(".keras"))
    # As a function of any number of windows: called with none at once, a layer of Keras fails.
    loaded = keras.models.load_model(folder.with_suffix(".keras"))
    return tf.function(lambda given: loaded(given), reduce_retracing=True)


@pytest.mark.parametrize("written", [savedmodel, keras_file])
@pytest.mark.parametrize("which", ["run", "numbers_only"])
def test_the_engines_forecasts_are_given(request, which, written, tmp_path):
    run = request.getfixturevalue(which)
    windows, trials = run.windows, [run.trial(row.number) for row in run.trials]
    assert {trial.values["scaling"] for trial in trials} == {"last", "none", "standard"}
    given = raw_inputs(run.series, 6, windows.parts["test"])
    for trial in trials:
        engines = engine_forecast(run, engine_of_run(run), trial)
        model = written(raw_model(trained_network(run, trial), windows), windows, tmp_path / trial.name)
        for count in (1000, 1, 0):
            part = {name: tf.constant(np.resize(x, (count, *x.shape[1:]))) for name, x in given.items()}
            forecast = model(part)["forecast"]
            assert forecast.shape == (count, 3, len(run.series.targets))
            expected = np.resize(engines, forecast.shape)
            spread = windows.scaler.std[: expected.shape[-1]]
            assert not count or worst_difference(forecast.numpy(), expected, spread) <= 1e-6
