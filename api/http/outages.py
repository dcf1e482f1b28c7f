"""What an answer or a task does while a server behind it is away."""

import logging
from collections.abc import Awaitable
from typing import TypeVar

from adapters.failures import classify_failure

Result = TypeVar("Result")


def is_unavailable(error: Exception) -> bool:
    """Whether this is a driver's word for a server that does not answer."""
    failure = classify_failure(error)
    return failure is not None and failure.is_transient


async def none_if_unavailable(work: Awaitable[Result]) -> Result | None:
    """The result, or None while the server behind it is away: for what an answer can do without."""
    try:
        return await work
    except Exception as error:
        if not is_unavailable(error):
            raise
        return None


class logged_unless_away:  # named like contextlib.suppress, and a class for the `bool` that mypy needs to see
    """Around work that must go on: no error leaves the block, and each is logged but one of a server that is away.

    `sentence` is constant, as in every line of the log. A cancellation passes through.
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
