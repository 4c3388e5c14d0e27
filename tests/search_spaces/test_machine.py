"""What a process may use of the machine, read from files as the kernel writes them."""

import os
import subprocess
import sys

import pytest

from narrows.search_spaces import machine

GIB = 2**30
NO_LIMIT = "9223372036854771712\n"  # what v1 says, on every machine


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Write files below a root; the process is bound to 8 cores of a machine with 64 GiB."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 96)
    pages = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 64 * GIB // 4096}
    monkeypatch.setattr(os, "sysconf", pages.__getitem__)

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


V2 = {"proc/self/cgroup": "0::/\n"}
V2_BELOW = {"proc/self/cgroup": "0::/user.slice/job.scope\n"}
V1 = {"proc/self/cgroup": "5:devices:/\n4:memory:/docker/1f\n3:cpu,cpuacct:/docker/1f\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, 8, id="no control groups"),
        pytest.param(V2 | {"sys/fs/cgroup/cpu.max": "max 100000\n"}, 8, id="v2, no limit"),
        pytest.param(V2 | {"sys/fs/cgroup/cpu.max": "200000 100000\n"}, 2, id="v2, two cores"),
        pytest.param(V2 | {"sys/fs/cgroup/cpu.max": "150000 100000\n"}, 2, id="v2, one and a half"),
        pytest.param(V2 | {"sys/fs/cgroup/cpu.max": "10000 100000\n"}, 1, id="v2, a tenth"),
        pytest.param(
            V2 | {"sys/fs/cgroup/cpu.max": "9600000 100000\n"}, 8, id="v2, more than it is bound to"
        ),
        pytest.param(
            V2_BELOW
            | {
                "sys/fs/cgroup/user.slice/cpu.max": "300000 100000\n",
                "sys/fs/cgroup/user.slice/job.scope/cpu.max": "max 100000\n",
            },
            3,
            id="v2, limited by the group above",
        ),
        pytest.param(
            V1
            | {
                "sys/fs/cgroup/cpu/docker/1f/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/docker/1f/cpu.cfs_period_us": "100000\n",
            },
            8,
            id="v1, no limit",
        ),
        pytest.param(
            V1
            | {
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "400000\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            4,
            id="v1, four, in a container that sees its group as the root",
        ),
        pytest.param(
            {"proc/self/cgroup": "3:cpu:/\n0::/\n", "sys/fs/cgroup/unified/cpu.max": "100000 100000\n"},
            1,
            id="both layouts",
        ),
        pytest.param(V2 | {"sys/fs/cgroup/cpu.max": "\n"}, 8, id="a file that says nothing"),
    ],
)
def test_cores_are_the_least_of_what_holds_the_process(kernel, files, expected):
    assert machine.cores(kernel(files)) == expected


def test_without_affinity_the_cores_are_those_of_the_machine(kernel, monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity")
    assert machine.cores(kernel({})) == 96


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, 64, id="no control groups"),
        pytest.param(V2 | {"sys/fs/cgroup/memory.max": "max\n"}, 64, id="v2, no limit"),
        pytest.param(V2 | {"sys/fs/cgroup/memory.max": f"{3 * GIB}\n"}, 3, id="v2"),
        pytest.param(
            V2_BELOW
            | {
                "sys/fs/cgroup/user.slice/memory.max": f"{3 * GIB}\n",
                "sys/fs/cgroup/user.slice/job.scope/memory.max": f"{5 * GIB}\n",
            },
            3,
            id="v2, limited by the group above",
        ),
        pytest.param(V1 | {"sys/fs/cgroup/memory/memory.limit_in_bytes": NO_LIMIT}, 64, id="v1, no limit"),
        pytest.param(
            V1 | {"sys/fs/cgroup/memory/docker/1f/memory.limit_in_bytes": f"{2 * GIB}\n"}, 2, id="v1"
        ),
    ],
)
def test_memory_is_the_least_of_what_holds_the_process(kernel, files, expected):
    assert machine.memory(kernel(files)) == expected * GIB


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes cannot be bound to cores here")
def test_a_process_bound_to_one_core_uses_one():
    script = (
        "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\n"
        "from narrows.search_spaces.machine import cores\nprint(cores())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


@pytest.mark.parametrize(("most", "lines", "share"), [("100\n", 25, 0.25), ("100\n", 0, 0.0), ("", 25, 0.0)])
def test_the_mappings_of_the_process_are_told_as_a_share(tmp_path, most, lines, share):
    for name, text in (("proc/sys/vm/max_map_count", most), ("proc/self/maps", "00-10 r--p\n" * lines)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert machine.mappings(tmp_path) == share
    assert 0 <= machine.mappings() < 1


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 256))
from narrows.search_spaces.machine import may_open
said = [may_open(files) for files in (50, 200, 100, 300)]
print(said, *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no such limit")
def test_more_files_may_be_open_where_the_system_lets_a_process_ask_for_them():
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True)
    assert done.stdout == "[True, True, True, False] 200 256\n"
