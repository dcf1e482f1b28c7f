"""Hands mails to an SMTP server over a few kept connections, and reads what its answer means."""

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
"""Servers drop idle clients without a word (Postfix: 300 s, some relays 30 s); we drop them first."""
PERMANENT_REPLY = 500
_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")


class DeliveryStatus(StrEnum):
    ACCEPTED = "accepted"
    BOUNCED = "bounced"


@dataclass(frozen=True)
class SmtpResult:
    """What the server said to one mail: taken, or refused for good."""

    status: DeliveryStatus
    reply: str


@dataclass(frozen=True)
class SmtpSettings:
    """`url`: smtp://user:password@host:port, credentials percent-encoded and optional."""

    url: str
    starttls: bool
    tls: bool
    ca_file: Path | None
    connections: int


class SmtpClient:
    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._slots = asyncio.Semaphore(settings.connections)
        self._idle: list[tuple[SMTP, float]] = []

    @property
    def connections(self) -> int:
        return self._settings.connections

    async def send(self, message: EmailMessage, *, recipient: str, sender: str) -> SmtpResult:
        """Deliver to the server. Raises aiosmtplib's errors for everything worth another try."""
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
        """Connect, greet and leave. Raises aiosmtplib's errors."""
        client = await self._connect()
        await client.quit()

    async def close(self) -> None:
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

    What is refused earlier, greeting, sender or password, is our own fault and worth another try.
    """
    refusal = error.recipients[0] if isinstance(error, SMTPRecipientsRefused) else error
    if refusal.code < PERMANENT_REPLY:
        raise refusal
    return SmtpResult(DeliveryStatus.BOUNCED, _without_addresses(f"{refusal.code} {refusal.message}"))


def _without_addresses(reply: str) -> str:
    return _ADDRESS.sub("<address>", reply)
