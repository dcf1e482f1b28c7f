"""Sends mails to an SMTP server over a few kept connections, and classifies its answers."""

import asyncio
import re
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPTimeoutError,
)

from domain.delivery.refusals import is_bad_address

TIMEOUT_SECONDS = 20
FIRST_TRY_SECONDS = 8
"""A flow waits no longer for the first try of its mail."""
IDLE_SECONDS = 20
"""Servers drop idle clients without notice (Postfix: 300 s, some relays 30 s); we close first."""
_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")


class NoConnectionFree(SMTPException):
    """All connections are in use, and the mail was not to wait for one."""


class DeliveryStatus(StrEnum):
    """The end of one mail: accepted, or no retry can help."""

    ACCEPTED = "accepted"
    BOUNCED = "bounced"


@dataclass(frozen=True)
class SmtpResult:
    """The end of one mail. `reply`: the server's, or the reason why it was not asked; has no mail addresses.

    `is_bad_address`: it bounced because the address takes no mail, whichever server sends it.
    """

    status: DeliveryStatus
    reply: str
    is_bad_address: bool = False


class Send(Protocol):
    """Sends one message and returns its end. Raises aiosmtplib's errors for what is worth a retry."""

    async def __call__(self, message: EmailMessage, *, recipient: str, sender: str) -> SmtpResult:
        """Send the message to one recipient."""


@dataclass(frozen=True)
class SmtpSettings:
    """`url`: smtp://user:password@host:port, credentials percent-encoded and optional.

    `ca_file`: certificates to trust instead of the system's. `connections`: the most that are open at once.
    """

    url: str
    starttls: bool
    tls: bool
    ca_file: Path | None
    connections: int


class SmtpClient:
    """A pool of SMTP connections, opened on demand and reused for IDLE_SECONDS."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._slots = asyncio.Semaphore(settings.connections)
        self._idle: list[tuple[SMTP, float]] = []

    @property
    def connections(self) -> int:
        """The most mails that are sent at the same time."""
        return self._settings.connections

    async def send(self, message: EmailMessage, *, recipient: str, sender: str) -> SmtpResult:
        """Send the message once a connection is free, and return its end.

        Raises aiosmtplib's errors for what is worth a retry.
        """
        async with self._slots:
            return await self._send(message, recipient=recipient, sender=sender)

    @asynccontextmanager
    async def reserve(self) -> AsyncIterator[Send]:
        """Reserve a connection during the block, for a `send` that ends within FIRST_TRY_SECONDS.

        Raises NoConnectionFree instead of waiting for one.
        """
        if self._slots.locked():
            raise NoConnectionFree("all connections are in use")
        async with self._slots:
            yield self._send_quickly

    async def _send_quickly(self, message: EmailMessage, *, recipient: str, sender: str) -> SmtpResult:
        try:
            async with asyncio.timeout(FIRST_TRY_SECONDS):
                return await self._send(message, recipient=recipient, sender=sender)
        except TimeoutError:
            raise SMTPTimeoutError("no answer in time") from None

    async def _send(self, message: EmailMessage, *, recipient: str, sender: str) -> SmtpResult:
        client = await self._connection()
        try:
            reply = await _hand_over(client, message, recipient=recipient, sender=sender)
        except BaseException as error:
            client.close()
            bounce = _bounce(error, recipient)
            if bounce is None:
                raise
            return bounce
        self._idle.append((client, time.monotonic()))
        return SmtpResult(DeliveryStatus.ACCEPTED, _recordable(reply))

    async def ping(self) -> None:
        """Connect, greet and quit. Raises aiosmtplib's errors."""
        client = await self._connect()
        await client.quit()

    async def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop()[0].close()

    async def _connection(self) -> SMTP:
        while self._idle:
            client, since = self._idle.pop()
            if client.is_connected and time.monotonic() - since < IDLE_SECONDS:
                return client
            client.close()
        return await self._connect()

    async def _connect(self) -> SMTP:
        url = urlsplit(self._settings.url)
        client = SMTP(
            hostname=url.hostname,
            port=url.port,
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=self._settings.tls,
            start_tls=self._settings.starttls,
            tls_context=self._tls_context(),
            timeout=TIMEOUT_SECONDS,
        )
        await client.connect()
        return client

    def _tls_context(self) -> ssl.SSLContext | None:
        if not (self._settings.starttls or self._settings.tls):
            return None
        return ssl.create_default_context(cafile=self._settings.ca_file)


async def _hand_over(client: SMTP, message: EmailMessage, *, recipient: str, sender: str) -> str:
    """Return the server's reply. Raises aiosmtplib's errors, and ValueError for an address that it cannot send."""
    try:
        _, reply = await client.send_message(message, sender=sender, recipients=[recipient])
    except SMTPRecipientsRefused as refused:
        raise refused.recipients[0] from None
    return reply


def _bounce(error: BaseException, recipient: str) -> SmtpResult | None:
    """Return the end of a mail that no retry can help; None for any other error."""
    if isinstance(error, ValueError):
        return SmtpResult(DeliveryStatus.BOUNCED, "the address is malformed", is_bad_address=True)
    if isinstance(error, SMTPNotSupported) and not recipient.isascii():
        # RFC 6531 §3.5: such a mail is returned as undeliverable. Another server may take it.
        return SmtpResult(DeliveryStatus.BOUNCED, "SMTPUTF8 is not offered")
    if not isinstance(error, SMTPRecipientRefused | SMTPDataError):
        return None
    if not is_bad_address(error.code, error.message, to_recipient=isinstance(error, SMTPRecipientRefused)):
        return None
    return SmtpResult(DeliveryStatus.BOUNCED, _recordable(f"{error.code} {error.message}"), is_bad_address=True)


def _recordable(reply: str) -> str:
    """Return the reply without mail addresses, and without the surrogates that stand for bytes that are not UTF-8."""
    return _ADDRESS.sub("<address>", reply.encode(errors="replace").decode())
