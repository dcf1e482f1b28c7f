"""Tests as they are named in docs, and their markers, read from the source alone."""

import ast
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tests.house.source import files, functions


@cache
def names_of_tests() -> frozenset[str]:
    """Every test function as `path::name`."""
    return frozenset(f"{path}::{node.name}" for path, node in _tests())


@cache
def by_defect() -> Mapping[int, list[str]]:
    """Numbers of `@pytest.mark.defect(…)` with the tests that have them, sorted."""
    found: dict[int, list[str]] = defaultdict(list)
    for path, node in _tests():
        for number in _numbers(node):
            found[number].append(f"{path}::{node.name}")
    return {number: sorted(names) for number, names in found.items()}


def _tests() -> list[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    return [(path, node) for path in files("tests") for node in functions(path) if node.name.startswith("test_")]


def _numbers(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[int]:
    marks = [each for each in node.decorator_list if ast.unparse(each).startswith("pytest.mark.defect(")]
    return [ast.literal_eval(number) for mark in marks if isinstance(mark, ast.Call) for number in mark.args]
