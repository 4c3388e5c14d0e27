"""`tune` is called as it is documented: one place of options and defaults, and mistakes in sentences."""

import inspect
from dataclasses import MISSING, fields

import pytest

import narrows
from narrows.search_spaces.errors import UserError
from narrows.tuning.job import Job
from narrows.tuning.job_options import JobOptions

OF_THE_CALL = ("out", "progress")
PARAMETERS = inspect.signature(narrows.tune).parameters
FIELDS = {field.name: field for field in fields(JobOptions)}


def test_the_signature_has_every_option_of_a_job_and_two_of_its_own():
    assert tuple(PARAMETERS) == (*FIELDS, *OF_THE_CALL)
    assert not [one for one in PARAMETERS.values() if one.kind in (one.VAR_KEYWORD, one.VAR_POSITIONAL)]


@pytest.mark.parametrize("name", FIELDS)
def test_an_option_has_the_type_and_the_default_that_a_job_has(name):
    parameter, field = PARAMETERS[name], FIELDS[name]
    assert parameter.annotation == field.type
    if field.default_factory is not MISSING:
        assert (parameter.default, field.default_factory()) == (None, {}), (
            "no list or dict stands in a signature"
        )
    else:
        assert parameter.default == (parameter.empty if field.default is MISSING else field.default)


def test_every_option_is_documented_once_and_the_same_for_a_job_and_for_tune():
    documented = inspect.getdoc(narrows.tune)
    _, _, of_a_job = inspect.getdoc(JobOptions).partition("Args:\n")
    assert of_a_job.rstrip() in documented
    for name in PARAMETERS:
        assert documented.count(f"\n    {name}: ") == 1, name


def test_every_option_reaches_the_job(monkeypatch):
    asked = []

    def stop(job):
        asked.append(job)
        raise UserError("this is far enough")

    monkeypatch.setattr(Job, "prepare", stop)
    given = {name: object() for name in FIELDS}
    with pytest.raises(UserError, match="far enough"):
        narrows.tune(given["source"], **{name: one for name, one in given.items() if name != "source"})
    with pytest.raises(UserError, match="far enough"):
        narrows.tune("x.csv")
    assert {name: getattr(asked[0], name) for name in FIELDS} == given
    assert asked[1] == Job("x.csv")


def test_options_that_tune_does_not_have_are_told_together():
    with pytest.raises(UserError) as told:
        narrows.tune("synthetic:trend", trails=3, units=(4, 8), target="y")
    assert str(told.value).splitlines() == [
        "several things need mending:",
        "  - tune has no option 'trails'; did you mean 'trials'?",
        "  - tune has no option 'units', which is a part of the space: space={'units': ...}",
    ]
