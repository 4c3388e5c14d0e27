"""What the package says of the boundaries of trained stacks, beside what retraining says.

A stack is measured as the best trials of a search are: all measures, on validation windows. The wider stack
is trained once with the trial's own seed; what that says is `narrows.tuning.answers.widening.verdict`. A rule
of the package that changed is judged again without training anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from verdict_stacks import Stack, stacks
from verdict_truth import JUDGED, Trained, Trainings

TRIALS = 30
"""Of the search after which wider layers are trained: the more, the more of them."""


def judged(folder: str) -> list[dict[str, Any]]:
    """Return a record of each boundary whose trainings are in `folder`, in the order of `stacks`.

    Returns:
        Dicts with

            stack, family, units, before    which boundary: by the layer before it, 0 is the input
            helps, clear, fell, gained      as in `Truth`
            word, quick                     the verdict by all measures, and by those that every trial gets
            tried                           whether a search of `TRIALS` trials would train the wider stack
            trained                         the verdict once it was trained
            val_loss, wider_val_loss        what that rests on
            own, window                     R^2 of the network's forecasts, and of what windows tell
            instant, trajectory             R^2 of the target from each layer
            fill                            effective rank of each layer as a share of its units
            kept                            R^2 of the state before from what is handed on after
    """
    from narrows.tuning.models.measuring import one_thread
    from narrows.tuning.models.samples import Samples

    trainings = Trainings(Path(folder))
    samples: dict[Any, Samples] = {}
    found = []
    with one_thread():
        for number, stack in enumerate(stacks()):
            if trainings.missing([stack]):
                continue
            if stack.source not in samples:
                samples = {stack.source: Samples(stack.source.data(), "mse")}
            for record in _records(stack, trainings, samples[stack.source]):
                found.append({"stack": number, "family": stack.family, "units": stack.units} | record)
    return found


def _records(stack: Stack, trainings: Trainings, samples: Any) -> Iterator[dict[str, Any]]:
    from narrows.callbacks.narrowing.measures.fill import Fill
    from narrows.callbacks.narrowing.measures.target import TargetProbe
    from narrows.tuning.answers.widening import suspected
    from narrows.tuning.models.measuring import narrowing_of

    own = trainings.of(stack, JUDGED)
    full, quick = (narrowing_of(stack.values, own.weights, samples, full=full) for full in (True, False))
    probes = [layer[TargetProbe] for layer in full.layers]
    shared = {
        "own": full.own.value if full.own else None,
        "window": samples.of(stack.values, own.weights, full=True).told.estimate.value,
        "instant": [probe.instant.value for probe in probes],
        "trajectory": [probe.trajectory.value for probe in probes],
        "fill": [layer[Fill].share for layer in full.layers],
    }
    tried = suspected(full, TRIALS)
    quick_words = [one.verdict.word if one else "" for one in (quick.entry, *quick.boundaries)]
    for before, boundary in enumerate((full.entry, *full.boundaries)):
        wider = trainings.of(stack.wider(before), JUDGED)
        yield {
            "before": before,
            **vars(trainings.truth(stack, before)),
            "word": boundary.verdict.word if boundary else "",
            "quick": quick_words[before],
            "tried": before in tried,
            "trained": _trained(stack, before, own, wider, samples.windows),
            "val_loss": own.val_loss,
            "wider_val_loss": wider.val_loss,
            **shared,
            "kept": boundary.kept.value if boundary else None,
        }


def _trained(stack: Stack, before: int, own: Trained, wider: Trained, windows: Any) -> str:
    from narrows.tuning.answers.widening import verdict
    from narrows.tuning.studies.losses import spread_of

    spread = min(spread_of("mse", windows, "validation"))
    units = stack.units[before], stack.wider(before).units[before]
    return str(verdict(before, *units, own.val_loss, wider.val_loss, spread).word)
