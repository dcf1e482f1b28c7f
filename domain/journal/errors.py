"""Errors of the journal."""

from domain.errors import DecodeError


class EntryNotFound(DecodeError):
    status = 404
    message = "The journal has no entry with this number."
