"""A function that is compiled when it is first called, or taken from what an earlier process compiled."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from .kept_programs import KeptPrograms
from .module import Module
from .xla import TRIED, apart

logger = logging.getLogger(__name__)


class Compiled:
    """A function of tensors, compiled for the types and shapes it is first called with.

    Calls from several threads are safe: one of them makes it, the others wait for that.

    Args:
        python: the function, as for `tf.function`.
        like: gives the structure of what it returns, from its arguments.
        about: what it depends on beside its arguments; equal texts, equal functions.
        kept: where compiled programs are looked for and kept; None is nowhere.

    Attributes:
        origin: `compiled` or `loaded`, or empty as long as it was not called.
    """

    def __init__(
        self,
        python: Callable[..., Any],
        like: Callable[[tuple[Any, ...]], Any],
        about: str,
        kept: KeptPrograms | None,
    ) -> None:
        self._python, self._like, self._about, self._kept = python, like, about, kept
        self._making = threading.Lock()
        self._made: Callable[..., Any] | None = None
        self.origin = ""

    def __call__(self, *arguments: Any) -> Any:
        """Return what the function returns for `arguments`: tensors, or named tuples of them."""
        if self._made is None:
            with self._making:
                if self._made is None:
                    began = time.monotonic()
                    self._made, result = self._make(arguments)
                    logger.info("%s in %.3f s: %s", self.origin, time.monotonic() - began, self._about)
                    return result
        return self._made(*arguments)

    def _make(self, arguments: tuple[Any, ...]) -> tuple[Callable[..., Any], Any]:
        """Return the compiled function, and what it returned first."""
        if not TRIED:
            self.origin = "compiled"
            function = tf.function(self._python, jit_compile=True, autograph=False)
            # A graph that was traced runs as one also after `tf.config.run_functions_eagerly`.
            graph = apart(lambda: function.get_concrete_function(*arguments))
            return graph, graph(*arguments)
        flat, like = tf.nest.flatten(arguments), self._like(arguments)

        def trace(name: str) -> Module:
            return Module.of(self._python, arguments, name)

        if self._kept is None:
            module = trace("narrows")
            done, self.origin = module(flat), "compiled"
        else:
            name = self._kept.name(self._about, flat)
            module, done, self.origin = self._kept.first_call(name, flat, trace)

        def made(*arguments: Any) -> Any:
            return tf.nest.pack_sequence_as(like, module(tf.nest.flatten(arguments)))

        return made, tf.nest.pack_sequence_as(like, done)
