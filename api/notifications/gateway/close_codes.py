"""Why the server closes a socket: codes that clients act on, as the contract lists them."""

from enum import IntEnum


class CloseCode(IntEnum):
    RESTARTING = 1012
    TRY_AGAIN = 1013
    BAD_FRAMES = 4400
    NOT_AUTHENTICATED = 4401
    FOREIGN_ORIGIN = 4403
    TOO_LATE = 4408
    SESSION_ENDED = 4409
    TOO_MANY = 4429


REASONS = {
    CloseCode.RESTARTING: "the server restarts, please connect again",
    CloseCode.TRY_AGAIN: "too much waits to be sent, or cannot be read now, please connect again and resume",
    CloseCode.BAD_FRAMES: "too many frames that are none of ours",
    CloseCode.NOT_AUTHENTICATED: "a valid access token or ticket is required",
    CloseCode.FOREIGN_ORIGIN: "this page may not connect",
    CloseCode.TOO_LATE: "not authenticated in time",
    CloseCode.SESSION_ENDED: "the session has ended",
    CloseCode.TOO_MANY: "too many sockets or messages",
}


class SocketClosed(Exception):
    """The socket is to be closed with this code."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(code.name)
        self.code = code
        self.reason = REASONS[code]
