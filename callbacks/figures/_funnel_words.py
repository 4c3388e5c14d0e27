"""What a funnel says of its layers: what stands below a box, and what one reads when one points at it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from ..narrowing.measures.fill import Fill
from ..narrowing.measures.redundancy import Redundancy
from ..narrowing.measures.target import TargetProbe
from ._layers import layer_names, plural

if TYPE_CHECKING:
    from ..narrowing import Estimate, LayerMeasures, Narrowing


def path_of(narrowing: Narrowing, place: int) -> str:
    """Return what the layer at `place`, from 0, hands on: `trajectory`, of the last layer `instant`."""
    if place:
        return narrowing.boundaries[place - 1].handed_on
    return "trajectory" if len(narrowing.layers) > 1 else "instant"


def target_read(narrowing: Narrowing, place: int) -> Estimate:
    """Return how well the target is read from what the layer at `place` hands on."""
    probe = narrowing.layers[place][TargetProbe]
    return probe.trajectory if path_of(narrowing, place) == "trajectory" else probe.instant


def labels_of(
    widths: Sequence[int], narrowing: Narrowing | None, bottleneck: int | None, short: bool
) -> list[str]:
    """Return what stands under each layer, in short lines where there are many."""
    labels = []
    for place, units in enumerate(widths):
        name = f"<b>layer {place + 1}</b>" + ("<br>bottleneck" if place == bottleneck else "")
        lines = [name, plural(units, "unit")]
        if narrowing:
            lines += _work(narrowing.layers[place])
        if short:
            lines[2:] = [part for line in lines[2:] for part in wrap(line, 9)]
        labels.append("<br>".join(lines))
    return labels


def _work(layer: LayerMeasures) -> list[str]:
    """Return how many units do different work, and how many none."""
    rank, dead = round(layer[Fill].effective_rank), len(layer[Redundancy].dead)
    if layer[Fill].effective_rank == 0:
        return ["never moves" if layer.units == 1 else "none ever moves"]
    if dead == layer.units:
        return ["dead" if dead == 1 else "all dead"]
    work = f"{rank} do different work" if rank > 1 else "all do the same work"
    return [*([work] if layer.units > 1 else []), *([f"{dead} dead"] if dead else [])]


def layer_texts(widths: Sequence[int], narrowing: Narrowing | None, bottleneck: int | None) -> list[str]:
    """Return what to say about each layer when one points at it."""
    names = [f"<b>{name}</b>" for name in layer_names(widths, bottleneck)]
    if not narrowing:
        return [f"{name}<br>nothing was measured" for name in names]
    return [f"{name}<br>{_layer_text(narrowing, place)}" for place, name in enumerate(names)]


def _layer_text(narrowing: Narrowing, place: int) -> str:
    layer, read = narrowing.layers[place], target_read(narrowing, place)
    fill, redundancy = layer[Fill], layer[Redundancy]
    seen = (
        f"its last {narrowing.steps} states"
        if path_of(narrowing, place) == "trajectory"
        else "its last state"
    )
    lines = [
        f"{fill.effective_rank:.1f} units do different work, {fill.share:.0%} of all",
        f"{plural(fill.k99, 'number')} would tell 99% of what {_both(layer.units)}",
        *_explained(narrowing, read, seen),
    ]
    if not math.isnan(redundancy.median):
        lines.append(f"half of the units are told by the others to {redundancy.median:.0%} or more")
    if redundancy.dead:
        lines.append(f"{len(redundancy.dead)} dead: the state hardly ever moves")
    return "<br>".join(lines)


def _both(units: int) -> str:
    return "its unit tells" if units == 1 else f"its {units} units tell"


def _explained(narrowing: Narrowing, read: Estimate, seen: str) -> list[str]:
    """Return how much of the target is explained from a layer, beside what the network itself explains."""
    if math.isnan(read.value):
        return [f"how much can be explained from {seen} is not known"]
    whole = narrowing.own
    known = whole is not None and not math.isnan(whole.value)
    beside = f"; the whole network explains {whole.shown:.0%}" if whole and known else ""
    return [f"a simple formula on {seen} explains {read.shown:.0%}", f"of what is to be learned{beside}"]
