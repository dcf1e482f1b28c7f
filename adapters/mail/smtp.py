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
PERMANENT = 500
_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")


class Delivery(StrEnum):
    ACCEPTED = "accepted"
    BOUNCED = "bounced"


@dataclass(frozen=True)
class Handover:
    """What the server said to one mail: taken, or refused for good."""

    delivery: Delivery
    reply: str


@dataclass(frozen=True)
class SmtpServer:
    """`url`: smtp://user:password@host:port, credentials percent-encoded and optional."""

    url: str
    starttls: bool
    tls: bool
    ca_file: Path | None
    connections: int


class Smtp:
    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._places = asyncio.Semaphore(server.connections)
        self._idle: list[tuple[SMTP, float]] = []

    @property
    def connections(self) -> int:
        return self._server.connections

    async def send(self, message: EmailMessage, *, recipient: str, sender: str) -> Handover:
        """Deliver to the server. Raises aiosmtplib's errors for everything worth another try."""
        async with self._places:
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
            return Handover(Delivery.ACCEPTED, _without_addresses(reply))

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
        url = urlsplit(self._server.url)
        client = SMTP(
            hostname=url.hostname,
            port=url.port,
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=self._server.tls,
            start_tls=self._server.starttls,
            tls_context=self._tls_context(),
            timeout=TIMEOUT_SECONDS,
        )
        await client.connect()
        return client

    def _tls_context(self) -> ssl.SSLContext | None:
        if not (self._server.starttls or self._server.tls):
            return None
        return ssl.create_default_context(cafile=self._server.ca_file)


def _refused(error: SMTPRecipientsRefused | SMTPDataError) -> Handover:
    """A 5xx to this recipient or this mail is final; a 4xx is raised again.

    What is refused earlier, greeting, sender or password, is our own fault and worth another try.
    """
    refusal = error.recipients[0] if isinstance(error, SMTPRecipientsRefused) else error
    if refusal.code < PERMANENT:
        raise refusal
    return Handover(Delivery.BOUNCED, _without_addresses(f"{refusal.code} {refusal.message}"))


def _without_addresses(reply: str) -> str:
    return _ADDRESS.sub("<address>", reply)
