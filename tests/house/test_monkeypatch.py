"""A test replaces a method on its class, never on an object that other tests share.

On an object monkeypatch leaves the old method behind, bound to it: from then on, what is replaced on the class is not.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import files, tree


def replaced(path: Path) -> Iterator[tuple[ast.expr, str]]:
    """The target and the name of each `setattr` of a monkeypatch, but for those by one dotted path."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.Call(func=ast.Attribute(attr="setattr"), args=[target, ast.Constant(value=str(name)), _]):
                yield target, name


def imported_names(path: Path) -> set[str]:
    imports = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {alias.asname or alias.name for node in imports for alias in node.names}


def is_method_of_an_object(path: Path, target: ast.expr, name: str) -> bool:
    """Modules and classes are imported or capitalized; what is no method is private or a constant."""
    if isinstance(target, ast.Name) and (target.id in imported_names(path) or target.id[0].isupper()):
        return False
    return not (name.isupper() or name.startswith("_"))


def test_methods_are_replaced_on_classes() -> None:
    targets = [(path, target, name) for path in files("tests") for target, name in replaced(path)]
    wrong = [f"{path}:{target.lineno}" for path, target, name in targets if is_method_of_an_object(path, target, name)]

    assert len(targets) > 30
    assert wrong == []
