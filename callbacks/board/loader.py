"""What TensorBoard imports when it starts; a failure here would keep it from starting at all."""

from __future__ import annotations

from typing import Any

from tensorboard.plugins import base_plugin


class Loader(base_plugin.TBLoader):
    """Loads the tab."""

    def load(self, context: Any) -> Any:
        """Return the plugin, None when it cannot be loaded."""
        return None
