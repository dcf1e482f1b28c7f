"""Errors of the notifications area."""

from domain.errors import DecodeError


class NotificationNotFound(DecodeError):
    status = 404
    message = "There is no such notification."
