"""Every public name of the product says what it is, what goes in and what comes out."""

import ast
from collections.abc import Iterator

from tests.house.source import FLOORS, files, tree

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
IN_THE_CONTRACT = "schemas"
"""What stands in a schema is shown to clients in docs/openapi.json: there it is written when a field needs it."""
SHOWN_ENUMS = {
    *("FlowKind", "FlowState", "NextStep", "NotificationType", "EventKind", "Severity", "Role"),
    *("ChatStatus", "EndReason", "TurnState", "TurnMode", "FinishReason", "TurnFailure", "PartKind", "MessageRole"),
    *("OccurrenceType", "PartyKind", "Permission", "Need", "GrantKind", "ToolCategory", "ToolErrorCode"),
    *("ToolCallState", "Decision", "HealthState"),
}
"""Their docstrings would be shown there too: a comment above their values says what they are."""


def undocumented() -> list[str]:
    """A sentence for each public class, function or method without a docstring."""
    return [
        f"{path}:{node.lineno} {node.name} is public and has no docstring: say what goes in and out, and which errors"
        for path in files(*FLOORS)
        if IN_THE_CONTRACT not in path.parts
        for node in public(tree(path).body)
        if not ast.get_docstring(node) and not speaks_for_itself(node)
    ]


def public(body: list[ast.stmt]) -> Iterator[Definition]:
    """Public definitions of a module and the public methods of its public classes."""
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


def speaks_for_itself(node: Definition) -> bool:
    """A refusal has its message; a setter and an overload belong to what they are of."""
    if node.name in SHOWN_ENUMS:
        return True
    has_message = isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "DecodeError" for base in node.bases)
    decorators = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return has_message or bool(decorators & {"setter", "overload"})


def test_public_names_have_docstrings() -> None:
    assert undocumented() == []
