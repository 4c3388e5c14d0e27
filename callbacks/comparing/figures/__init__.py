"""Pictures of what is compared: sides in, plotly figures out. A picture is one file here."""

from __future__ import annotations

from ._base import Comparison, comparisons

__all__ = ["Comparison", "comparisons"]
