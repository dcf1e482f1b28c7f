"""Behaviour of requests and tasks while a dependency is unavailable."""

import logging
from collections.abc import Awaitable
from typing import TypeVar

from adapters.failures import is_unavailable

Result = TypeVar("Result")


async def none_if_unavailable(work: Awaitable[Result]) -> Result | None:
    """Return the result, or None while its dependency is unavailable: for optional parts of a response."""
    try:
        return await work
    except Exception as error:
        if not is_unavailable(error):
            raise
        return None


class logged_unless_away:  # named like contextlib.suppress, and a class for the `bool` that mypy needs to see
    """Suppresses all errors of a block and logs them as `sentence`, except those of an unavailable dependency.

    `sentence` is constant, as in every log line. A cancellation passes through.
    """

    def __init__(self, sentence: str, *, to: logging.Logger) -> None:
        self._sentence = sentence
        self._log = to

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, Exception):
            return False
        if not is_unavailable(error):
            self._log.error(self._sentence, exc_info=error)
        return True
