"""Errors of the auth area."""

from domain.errors import DecodeError


class WeakPassword(DecodeError):
    status = 422
    message = "This password is too easy to guess."


class AccountThrottled(DecodeError):
    status = 429
    message = "Too many failed attempts. Please wait before the next one."


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


class ApiKeyNotFound(DecodeError):
    status = 404
    message = "There is no such API key, or it has ended."


class ApiKeyLimit(DecodeError):
    status = 409
    message = "An account can have twenty API keys. Revoke one first."


class ScopeMissing(DecodeError):
    status = 403
    message = "The API key lacks the scope that this needs."


class KeyNotAllowed(DecodeError):
    status = 403
    message = "This cannot be done with an API key. Sign in."
