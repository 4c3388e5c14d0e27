"""The reference is made of docstrings: everything public has one, and its examples are Python."""

import ast
import doctest
import inspect
import re
import textwrap
from importlib import import_module

import pytest

import narrows
from narrows.tuning.models.export import export

PACKAGES = ("narrows", "narrows.tuning", "narrows.search_spaces", "narrows.callbacks")
SECTION = re.compile(r"^(Args|Attributes|Returns|Raises):$", re.MULTILINE)
BLOCK = re.compile(r"(?:^ {4}.*\n?|^\n(?= {4}))+", re.MULTILINE)


def unwrapped(member):
    """The function of a property or a method."""
    inner = getattr(member, "fget", None) or getattr(member, "func", None) or member
    return getattr(inner, "__func__", inner)


def documented():
    """(name, object) of each package, each public name, and each public method that is ours."""
    for package in PACKAGES:
        module = import_module(package)
        yield package, module
        for name in dir(module):
            one = getattr(module, name)
            if not (inspect.isclass(one) or inspect.isfunction(one)):
                continue
            yield f"{package}.{name}", one
            homes = (
                [home for home in one.__mro__ if home.__module__.startswith("narrows.")]
                if inspect.isclass(one)
                else []
            )
            for home in homes:
                for member, held in vars(home).items():
                    inner = unwrapped(held)
                    if not member.startswith("_") and inspect.isfunction(inner):
                        yield f"{package}.{name}.{member}", inner


FOUND = dict(documented())


def test_everything_public_has_a_docstring():
    assert {
        "narrows.tune",
        "narrows.Run.export",
        "narrows.Run.trials",
        "narrows.StackedLSTM.is_stack",
    } <= set(FOUND)
    assert [name for name, one in FOUND.items() if not (one.__doc__ or "").strip()] == []


@pytest.mark.parametrize("name", [name for name in dir(narrows) if callable(getattr(narrows, name))])
def test_each_public_name_has_an_example(name):
    assert examples(FOUND[f"narrows.{name}"])


def examples(one):
    """The indented blocks and the `>>>` lines before the arguments of a docstring."""
    text = SECTION.split(inspect.getdoc(one), maxsplit=1)[0]
    asked = "".join(each.source for each in doctest.DocTestParser().get_examples(text))
    blocks = [textwrap.dedent(block) for block in BLOCK.findall(text) if ">>>" not in block]
    return [*blocks, asked] if asked else blocks


def test_examples_are_python():
    blocks = [(name, block) for name, one in FOUND.items() for block in examples(one)]
    assert len(blocks) > 10
    for name, block in blocks:
        try:
            ast.parse(block)
        except SyntaxError as error:
            pytest.fail(f"{name}: {error}")


def test_examples_with_an_answer_give_it():
    finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner()
    tests = [test for one in set(FOUND.values()) for test in finder.find(one) if test.examples]
    assert len(tests) >= 4
    for test in tests:
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_the_options_of_an_export_are_written_out_in_run_as_they_are():
    ours, theirs = inspect.signature(narrows.Run.export).parameters, inspect.signature(export).parameters
    assert list(ours)[1:] == list(theirs)[1:]
    for name in list(ours)[1:]:
        assert ours[name].annotation == theirs[name].annotation, name
        if name != "note":
            assert ours[name].default == theirs[name].default, name
    text = inspect.getdoc(narrows.Run.export)
    assert [name for name in ours if name != "self" and f"\n    {name}: " not in text] == []
