"""What the package says of the boundaries of trained stacks, beside what retraining says.

A stack is measured as the best trials of a search are: all measures, on validation windows. Then it and the
wider stack are trained with the judging seeds, of which `narrows.tuning.answers.widening` takes as many as it
needs. A rule of the package that changed is judged again without training anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from verdict_stacks import Stack, stacks
from verdict_truth import EVERY, JUDGED, JUDGING, Trainings

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
            trained                         the verdict once it was trained, with the judging seeds
            pairs                           how many of them that took
            val_losses, test_losses         of the stack and of the wider one, for each seed of `EVERY`
            variance                        of the target in test windows
            spread                          loss of a constant on validation windows
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
    from narrows.tuning.answers.widening import suspected, verdict
    from narrows.tuning.models.measuring import narrowing_of
    from narrows.tuning.studies.losses import spread_of

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
    spread = min(spread_of("mse", samples.windows, "validation"))
    quick_words = [one.verdict.word if one else "" for one in (quick.entry, *quick.boundaries)]
    for before, boundary in enumerate((full.entry, *full.boundaries)):
        wider = stack.wider(before)
        both = [[trainings.of(one, seed) for one in (stack, wider)] for seed in EVERY]
        pairs = taken([(a.val_loss, b.val_loss) for a, b in both[: len(JUDGING)]], spread)
        yield {
            "before": before,
            **vars(trainings.truth(stack, before)),
            "word": boundary.verdict.word if boundary else "",
            "quick": quick_words[before],
            "tried": before in tried,
            "trained": verdict(before, stack.units[before], wider.units[before], pairs, spread).word,
            "pairs": len(pairs),
            "val_losses": [[one.val_loss for one in pair] for pair in both],
            "test_losses": [[one.test_loss for one in pair] for pair in both],
            "variance": own.variance,
            "spread": spread,
            **shared,
            "kept": boundary.kept.value if boundary else None,
        }


def taken(losses: Sequence[tuple[float, float]], spread: float) -> list[Any]:
    """Return the pairs that the package would train until they decide.

    Args:
        losses: of the stack and of the wider one, for each judging seed.
        spread: loss of a constant forecast.
    """
    from narrows.tuning.answers.widening import Pair, decided

    pairs: list[Pair] = []
    for own, wider in losses:
        if decided(pairs, spread) is None:
            pairs.append(Pair(own, wider))
    return pairs
