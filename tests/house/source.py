"""The repository's own Python files, parsed once."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("api", "workflows", "activities", "workers", "domain", "adapters", "config")
FOLDERS = (*FLOORS, "devstack", "sdk", "tests", "bench")


def files(*folders: str) -> list[Path]:
    """Python files below these folders, as paths from the root. What is generated is not ours to shape."""
    found = (path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "generated" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))


def lines(path: Path) -> int:
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method in the file, nested ones too."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def imported(path: Path) -> set[str]:
    """Root packages that the file imports, wherever in it."""
    nodes = list(ast.walk(tree(path)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named = {node.module or "." * node.level for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in plain | named}


def imported_modules(path: Path) -> list[str]:
    """Dotted names of all that the file imports with `from`, down to the name itself."""
    nodes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
    return [f"{node.module}.{alias.name}" for node in nodes for alias in node.names]


def defines_workflow(path: Path) -> bool:
    """Whether a class in the file is decorated with `@workflow.defn`."""
    classes = [node for node in tree(path).body if isinstance(node, ast.ClassDef)]
    return any("workflow.defn" in ast.unparse(decorator) for node in classes for decorator in node.decorator_list)
