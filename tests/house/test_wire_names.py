"""What callers and histories name a workflow's updates, queries and signals by: none of them may change."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest
from temporalio import workflow

import workflows
from tests.house.source import files, functions

KINDS = ("update", "workflow.update", "workflow.query", "workflow.signal")

FLOW = {"begun", "cancel", "look"}
NAMES = {
    "AccessUpkeep": set[str](),
    "AccountDeletion": {"changed", "left", "reactivate"},
    "AccountExport": FLOW,
    "AuditExport": FLOW,
    "AuditVerify": FLOW,
    "EmailChange": FLOW | {"name_address", "superseded", "verify", "verify_new"},
    "EmailRevert": {"look", "revert", "superseded"},
    "FollowerSnapshots": FLOW,
    "GraphRebuild": set[str](),
    "GraphReconcile": set[str](),
    "GraphSync": {"changed"},
    "IntentDrain": {"woken"},
    "Journal": set[str](),
    "JournalTrim": set[str](),
    "JournalCheckpoint": set[str](),
    "KeyUpkeep": set[str](),
    "Mail": set[str](),
    "Notice": set[str](),
    "Notifications": {"followed", "woken"},
    "PasswordReset": FLOW | {"change", "context", "resend", "verify"},
    "Registration": FLOW | {"resend", "verify"},
    "SignIn": FLOW | {"prove_device", "prove_second_factor", "resend"},
    "Sweep": set[str](),
    "ToolCall": {"finished"},
    "Turns": {"woken"},
    "UsernameChange": FLOW | {"superseded", "verify"},
}


def handlers() -> Iterator[tuple[str, ast.expr]]:
    """Every method that is called from outside, with the decorator that makes it so."""
    for path in files("workflows"):
        for function in functions(path):
            for decorator in function.decorator_list:
                if ast.unparse(decorator).startswith(KINDS):
                    yield f"{path}: {function.name}", decorator


def definitions() -> dict[str, set[str]]:
    """Names of updates, queries and signals by workflow, as a worker registers them."""
    found = {}
    for module in pkgutil.walk_packages(workflows.__path__, f"{workflows.__name__}."):
        for _, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            definition = workflow._Definition.from_class(cls)
            if definition and definition.name:
                names = {*definition.updates, *definition.queries, *definition.signals}
                found[definition.name] = set(map(str, names))
    return found


def test_wire_names_are_those_that_histories_hold() -> None:
    assert definitions() == NAMES


@pytest.mark.parametrize("decorator", [pytest.param(each, id=name) for name, each in handlers()])
def test_wire_name_does_not_follow_the_name_in_python(decorator: ast.expr) -> None:
    assert isinstance(decorator, ast.Call)
    assert [keyword.arg for keyword in decorator.keywords if keyword.arg == "name"] == ["name"]
