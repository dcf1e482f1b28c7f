"""Updates under a wire name of their own, which histories and callers hold: renaming the method changes nothing."""

from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from temporalio import workflow

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


def update(
    *, name: str
) -> Callable[[Callable[Parameters, Awaitable[Answer]]], workflow.UpdateMethodMultiParam[Parameters, Answer]]:
    """`workflow.update(name=…)`, typed: the SDK (1.35) says of a named async update that it answers a coroutine."""
    untyped: Any = workflow.update(name=name)
    typed: Callable[[Callable[Parameters, Awaitable[Answer]]], workflow.UpdateMethodMultiParam[Parameters, Answer]]
    typed = untyped
    return typed
