"""Sends mails to an SMTP server over a few kept connections, and classifies its answers."""

import asyncio
import re
import ssl
import time
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP, SMTPDataError, SMTPRecipientsRefused

TIMEOUT_SECONDS = 20
IDLE_SECONDS = 20
"""Servers drop idle clients without notice (Postfix: 300 s, some relays 30 s); we close first."""
PERMANENT_REPLY = 500
_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")


class DeliveryStatus(StrEnum):
    """The server's final answer to one mail: accepted, or refused for good (5xx)."""

    ACCEPTED = "accepted"
    BOUNCED = "bounced"


@dataclass(frozen=True)
class SmtpResult:
    """The server's final answer to one mail. `reply` has no mail addresses."""

    status: DeliveryStatus
    reply: str


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
        """Send the message and return the server's answer. Raises aiosmtplib's errors for what is worth a retry."""
        async with self._slots:
            client = await self._connection()
            try:
                _, reply = await client.send_message(message, sender=sender, recipients=[recipient])
            except (SMTPRecipientsRefused, SMTPDataError) as error:
                client.close()
                return _refused(error)
            except BaseException:
                client.close()
                raise
            self._idle.append((client, time.monotonic()))
            return SmtpResult(DeliveryStatus.ACCEPTED, _without_addresses(reply))

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


def _refused(error: SMTPRecipientsRefused | SMTPDataError) -> SmtpResult:
    """A 5xx to this recipient or this mail is final; a 4xx is raised again.

    An earlier refusal (greeting, sender, password) is a fault of the configuration and worth a retry.
    """
    refusal = error.recipients[0] if isinstance(error, SMTPRecipientsRefused) else error
    if refusal.code < PERMANENT_REPLY:
        raise refusal
    return SmtpResult(DeliveryStatus.BOUNCED, _without_addresses(f"{refusal.code} {refusal.message}"))


def _without_addresses(reply: str) -> str:
    return _ADDRESS.sub("<address>", reply)
