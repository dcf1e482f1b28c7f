"""WebSocket close codes that the server sends and clients act on."""

from enum import IntEnum


class CloseCode(IntEnum):
    """1000 to 1013 are registered at IANA; 4400 to 4429 are private codes (RFC 6455, section 7.4.2)."""

    NORMAL = 1000
    RESTARTING = 1012
    TRY_AGAIN = 1013
    INVALID_INPUT = 4400
    NOT_AUTHENTICATED = 4401
    FORBIDDEN = 4403
    TOO_LATE = 4408
    SESSION_ENDED = 4409
    TOO_MANY = 4429


REASONS = {
    CloseCode.NORMAL: "the client has said goodbye",
    CloseCode.RESTARTING: "the server restarts, please connect again",
    CloseCode.TRY_AGAIN: "too much waits to be sent, or cannot be read now, please connect again and resume",
    CloseCode.INVALID_INPUT: "what is asked for with the opening is not valid, or too many frames are none of ours",
    CloseCode.NOT_AUTHENTICATED: "a valid access token, API key or ticket is required",
    CloseCode.FORBIDDEN: "this page, this account or this API key may not connect",
    CloseCode.TOO_LATE: "not authenticated in time",
    CloseCode.SESSION_ENDED: "the session has ended",
    CloseCode.TOO_MANY: "too many sockets, messages or refused handshakes",
}


class SocketClosed(Exception):
    """Raised to close the socket with this code."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(code.name)
        self.code = code
        self.reason = REASONS[code]
