"""What TensorBoard imports when it starts; a failure here would keep it from starting at all.

So nothing is imported but the base class, and the tab itself only when it is loaded: where that fails,
TensorBoard goes on without the tab and says why in its log.
"""

from __future__ import annotations

import logging
import threading
from argparse import Namespace
from typing import Any

from tensorboard.plugins import base_plugin

ALL = 0


class Loader(base_plugin.TBLoader):
    """Loads the tab."""

    def fix_flags(self, flags: Namespace) -> None:
        """Have every trial read: by default TensorBoard keeps a sample of what it does not know."""
        samples = getattr(flags, "samples_per_plugin", None)
        if isinstance(samples, dict):
            samples.setdefault("narrowing", ALL)

    def load(self, context: Any) -> Any:
        """Return the plugin, which makes its first page ready meanwhile; None when it cannot be loaded."""
        try:
            from .plugin import NarrowingPlugin

            plugin = NarrowingPlugin(context)
        except Exception:
            logging.getLogger(__name__).warning("the Narrowing tab cannot be shown", exc_info=True)
            return None
        threading.Thread(target=plugin.prepare, daemon=True).start()
        return plugin
