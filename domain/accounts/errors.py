"""Errors of the accounts area."""

from domain.errors import DecodeError


class UsernameTaken(DecodeError):
    status = 409
    message = "This username is not available."


class UsernameCooldown(DecodeError):
    status = 409
    message = "The username was changed less than 30 days ago."


class EmailChangeBarred(DecodeError):
    status = 409
    message = "The address was taken back less than 7 days ago. It cannot be changed before."
