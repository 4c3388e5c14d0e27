"""A program as StableHLO: traced once, compiled when it is called first.

It is called by the operation that JAX's programs are called with in TensorFlow, which is no public part of it
(`tests/test_private_parts.py`). XLA rounds some programs another way than as `tf.function`s of the same code,
in the last digit; so all are called like this, whether they are kept or not.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from .xla import DEVICE, apart

VERSION = 9
"""Of the operation; it tells what may stand in a module."""


class Module(NamedTuple):
    """A program as StableHLO, with types and shapes of what it returns, one after the other."""

    hlo: bytes
    types: list[str]
    shapes: list[list[int]]

    @classmethod
    def of(cls, python: Callable[..., Any], arguments: tuple[Any, ...], name: str) -> Module:
        """Trace a function.

        Args:
            python: of tensors.
            arguments: tensors of the types and shapes it is for.
            name: a scope of it, found again in the machine code.
        """

        def named(*arguments: Any) -> Any:
            with tf.name_scope(name):
                return python(*arguments)

        def export() -> Module:
            function = tf.function(named, jit_compile=True, autograph=False)
            outputs = function.get_concrete_function(*arguments).outputs
            # Without a device TensorFlow draws a random number to see where it lies, one of the user's.
            warnings.filterwarnings("ignore", message="device_name is being deprecated")
            device = tf.nest.flatten(arguments)[0].device
            export = function.experimental_get_compiler_ir(*arguments)
            hlo = export(stage="stablehlo_serialized", device_name=device)
            return cls(hlo, [one.dtype.name for one in outputs], [one.shape.as_list() for one in outputs])

        return apart(export)

    def __call__(self, flat: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Run it, compiled when it is called first; what it is given and returns is flat."""
        from tensorflow.compiler.tf2xla.ops.gen_xla_ops import xla_call_module

        with tf.device(DEVICE):
            done: list[tf.Tensor] = xla_call_module(
                flat, version=VERSION, module=self.hlo, Tout=self.types, Sout=self.shapes, platforms=["CPU"]
            )
        return done
