"""Which machines of a cluster can train: each is asked what it has installed before it is given anything."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

PACKAGES = ("narrows", "tensorflow", "keras", "keras-tuner", "numpy")
"""Which must be the same everywhere: what is sent is made by them, and results depend on them by rounding."""


@dataclass(frozen=True)
class Node:
    """A machine of the cluster, as Ray calls it: on one computer there may be several, for tests.

    Args:
        id: of the node.
        host: name of the machine.
        cores: that the cluster may use there.
        gpus: likewise.
    """

    id: str
    host: str
    cores: int
    gpus: int

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Node:
        """Return a node of `ray.nodes()`."""
        resources = told["Resources"]
        cores, gpus = (int(resources.get(name, 0)) for name in ("CPU", "GPU"))
        return cls(told["NodeID"], told["NodeManagerHostname"], cores, gpus)


def alive() -> list[Node]:
    """Return the nodes that are there now."""
    import ray

    told: list[Mapping[str, Any]] = ray.nodes()
    return [Node.of(one) for one in told if one["Alive"]]


def versions(names: tuple[str, ...] = PACKAGES) -> dict[str, str | None]:
    """Return the versions of packages in this process; None for what is not there."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def asking() -> Callable[[], dict[str, str | None]]:
    """Return `versions` as a function that is sent as code: on a node without this package it runs too."""

    def there() -> dict[str, str | None]:
        import importlib.metadata
        import platform

        found: dict[str, str | None] = {"python": platform.python_version()}
        for name in packages:
            try:
                found[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                found[name] = None
        return found

    packages = PACKAGES
    return there


def refusal(node: Node, there: Mapping[str, str | None], here: Mapping[str, str | None]) -> str:
    """Return why a node cannot train, in a sentence that names it; empty when it can."""
    if not node.cores:
        return f"{node.host} lends the cluster no core"
    if there["narrows"] is None:
        return f"{node.host} has no narrows: pip install 'narrows[ray]=={here['narrows']}' there"
    if others := [name for name in here if name != "python" and there.get(name) != here[name]]:
        told = ", ".join(f"{name} {there.get(name) or 'missing'} ({here[name]} here)" for name in others)
        return f"{node.host} has other versions: {told}"
    return ""
