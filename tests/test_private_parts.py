"""What we rely on in other packages beside what they promise: each part by name, and who needs it.

KerasTuner's Oracles are asked past their own loop and Optuna's sampler past its study, through parts that
a new release may rename or change without a word. When one of these tests fails, a release did: the message
says which part and which of our files has to follow. `setup.py` keeps releases that were not tried out.
"""

import ast
import inspect
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import keras
import keras_tuner
import numpy as np
import optuna
import pytest
import tensorflow as tf
from keras_tuner.engine import hyperparameters as hp_module
from keras_tuner.engine import trial as trial_module
from keras_tuner.oracles import BayesianOptimizationOracle, HyperbandOracle
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from narrows.tuning.algorithms.tpe import ASKED, _Known

ROOT = Path(__file__).resolve().parents[1]
CALLS = "callbacks/model_calls.py"
PROGRAMS = "tuning/engines/fused/module.py"
ORACLE, BAYESIAN, HYPERBAND, TPE, VALUES, SPACE = (
    "tuning/algorithms/_oracle.py",
    "tuning/algorithms/bayesian.py",
    "tuning/algorithms/hyperband.py",
    "tuning/algorithms/tpe.py",
    "tuning/algorithms/_values.py",
    "search_spaces/space.py",
)

METHODS = [
    (keras_tuner.Oracle, "populate_space", "trial_id", ORACLE),
    (keras_tuner.Oracle, "_duplicate", "values", ORACLE),
    (keras_tuner.Oracle, "_compute_values_hash", "values", ORACLE),
    (keras_tuner.Oracle, "_random_values", "", ORACLE),
    (BayesianOptimizationOracle, "_nonfixed_space", "", BAYESIAN),
    (HyperbandOracle, "_increment_bracket_num", "", HYPERBAND),
    (HyperbandOracle, "_start_new_bracket", "", HYPERBAND),
    (HyperbandOracle, "_get_num_brackets", "", HYPERBAND),
    (HyperbandOracle, "_get_size", "bracket_num round_num", HYPERBAND),
    (HyperbandOracle, "_get_epochs", "bracket_num round_num", HYPERBAND),
    (trial_module.Trial, "__init__", "hyperparameters trial_id status message", ORACLE),
    (hp_module.HyperParameter, "prob_to_value", "prob", VALUES),
    (hp_module.HyperParameter, "value_to_prob", "value", BAYESIAN),
    (keras_tuner.HyperParameters, "ensure_active_values", "", SPACE),
    (keras_tuner.HyperParameters, "merge", "hps overwrite", SPACE),
    (keras_tuner.HyperParameters, "copy", "", SPACE),
    (optuna.storages.InMemoryStorage, "get_all_trials", "study_id deepcopy states", TPE),
    (optuna.storages.InMemoryStorage, "set_trial_system_attr", "trial_id key value", TPE),
    (optuna.samplers.TPESampler, "sample_relative", "study trial search_space", TPE),
    (optuna.distributions.BaseDistribution, "single", "", TPE),
]

ATTRIBUTES = [
    (keras_tuner.Oracle, "trials ongoing_trials start_order end_order _tried_so_far hyperparameters", ORACLE),
    (BayesianOptimizationOracle, "num_initial_points alpha beta", BAYESIAN),
    (HyperbandOracle, "_brackets _current_bracket", HYPERBAND),
    (keras_tuner.HyperParameters, "space values active_scopes inactive_scopes", SPACE),
]

MODULES = [
    ("keras_tuner.engine.hyperparameters", "Boolean Choice Fixed Float HyperParameter Int", VALUES),
    ("keras_tuner.engine.trial", "Trial TrialStatus", ORACLE),
    (
        "tensorboard.plugins.hparams.api_pb2",
        "Experiment HParamInfo MetricInfo MetricName",
        "callbacks/hparams.py",
    ),
    (
        "tensorboard.plugins.hparams.plugin_data_pb2",
        "HParamsPluginData SessionEndInfo SessionStartInfo",
        "callbacks/hparams.py",
    ),
    (
        "tensorboard.plugins.hparams.metadata",
        "EXPERIMENT_TAG NULL_TENSOR SESSION_END_INFO_TAG SESSION_START_INFO_TAG create_summary_metadata",
        "callbacks/hparams.py",
    ),
    ("tensorboard.plugins.text.metadata", "create_summary_metadata", "callbacks/events.py"),
    ("tensorboard.compat.proto.event_pb2", "Event", "callbacks/events.py"),
    ("tensorboard.compat.proto.summary_pb2", "Summary SummaryMetadata", "callbacks/events.py"),
    ("tensorboard.util.tensor_util", "make_tensor_proto", "callbacks/events.py"),
    ("tensorboard.backend.http_util", "Respond", "callbacks/board/plugin.py"),
    ("tensorboard.plugin_util", "experiment_id", "callbacks/board/plugin.py"),
    (
        "tensorboard.plugins.base_plugin",
        "FrontendMetadata TBContext TBLoader TBPlugin",
        "callbacks/board/plugin.py",
    ),
    ("tensorboard.data.provider", "DataProvider RunTagFilter", "callbacks/board/reading.py"),
    ("tensorboard.program", "TensorBoard TensorBoardPortInUseError WerkzeugServer", "tuning/board_server.py"),
]


def package_of(thing) -> str:
    """Return name and version of the distribution that a class or a module is from."""
    module = thing if isinstance(thing, str) else thing.__module__
    name = module.partition(".")[0].replace("_", "-")
    return f"{name} {version(name)}"


def moved(package: str, part: str, file: str, what: str) -> None:
    pytest.fail(f"{package}: {part} {what}; {file} relies on it", pytrace=False)


def oracle(kind):
    """Return an Oracle of this class over a space of two numbers, one of them for some trials only."""
    hp = keras_tuner.HyperParameters()
    hp.Choice("kind", ["a", "b"])
    with hp.conditional_scope("kind", ["b"]):
        hp.Int("units", 1, 9)
    hp.Fixed("rate", 0.1)
    options = {"max_epochs": 9} if kind is HyperbandOracle else {}
    return kind(objective=keras_tuner.Objective("val_loss", "min"), hyperparameters=hp, **options)


@pytest.mark.parametrize(
    ("owner", "name", "parameters", "file"), METHODS, ids=[f"{row[0].__name__}.{row[1]}" for row in METHODS]
)
def test_a_method_takes_what_we_give_it(owner, name, parameters, file):
    part, package = f"{owner.__name__}.{name}", package_of(owner)
    if not hasattr(owner, name):
        moved(package, part, file, "is gone")
    found = list(inspect.signature(getattr(owner, name)).parameters)[1:]
    if found != parameters.split():
        moved(package, part, file, f"takes ({', '.join(found)}), not ({', '.join(parameters.split())})")


@pytest.mark.parametrize(
    ("owner", "names", "file"), ATTRIBUTES, ids=[f"{row[0].__name__} {row[2]}" for row in ATTRIBUTES]
)
def test_an_object_has_the_attributes_we_read(owner, names, file):
    made = keras_tuner.HyperParameters() if owner is keras_tuner.HyperParameters else oracle(owner)
    for name in names.split():
        if not hasattr(made, name):
            moved(package_of(owner), f"{owner.__name__}.{name}", file, "is gone")


# TensorBoard warns of its own copy of html5lib.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("module", "names", "file"), MODULES, ids=[row[0] for row in MODULES])
def test_a_module_holds_what_we_take_from_it(module, names, file):
    found = import_module(module)
    for name in names.split():
        if not hasattr(found, name):
            moved(package_of(module), f"{module}.{name}", file, "is gone")


def test_a_program_is_exported_and_called_as_jax_calls_its_own():
    from tensorflow.compiler.tf2xla.ops.gen_xla_ops import xla_call_module

    one = tf.constant([1.0, 2.0])
    double = tf.function(lambda x: 2 * x, jit_compile=True, autograph=False)
    export = double.experimental_get_compiler_ir(one)
    with pytest.warns(UserWarning, match="device_name is being deprecated"):
        module = export(stage="stablehlo_serialized", device_name=one.device)
    called = xla_call_module([one], version=9, module=module, Tout=["float32"], Sout=[[2]], platforms=["CPU"])
    if [each.numpy().tolist() for each in called] != [[2.0, 4.0]]:
        moved("tensorflow", "xla_call_module", PROGRAMS, "does not run what was exported")


def test_an_oracle_knows_what_was_tried_by_the_hash_of_its_values():
    made = oracle(keras_tuner.Oracle)
    values = {"kind": "b", "units": 3, "rate": 0.1}
    assert not made._duplicate(values)
    made._tried_so_far.add(made._compute_values_hash(values))
    if not made._duplicate(values) or made._duplicate(values | {"units": 4}):
        moved(package_of(keras_tuner.Oracle), "Oracle._tried_so_far", ORACLE, "no longer makes duplicates")


def test_an_oracle_searches_all_but_what_is_fixed():
    assert [hp.name for hp in oracle(BayesianOptimizationOracle)._nonfixed_space()] == ["kind", "units"]


def test_a_bracket_is_what_hyperband_walks_through():
    made = oracle(HyperbandOracle)
    sizes = [[made._get_size(num, place) for place in range(num + 1)] for num in range(3)]
    epochs = [[made._get_epochs(num, place) for place in range(num + 1)] for num in range(3)]
    assert made._get_num_brackets() == 3
    assert (sizes, epochs) == ([[3], [5, 2], [9, 3, 1]], [[9], [3, 9], [1, 3, 9]])
    before = made._current_bracket
    made._increment_bracket_num()
    made._start_new_bracket()
    assert made._current_bracket != before
    assert made._brackets[-1] == {
        "bracket_num": made._current_bracket,
        "rounds": [[] for _ in range(made._current_bracket + 1)],
    }


def test_a_condition_is_asked_with_values_and_a_scope_names_what_opens_it():
    hp = keras_tuner.HyperParameters()
    hp.Choice("kind", ["a", "b"])
    with hp.conditional_scope("kind", ["b"]):
        hp.Int("units", 1, 9)
    (scope,) = hp.inactive_scopes
    assert [(condition.name, condition.values) for condition in scope] == [("kind", ["b"])]
    (condition,) = hp.space[1].conditions
    assert condition.is_active({"kind": "b"}) and not condition.is_active({"kind": "a"})


def test_the_sampler_learns_from_the_trials_that_its_storage_shows():
    storage, narrow = _Known(), {"x": FloatDistribution(0.0, 1.0)}

    def told(number, x):
        made = optuna.trial.create_trial(
            state=TrialState.COMPLETE, value=abs(x - 0.8), params={"x": x}, distributions=narrow
        )
        made.number = number
        return made

    storage.known = [told(number, x) for number, x in enumerate(np.linspace(0, 1, 60))]
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(storage=storage)
    optuna.logging.set_verbosity(before)
    drawn = [
        optuna.samplers.TPESampler(seed=seed, multivariate=True).sample_relative(study, ASKED, narrow)["x"]
        for seed in range(20)
    ]
    if abs(np.median(drawn) - 0.8) > 0.1:
        moved(package_of(optuna.samplers.TPESampler), "TPESampler", TPE, "does not read get_all_trials")


def test_a_symbolic_tensor_of_keras_leads_to_the_call_that_made_it():
    window = keras.Input((5, 2))
    masking, lstm = keras.layers.Masking(), keras.layers.LSTM(3, return_state=True)
    state = lstm(masking(window))[1]
    layer, place, index = state._keras_history
    node = layer._inbound_nodes[place]
    mask = node.arguments.kwargs["mask"]
    seen = (
        (layer, place, index) == (lstm, 0, 1)
        and node.operation is lstm
        and (node.input_tensors[0], node.input_tensors[1], node.outputs[1]) == (masking.output, mask, state)
        and len(node.arguments.args) == 1
        and (node.is_input, window._keras_history[0]._inbound_nodes[0].is_input) == (False, True)
        and lstm.cell in lstm._flatten_layers(include_self=False)
    )
    if not seen:
        moved(package_of(keras.Layer), "the graph of a functional model", CALLS, "is kept in another way")


def test_every_private_part_that_an_algorithm_uses_stands_here():
    trees = {path: ast.parse(path.read_text()) for path in (ROOT / "tuning" / "algorithms").glob("*.py")}
    nodes = [node for tree in trees.values() for node in ast.walk(tree)]
    used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    ours = {
        node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    ours |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    private = {name for name in used - ours if name.startswith("_") and not name.startswith("__")}
    named = {name for _, name, *_ in METHODS} | {name for _, names, _ in ATTRIBUTES for name in names.split()}
    assert private <= named, (
        "used in tuning/algorithms, not defined there: name them in METHODS or ATTRIBUTES"
    )
