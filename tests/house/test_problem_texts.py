"""Every refusal has its words in both languages, and every rule a fault names."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import registry
from registry.errors import Refusal
from registry.web.texts import problem_texts, rule_texts

PACKAGE = Path(registry.__file__).parent
ABSTRACT = {"refused"}


def _leaves(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _leaves(child)


def test_every_refusal_has_texts_in_both_languages() -> None:
    for module in pkgutil.walk_packages([str(PACKAGE)], "registry."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    codes = {leaf.code for leaf in _leaves(Refusal)} - ABSTRACT
    assert codes <= problem_texts().keys(), codes - problem_texts().keys()


def test_every_problem_is_complete() -> None:
    for code, languages in problem_texts().items():
        for language in ("de", "en"):
            assert languages[language].keys() == {"title", "detail", "remedy"}, code


def _rules() -> Iterator[tuple[str, str]]:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Fault":
                rule = node.args[1] if len(node.args) > 1 else None
                if isinstance(rule, ast.Constant):
                    yield str(rule.value), f"{path}:{node.lineno}"


def test_every_rule_has_texts_in_both_languages() -> None:
    for rule, place in _rules():
        assert rule_texts().get(rule, {}).keys() == {"de", "en"}, f"{rule} at {place}"
