"""What the measures of a trial's widths say, in sentences."""

from __future__ import annotations

from ...callbacks.narrowing import Narrowing


def sentences(narrowing: Narrowing) -> list[str]:
    """Return what the measures say, in plain sentences: the units in use, then the verdict on each layer."""
    widths = ", ".join(
        f"{effective:.0f} of {layer.units}"
        for effective, layer in zip(narrowing.effective_widths, narrowing.layers, strict=True)
    )
    said = [f"Units that do different work, from the first layer to the last: {widths}."]
    met = [narrowing.entry] if narrowing.entry else []
    return said + [boundary.verdict.sentence for boundary in (*met, *narrowing.boundaries)]
