"""Every error class by its code, collected from the areas."""

import inspect
from collections.abc import Iterator
from types import ModuleType

from domain import errors
from domain.accounts import errors as accounts
from domain.assistant import errors as assistant
from domain.auth import errors as auth
from domain.errors import DecodeError, InternalError
from domain.journal import errors as journal
from domain.notifications import errors as notifications
from domain.social import errors as social
from domain.users import errors as users

PARTS = (errors, accounts, assistant, auth, journal, notifications, social, users)


def _refusals(part: ModuleType) -> Iterator[type[DecodeError]]:
    """Yield the error classes that are defined in a module."""
    for _, refusal in inspect.getmembers(part, inspect.isclass):
        if issubclass(refusal, DecodeError) and refusal.__module__ == part.__name__ and refusal is not DecodeError:
            yield refusal


ERRORS = {refusal.__name__: refusal for part in PARTS for refusal in _refusals(part)}
"""Error class by code, which is the name of the class."""


def error_named(code: str) -> type[DecodeError]:
    """Return the error class with this code; `InternalError` for an unknown code."""
    return ERRORS.get(code, InternalError)
