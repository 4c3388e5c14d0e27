"""Searches and studies on real Ray nodes, each a few processes of this machine."""

import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

import narrows
from narrows.search_spaces.errors import UserError
from narrows.tuning.cluster import nodes
from narrows.tuning.progress.base import Progress

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")

SEARCH = {"lookback": 8, "trials": 8, "epochs": 12, "confirm": False, "record": 2}
SOURCE = "synthetic:narma10,rows=600"


@pytest.fixture(scope="module")
def cluster():
    """A head that trains nothing, and two nodes of one core.

    Ray is not imported before: it changes `sys.path`, and with that where modules of tests find each other.
    """
    ray_clusters = pytest.importorskip("ray.cluster_utils")
    made = ray_clusters.Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    made.trains = [made.add_node(num_cpus=1) for _ in range(2)]
    yield made
    made.shutdown()


class Notes(Progress):
    """Keeps what the user is told, and lets a test wait for trials to end."""

    def __init__(self):
        self.notes, self.ended_trials = [], threading.Semaphore(0)

    def note(self, text):
        self.notes.append(text)

    def ended(self, trial, outcome):
        super().ended(trial, outcome)
        self.ended_trials.release()


def facts(run):
    return [
        (one.values, one.status, one.reason, one.best_epoch, one.best_val_loss, one.folds)
        for one in run.trials
    ]


@pytest.mark.parametrize("algorithm", ["random", "grid"])
def test_a_search_on_a_cluster_is_the_search_on_one_machine(tmp_path, cluster, algorithm):
    """With the driver killed, a node taken away and another one added; two folds."""
    asked = SEARCH | {"algorithm": algorithm, "folds": 2}
    here = narrows.tune(SOURCE, **asked, out=tmp_path / "here", progress=False)
    there, notes = tmp_path / "there", Notes()
    if algorithm == "random":
        kill_after_the_first_trial(there, cluster.address, asked)

    def search():
        try:
            narrows.tune(SOURCE, **asked, out=there, cluster=cluster.address, progress=notes)
        except BaseException as error:
            notes.notes.append(repr(error))

    # Nodes can be added from the main thread alone.
    searching = threading.Thread(target=search)
    searching.start()
    if algorithm == "random":
        assert notes.ended_trials.acquire(timeout=120), notes.notes
        cluster.remove_node(cluster.trains.pop(0), allow_graceful=False)
        cluster.trains.append(cluster.add_node(num_cpus=1))
    searching.join(300)
    assert not searching.is_alive() and notes.notes[0].startswith(
        "trials are trained on a cluster of 2 nodes"
    )
    run = narrows.Run(there)
    assert facts(run) == facts(here)
    assert {one.node for one in run.trials} == {socket.gethostname()}
    assert {one.node for one in here.trials} == {""}
    told = [one.replace(str(there), str(here.folder)) for one in run.answer["sentences"]]
    assert told == here.answer["sentences"]


def kill_after_the_first_trial(folder, address, asked):
    code = f"import narrows; narrows.tune({SOURCE!r}, out={str(folder)!r}, cluster={address!r}, **{asked!r})"
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if line.startswith("1/"):
                break
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()
    assert 0 < len([one for one in narrows.Run(folder).trials if one.status.ended]) < SEARCH["trials"]


def test_a_study_on_a_cluster_is_the_study_on_one_machine(tmp_path, cluster):
    asked = {"profile": "6", "layer": 1, "widths": [2, 6], "seeds": 2, "rates": 1, "steps": 60, "lookback": 8}
    here = narrows.study(SOURCE, **asked, out=tmp_path / "here", progress=False)
    there = narrows.study(SOURCE, **asked, out=tmp_path / "there", cluster=cluster.address, progress=False)
    assert [one.sentences for one in there] == [one.sentences for one in here]


def test_a_node_of_another_version_is_refused_by_name(tmp_path, cluster, monkeypatch):
    from narrows.tuning.cluster import roster

    ask = nodes.asking()

    def asking():
        def there():
            import os

            return ask() | ({"narrows": "9.9"} if "OF_ANOTHER_VERSION" in os.environ else {})

        return there

    monkeypatch.setattr(roster, "asking", asking)
    node = cluster.add_node(num_cpus=1, env_vars={"OF_ANOTHER_VERSION": "yes"})
    notes = Notes()
    try:
        asked = SEARCH | {"trials": 1, "epochs": 1}
        narrows.tune(SOURCE, **asked, out=tmp_path / "run", cluster=cluster.address, progress=notes)
    finally:
        cluster.remove_node(node)
    told, begins = notes.notes[:2]
    assert f"{socket.gethostname()} has other versions: narrows 9.9 ({narrows.__version__} here)" in told
    assert begins.startswith("trials are trained on a cluster of 2 nodes, 2 places")


def test_a_space_that_a_node_cannot_make_is_told(tmp_path, cluster, monkeypatch):
    """A module of the user's that is not there."""
    (tmp_path / "mine.py").write_text(
        "import keras\n"
        "def build(hp):\n"
        "    model = keras.Sequential([keras.Input((8, 2)), keras.layers.LSTM(hp.Int('units', 1, 4)),\n"
        "        keras.layers.Dense(1), keras.layers.Reshape((1, 1))])\n"
        "    model.compile('adam', 'mse')\n"
        "    return model\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    from mine import build

    (tmp_path / "mine.py").unlink()
    shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
    with pytest.raises(UserError, match="cannot make the models .*No module named 'mine'"):
        narrows.tune(SOURCE, **SEARCH, space=build, out=tmp_path / "run", cluster=cluster.address)


def test_where_no_cluster_is_there_a_sentence_says_so(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(UserError, match=f"no Ray cluster answers at {address}.*ray start --head"):
            narrows.tune(SOURCE, **SEARCH, out=tmp_path / "run", cluster=address, progress=False)


def test_a_cluster_that_never_answers_ends_with_a_sentence(tmp_path):
    """In a process of its own, where Ray's own attempt goes on until it ends."""
    code = (
        "import sys, narrows.tuning.cluster.joining as joining; joining.JOIN_SECS = 3.0\n"
        "from narrows.tuning.cluster.address import Address\n"
        "from narrows.search_spaces.errors import UserError\n"
        "try: joining.join(Address.parse(sys.argv[1]))\n"
        "except UserError as error: print(error)\n"
    )
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        began, address = time.monotonic(), f"127.0.0.1:{silent.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "-c", code, address], capture_output=True, text=True, check=True, timeout=60
        )
    assert f"the Ray cluster at {address} did not answer within 3 s" in done.stdout
    assert time.monotonic() - began < 30
