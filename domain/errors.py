"""Every outcome a caller can be refused with: one class, one HTTP status, one sentence.

The class name is the code: in the JSON of an answer, in Temporal's failure type, in the logs. Renaming a
class here breaks clients.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

Details = Mapping[str, object] | Sequence[Mapping[str, object]]


class DecodeError(Exception):
    """A refusal the caller may read. `details` and `retry_after` (seconds) travel with the answer."""

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


class WeakPassword(DecodeError):
    status = 422
    message = "This password is too easy to guess."


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
    message = "A server we depend on is away. Nothing was lost; please repeat the request."


class Overloaded(DecodeError):
    status = 503
    message = "Too much work is waiting already. Please repeat the request."


class RateLimited(DecodeError):
    status = 429
    message = "Too many requests. Please wait."


class AccountThrottled(DecodeError):
    status = 429
    message = "Too many failed attempts. Please wait before the next one."


class NotAuthenticated(DecodeError):
    status = 401
    message = "A valid access token is required."


class Forbidden(DecodeError):
    status = 403
    message = "You are not allowed to do this."


class InvalidCredentials(DecodeError):
    status = 401
    message = "These credentials are not right."


class AccountDeactivated(DecodeError):
    status = 403
    message = "This account is deactivated."


class DeviceNotTrusted(DecodeError):
    status = 403
    message = "This device is not trusted for this account."


class StepUpRequired(DecodeError):
    status = 403
    message = "Prove again who you are: send the current password or a one-time password."


class SecondFactorRequired(DecodeError):
    status = 403
    message = "This account has a second factor: send a one-time password or a recovery code."


class SessionNotFound(DecodeError):
    status = 404
    message = "There is no such session."


class DeviceNotFound(DecodeError):
    status = 404
    message = "There is no such device."


class UserNotFound(DecodeError):
    status = 404
    message = "There is no such user."


class CannotTargetSelf(DecodeError):
    status = 422
    message = "This cannot be done to oneself."


class YouBlockThisUser(DecodeError):
    status = 409
    message = "You block this user. Unblock them first."


class NotificationNotFound(DecodeError):
    status = 404
    message = "There is no such notification."


class LastAdmin(DecodeError):
    status = 409
    message = "This is the last admin: name another one first."


class SsoTokenInvalid(DecodeError):
    status = 401
    message = "The SSO token is unknown, used, expired or for another app."


class WalletProofInvalid(DecodeError):
    status = 400
    message = "The signed message is not one of ours, was used, has expired, or the signature is wrong."


class WalletNotFound(DecodeError):
    status = 404
    message = "There is no such wallet."


class WalletLinked(DecodeError):
    status = 409
    message = "This wallet is linked to an account already."


class WalletLimit(DecodeError):
    status = 409
    message = "An account can have ten wallets. Unlink one first."


class PrimaryWallet(DecodeError):
    status = 409
    message = "This is the primary wallet. Make another one primary, or none, and unlink it then."


class TwoFactorEnabled(DecodeError):
    status = 409
    message = "The second factor is on already."


class TwoFactorNotSetUp(DecodeError):
    status = 409
    message = "There is no second factor to enable or disable. Set it up first."


class WrongStep(DecodeError):
    status = 409
    message = "It is not the turn of this step."


class SessionInvalid(DecodeError):
    status = 401
    message = "This is not a session token of ours."


class SessionExpired(DecodeError):
    status = 401
    message = "The session has expired. Please sign in again."


class SessionRevoked(DecodeError):
    status = 401
    message = "The session was ended. Please sign in again."


class SessionReused(DecodeError):
    status = 401
    message = "This session token was used before. The session has been ended to be safe."


class UsernameTaken(DecodeError):
    status = 409
    message = "This username is not available."


class UsernameCooldown(DecodeError):
    status = 409
    message = "The username was changed less than 30 days ago."


class EmailChangeBarred(DecodeError):
    status = 409
    message = "The address was taken back less than 7 days ago. It cannot be changed before."


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


def named(name: str) -> type[DecodeError]:
    """The class with this code; `InternalError` for a name that is none of ours."""
    return {error.__name__: error for error in DecodeError.__subclasses__()}.get(name, InternalError)
