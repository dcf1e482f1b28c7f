"""Errors of the users area."""

from domain.errors import DecodeError


class UserNotFound(DecodeError):
    status = 404
    message = "There is no such user."


class LastAdmin(DecodeError):
    status = 409
    message = "This is the last admin: name another one first."
