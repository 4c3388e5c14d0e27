"""Which machines of a cluster can train."""

import subprocess
import sys

import cloudpickle
import pytest

from narrows.tuning.cluster.nodes import Node, asking, refusal, versions

NODE = Node("1", "anna", 4, 0)


def test_a_node_like_this_one_can_train():
    assert refusal(NODE, versions(), versions()) == ""


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"narrows": None}, "anna has no narrows: pip install 'narrows[ray]==0.1' there"),
        ({"narrows": "9.9"}, "anna has other versions: narrows 9.9 (0.1 here)"),
        (
            {"tensorflow": None, "numpy": "1.0"},
            "anna has other versions: tensorflow missing (2.0 here), numpy 1.0 (2.0 here)",
        ),
    ],
)
def test_what_a_node_lacks_is_told_with_its_name(changed, told):
    here = {"python": "3.11.0", "narrows": "0.1", "tensorflow": "2.0", "numpy": "2.0"}
    assert refusal(NODE, here | changed, here) == told
    assert refusal(Node("1", "anna", 0, 0), here, here) == "anna lends the cluster no core"


def test_the_question_needs_nothing_of_this_package_where_it_is_asked():
    """Else a node without it would not even be able to say so."""
    code = (
        "import sys; sys.modules['narrows'] = None; import cloudpickle\n"
        "print(cloudpickle.loads(sys.stdin.buffer.read())()['keras'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=cloudpickle.dumps(asking()), capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == versions()["keras"]
