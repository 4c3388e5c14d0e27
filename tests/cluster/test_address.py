"""A cluster is named in one way, checked with the other options before data are read, and part of no job."""

import os
import subprocess
import sys

import pytest

import narrows
from narrows.search_spaces.errors import UserError
from narrows.tuning.cli import main
from narrows.tuning.cluster import address
from narrows.tuning.cluster.address import EXPECTED, Address, require_ray
from narrows.tuning.job import Job
from narrows.tuning.study_options import StudyOptions

NO_RAY = "a cluster needs Ray: pip install 'narrows[ray]'"
CHIEF = ("KERASTUNER_TUNER_ID", "KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT")


@pytest.mark.parametrize(
    ("text", "where", "cores"),
    [
        ("auto", "auto", 1),
        ("auto,cores=4", "auto", 4),
        ("10.0.0.5:6379", "10.0.0.5:6379", 1),
        ("head-1.my_net.example.:1,cores=1024", "head-1.my_net.example.:1", 1024),
        ("ray://localhost:10001,cores=2", "ray://localhost:10001", 2),
        ("[::1]:65535", "[::1]:65535", 1),
        ("ray://[fe80::1%eth0]:10001", "ray://[fe80::1%eth0]:10001", 1),
    ],
)
def test_a_cluster_is_named_by_where_it_is_and_the_cores_of_a_worker(text, where, cores):
    assert Address.parse(text) == Address(where, cores)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("auto,cores=2", None, 0),
        ("head:6379", "head", 6379),
        ("ray://10.0.0.5:10001,cores=2", "10.0.0.5", 10001),
        ("ray://[fd00::5]:10001", "fd00::5", 10001),
    ],
)
def test_host_and_port_are_what_a_socket_takes(text, host, port):
    assert (Address.parse(text).host, Address.parse(text).port) == (host, port)


@pytest.mark.parametrize("text", ["head", "ray://head", "Auto", "[::1]", "10.0.0.5,cores=2"])
def test_a_cluster_without_a_port_is_told(text):
    with pytest.raises(UserError) as told:
        Address.parse(text)
    assert str(told.value) == f"cluster {text.split(',')[0]!r} has no port: {EXPECTED}"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            ",",
            " auto",
            "auto ",
            "auto, cores=2",
            "a b:1",
            "h\n:1",
            "h\x00:1",
            "h:",
            "h:x",
            "h:-1",
            "h:1/",
        ),
        *("::1:6379", "[x]:1", "[::1:1", "[]:1", "-h:1", "h-:1", "h/x:1", "http://h:80", "user:word@h:1"),
        *(
            "ray://ray://h:1",
            "RAY://h:1",
            "h\u0661:1",
            "h:\u0661",
            "h:" + 5000 * "9",
            4,
            True,
            b"auto",
            ("auto",),
        ),
    ],
)
def test_what_is_no_cluster_is_refused_with_what_is(text):
    with pytest.raises(UserError, match="is not understood: ") as told:
        Address.parse(text)
    assert EXPECTED in str(told.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("head:0", "cluster 'head:0': a port is from 1 to 65535, not 0"),
        ("ray://head:65536", "cluster 'ray://head:65536': a port is from 1 to 65535, not 65536"),
        ("auto,core=4", "a cluster has no setting 'core'; did you mean 'cores'?"),
        ("auto,gpus=1", "a cluster has no setting 'gpus'; known: cores"),
        ("auto,", "a cluster has no setting ''; known: cores"),
        ("auto,cores", "cluster: cores must be a whole number from 1 to 1,024, not ''"),
        ("auto,cores=0", "cluster: cores must be a whole number from 1 to 1,024, not '0'"),
        ("auto,cores=1025", "cluster: cores must be a whole number from 1 to 1,024, not '1025'"),
        ("auto,cores=1.5", "cluster: cores must be a whole number from 1 to 1,024, not '1.5'"),
        ("auto,cores=2,cores=3", "cluster 'auto,cores=2,cores=3' says cores 2 times: say it once"),
    ],
)
def test_a_number_or_a_setting_that_cannot_be_is_told(text, message):
    with pytest.raises(UserError) as told:
        Address.parse(text)
    assert str(told.value) == message


@pytest.mark.parametrize("kind", [Job, StudyOptions])
def test_it_is_told_with_the_other_mistakes(kind, monkeypatch):
    monkeypatch.setattr(address, "find_spec", lambda name: None)
    given = {"seed": -1, "cluster": "auto,core=4"} | ({"source": "x.csv"} if kind is Job else {})
    with pytest.raises(UserError) as told:
        kind(**given).check()
    head, seed, cores, ray = str(told.value).splitlines()
    assert "several things" in head and "seed must be" in seed
    assert cores.endswith("a cluster has no setting 'core'; did you mean 'cores'?") and ray == f"  - {NO_RAY}"


def test_without_a_cluster_nobody_needs_ray(monkeypatch):
    monkeypatch.setattr(address, "find_spec", lambda name: None)
    Job("x.csv").check()
    StudyOptions().check()


def test_a_folder_called_ray_is_not_taken_for_it(tmp_path, monkeypatch):
    (tmp_path / "ray").mkdir()
    there = [path for path in sys.path if not os.path.isdir(os.path.join(path, "ray"))]
    monkeypatch.setattr(sys, "path", [str(tmp_path), *there])
    monkeypatch.delitem(sys.modules, "ray", raising=False)
    with pytest.raises(UserError) as told:
        require_ray()
    assert str(told.value) == NO_RAY


def test_a_job_with_a_cluster_is_prepared_without_importing_ray():
    pytest.importorskip("ray", reason="pip install 'narrows[ray]'")
    script = (
        "import sys; from narrows.tuning import Job; Job('synthetic:trend', cluster='auto').prepare(); "
        "sys.exit('ray' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_run_goes_on_with_or_without_a_cluster(monkeypatch):
    monkeypatch.setattr(address, "require_ray", lambda: None)
    alone, on_cluster = Job("synthetic:trend"), Job("synthetic:trend", cluster="auto,cores=2")
    described = [job.describe(job.prepare()) for job in (alone, on_cluster)]
    assert described[0] == described[1]
    assert on_cluster.asked() == "source='synthetic:trend', cluster='auto,cores=2'"


@pytest.mark.parametrize("command", ["tune", "study"])
def test_the_commands_hand_it_on_and_refuse_it_in_one_message(command, monkeypatch, capsys):
    arguments = ("no-such-file.csv", "--cluster", "auto,core=4")
    monkeypatch.setattr(sys, "argv", ["narrows", command, *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    err = capsys.readouterr().err
    assert ended.value.code == 2 and "did you mean 'cores'?" in err and "no-such-file" not in err


@pytest.mark.parametrize("names", [CHIEF[:1], CHIEF[1:2], CHIEF[2:], CHIEF])
@pytest.mark.parametrize("call", [narrows.tune, narrows.study])
def test_a_chief_or_a_worker_of_kerastuner_is_refused_before_anything_is_read(call, names, monkeypatch):
    for name in names:
        monkeypatch.setenv(name, "chief")
    with pytest.raises(UserError) as told:
        call("no-such-file.csv", seed=-1)
    (line,) = str(told.value).splitlines()
    assert line.startswith(f"the environment sets {' and '.join(names)}, by which KerasTuner searches")
    assert "unset it" in line and "--cluster auto" in line and "no-such-file" not in line
