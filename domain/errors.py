"""Errors that belong to no area, and their base class: each class has one HTTP status and one message.

An area has its own errors in `domain/<area>/errors.py`. The class name is the error code in JSON responses, in
Temporal's failure type and in logs. Renaming a class breaks clients.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

Details = Mapping[str, object] | Sequence[Mapping[str, object]]


class DecodeError(Exception):
    """An error that is shown to the caller. The response also carries `details` and `retry_after` (seconds)."""

    status: ClassVar[int] = 500
    message: ClassVar[str] = "Something went wrong on our side."

    def __init__(self, *, details: Details | None = None, retry_after: int | None = None) -> None:
        super().__init__(self.message)
        self.details = details
        self.retry_after = retry_after


class InternalError(DecodeError):
    pass


class InvalidInput(DecodeError):
    status = 422
    message = "Some of the input is not valid."


class NotFound(DecodeError):
    status = 404
    message = "There is nothing at this address."


class MethodNotAllowed(DecodeError):
    status = 405
    message = "This address does not know that method."


class BodyTooLarge(DecodeError):
    status = 413
    message = "The body is larger than 64 KiB."


class UnsupportedMediaType(DecodeError):
    status = 415
    message = "Send the body as application/json."


class DependencyUnavailable(DecodeError):
    status = 503
    message = "A server we depend on is away. A change may still happen: repeat it with the same Idempotency-Key."


class Overloaded(DecodeError):
    status = 503
    message = "Too much work is waiting already. Please repeat the request."


class RateLimited(DecodeError):
    status = 429
    message = "Too many requests. Please wait."


class NotAuthenticated(DecodeError):
    status = 401
    message = "A valid access token is required."


class Forbidden(DecodeError):
    status = 403
    message = "You are not allowed to do this."


class WrongStep(DecodeError):
    status = 409
    message = "It is not the turn of this step."


class FlowNotFound(DecodeError):
    status = 404
    message = "There is no such flow."


class WrongCode(DecodeError):
    status = 400
    message = "The code is wrong."


class FlowExpired(DecodeError):
    status = 410
    message = "The flow has expired. Please start again."


class FlowClosed(DecodeError):
    status = 409
    message = "The flow is over."


class AttemptsExhausted(DecodeError):
    status = 429
    message = "Too many wrong codes: the flow is locked."


class ResendTooSoon(DecodeError):
    status = 429
    message = "A new code cannot be sent yet."


class IdempotencyKeyReused(DecodeError):
    status = 409
    message = "This Idempotency-Key was used with another request body."
