"""What the measures of a trial's widths say, in sentences."""

from __future__ import annotations

from ...callbacks.narrowing import Narrowing


def sentences(narrowing: Narrowing) -> list[str]:
    """Return what the measures say, in plain sentences: the units in use, then each layer's verdict."""
    widths = ", ".join(
        f"{effective:.0f} of {layer.units}"
        for effective, layer in zip(narrowing.effective_widths, narrowing.layers, strict=True)
    )
    said = [f"Units that do different work, layer by layer: {widths}."]
    met = [narrowing.entry] if narrowing.entry else []
    for boundary in (*met, *narrowing.boundaries):
        word = boundary.verdict.word
        said.append(f"{word[0].upper()}{word[1:]}. {boundary.verdict.sentence}")
    return said
