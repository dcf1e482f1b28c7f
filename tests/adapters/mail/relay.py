"""A mail server for tests that refuses commands as set, and counts its connections."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

from adapters.mail.smtp import SmtpSettings


@dataclass
class Relay:
    """`replies`: the reply in place of the usual one, by stage: MAIL, RCPT, DATA, or `.` at the end of the content.
    `{address}` is the recipient. `takes_utf8`: it offers SMTPUTF8.
    """

    replies: Mapping[str, str] = field(default_factory=dict)
    greeting: str | None = None
    takes_utf8: bool = False
    hangs_up_after_each: bool = False
    port: int = 0
    callers: int = 0
    letters: int = 0

    def server(self, *, connections: int = 1) -> SmtpSettings:
        url = f"smtp://127.0.0.1:{self.port}"
        return SmtpSettings(url, starttls=False, tls=False, ca_file=None, connections=connections)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.replies.get("MAIL", "250 2.1.0 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.replies.get("RCPT", "250 2.1.5 OK").format(address=address)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.letters += 1
        if self.hangs_up_after_each and isinstance(server.transport, asyncio.Transport):
            asyncio.get_running_loop().call_soon(server.transport.close)
        return self.replies.get(".", "250 2.0.0 OK")

    def protocol(self) -> asyncio.Protocol:
        self.callers += 1
        return _Server(self) if self.greeting is None else _Refuser(self)


class _Server(SMTP):
    def __init__(self, relay: Relay) -> None:
        super().__init__(relay, hostname="relay.localhost", enable_SMTPUTF8=relay.takes_utf8)
        self._relay = relay

    async def smtp_DATA(self, arg: str) -> None:
        refusal = self._relay.replies.get("DATA")
        await (self.push(refusal) if refusal else super().smtp_DATA(arg))

    async def push(self, status: str | bytes) -> None:
        """Send as Latin-1: a server is free to send what is not UTF-8."""
        await super().push(status.encode("latin-1") if isinstance(status, str) else status)


class _Refuser(asyncio.Protocol):
    """Refuse the connection with a reply, and close it."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(f"{self._relay.greeting}\r\n".encode())
        transport.close()


@asynccontextmanager
async def listening(relay: Relay) -> AsyncIterator[Relay]:
    """The relay on a free port, until the block ends."""
    server = await asyncio.get_running_loop().create_server(relay.protocol, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
