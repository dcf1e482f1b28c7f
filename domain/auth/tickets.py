"""Tickets: secrets that open one WebSocket each, in place of the access token of the session that has created them."""

from datetime import timedelta

TICKET_TTL = timedelta(seconds=30)
TICKET_PURPOSE = "socket"
