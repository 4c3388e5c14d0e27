"""Which trials were let go at which rung, by halving and by Hyperband."""

from __future__ import annotations

from dataclasses import replace

from narrows.callbacks.asked import Asked
from narrows.callbacks.curve import Curve
from narrows.callbacks.figures import NothingToShow, draw
from narrows.callbacks.recorded import DONE, INTERRUPTED, Declared, RecordedSearch, RecordedTrial
from narrows.callbacks.rungs import Rung, reason_of, rungs_of
from narrows.callbacks.trial_table import table
from narrows.search_spaces.plain import to_plain
from narrows.search_spaces.trial import Status

ASKED = Asked("sales", 1000, ("units",), (), "24", 7, "0.7,0.15,0.15", 1, "a", "b", rungs=(2, 6))
WHY = "ended early after epoch 2: its loss 0.7 was not among the best third of the 4 trials"


def trained(number: int, epochs: int, status: Status = Status.COMPLETED, reason: str = "") -> RecordedTrial:
    """Return a trial whose loss fell from 1 by a tenth of `number + 1` at each epoch."""
    losses = [(epoch, 0.5, 1 - epoch * (number + 1) / 100) for epoch in range(1, epochs + 1)]
    return RecordedTrial(
        number=number,
        values={},
        epochs=10,
        status=status,
        reason=reason,
        best_val_loss=losses[-1][2],
        best_epoch=epochs,
        curve=to_plain(Curve.of(losses)),
    )


def halved() -> RecordedSearch:
    trials = (
        trained(0, 10),
        trained(1, 2, Status.STOPPED, WHY),
        trained(2, 4, reason="no better validation loss for 3 epochs"),
        trained(3, 6, Status.STOPPED, WHY.replace("2:", "6:")),
        trained(4, 1, Status.FAILED, "out of memory"),
    )
    return RecordedSearch("s", "mse", (), trials, asked=ASKED)


def hyperband(state: str = DONE) -> RecordedSearch:
    known = [(0, 2, None), (1, 2, None), (2, 2, None), (3, 6, 1), (4, 6, None), (5, 6, None)]
    trials = tuple(
        RecordedTrial(
            number=number,
            values={},
            epochs=epochs,
            parent=parent,
            status=Status.FAILED if number == 5 else Status.COMPLETED,
            best_val_loss=1.0 - number / 10,
        )
        for number, epochs, parent in known
    )
    return RecordedSearch("s", "mse", (Declared("x", numeric=True),), trials, state=state)


def test_halving_tells_of_each_rung_who_came_who_was_let_go_and_the_best_loss() -> None:
    assert rungs_of(halved()) == (
        Rung(2, (0, 1, 2, 3), (1,), 0.92),
        Rung(6, (0, 3), (3,), 0.76),
        Rung(10, (0,), (), 0.9),
    )


def test_hyperband_tells_the_same_once_it_is_done() -> None:
    done = rungs_of(hyperband())
    assert done == (Rung(2, (0, 1, 2), (0, 2), 0.8), Rung(6, (3, 4), (), 0.6))
    assert [rung.let_go for rung in rungs_of(hyperband(INTERRUPTED))] == [(), ()]


def test_every_trial_that_ended_early_has_its_epoch_and_reason_in_the_table() -> None:
    search = halved()
    names = [column["name"] for column in table(search)["columns"]]
    rows = [dict(zip(names, row, strict=True)) for row in table(search)["rows"]]
    assert [(row["epochs"], row["reason"]) for row in rows[:2]] == [(10, ""), (2, WHY)]
    search = hyperband()
    told = [reason_of(search, one, rungs_of(search)) for one in search.trials]
    gone = "let go after epoch 2: it was not among the 1 of 3 trials that went on from there"
    assert told == [gone, "", gone, "", "", ""]


def test_the_picture_has_a_bar_for_each_rung_and_says_the_best_loss() -> None:
    figure = draw("rungs", halved())
    went_on, gone = figure.data
    assert [list(went_on.y), list(went_on.x), list(gone.x)] == [
        ["2 epochs", "6 epochs", "10 epochs"],
        [3, 1, 1],
        [1, 1, 0],
    ]
    assert [one.text for one in figure.layout.annotations] == [
        "<b>2 epochs</b>: 4 came, 1 let go; best 0.92",
        "<b>6 epochs</b>: 2 came, 1 let go; best 0.76",
        "<b>10 epochs</b>: 1 came; best 0.9",
    ]


def test_a_search_that_ends_no_trial_early_has_no_rungs() -> None:
    search = replace(halved(), asked=replace(ASKED, rungs=()))
    assert rungs_of(search) == ()
    try:
        draw("rungs", search)
    except NothingToShow as nothing:
        assert str(nothing) == "No trial of this search is ended early because others are better."
    assert rungs_of(RecordedSearch("s", "mse", (), asked=ASKED)) == ()
