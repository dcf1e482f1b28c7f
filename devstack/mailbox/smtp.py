"""The SMTP side: STARTTLS and AUTH as a real relay requires them, and the faults."""

import asyncio
import hmac
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from devstack.mailbox.certificate import CertificateFiles
from devstack.mailbox.faults import Faults, Mode
from devstack.mailbox.letters import Letters

SIZE_LIMIT_BYTES = 10_000_000
# Longer than any client waits, so that the client gives up, not the server.
HANG_SECONDS = 3600
REPLIES = {
    Mode.REJECT_4XX: "451 4.3.0 Not now, try again later (a fault set on the mailbox)",
    Mode.REJECT_5XX: "550 5.1.1 No such recipient (a fault set on the mailbox)",
}


@dataclass(slots=True)
class Mailbox:
    """The state that the SMTP and the HTTP side share."""

    letters: Letters = field(default_factory=Letters)
    faults: Faults = field(default_factory=Faults)


@dataclass(frozen=True, slots=True)
class Credentials:
    user: str
    password: str


class LetterHandler:
    """The handler of aiosmtpd, which calls these methods by name."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        fault = self._mailbox.faults
        if fault.mode in REPLIES and fault.strikes([address]) is not Mode.NONE:
            return REPLIES[fault.mode]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        fault = self._mailbox.faults
        struck = Mode.NONE if fault.mode in REPLIES else fault.strikes(envelope.rcpt_tos)
        if struck is Mode.HANG:
            # Ended by the client: its disconnect cancels this.
            await asyncio.sleep(HANG_SECONDS)
            return "451 4.4.2 Waited too long"
        letter = self._mailbox.letters.add(
            envelope.original_content or b"", sender=envelope.mail_from or "", recipients=envelope.rcpt_tos
        )
        if struck is Mode.CLOSE_AFTER_DATA and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return f"250 2.0.0 Kept as {letter.id}"


def smtp_protocol(mailbox: Mailbox, *, files: CertificateFiles, credentials: Credentials) -> Callable[[], SMTP]:
    """Return a factory of one protocol per connection, for `loop.create_server`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        right = isinstance(data, LoginPassword) and _matches(data, credentials)
        # `handled=False`: the answer to the client is left to aiosmtpd.
        return AuthResult(success=right, handled=False)

    return lambda: SMTP(
        LetterHandler(mailbox),
        hostname="mailbox.localhost",
        ident="Decode mailbox",
        data_size_limit=SIZE_LIMIT_BYTES,
        enable_SMTPUTF8=True,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    )


def _matches(data: LoginPassword, credentials: Credentials) -> bool:
    user = hmac.compare_digest(data.login, credentials.user.encode())
    return hmac.compare_digest(data.password, credentials.password.encode()) and user
