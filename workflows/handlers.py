"""Workflow updates with an explicit wire name, which histories and callers hold: methods can be renamed freely."""

from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from temporalio import workflow

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


def update(
    *, name: str
) -> Callable[[Callable[Parameters, Awaitable[Answer]]], workflow.UpdateMethodMultiParam[Parameters, Answer]]:
    """`workflow.update(name=…)`, typed: the SDK (1.35) types a named async update as returning a coroutine."""
    untyped: Any = workflow.update(name=name)
    typed: Callable[[Callable[Parameters, Awaitable[Answer]]], workflow.UpdateMethodMultiParam[Parameters, Answer]]
    typed = untyped
    return typed
