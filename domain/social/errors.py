"""Errors of the social area."""

from domain.errors import DecodeError


class CannotTargetSelf(DecodeError):
    status = 422
    message = "This cannot be done to oneself."


class YouBlockThisUser(DecodeError):
    status = 409
    message = "You block this user. Unblock them first."
