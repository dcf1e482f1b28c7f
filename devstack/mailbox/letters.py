"""The letters, in memory, oldest first. A restart loses them; past the limit the oldest is dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser

LIMIT = 50_000
KIND_HEADER = "X-Decode-Kind"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as received; sender and recipients are those of the SMTP envelope."""

    id: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    kind: str
    at: datetime
    raw: bytes

    def summary(self) -> dict[str, str]:
        """Return the letter's entry in the list."""
        return {
            "id": self.id,
            "to": ", ".join(self.recipients),
            "subject": self.subject,
            "kind": self.kind,
            "at": self.at.isoformat(),
        }

    def contents(self) -> dict[str, object]:
        """Return the whole letter; `headers` by lower-case name, repeated ones joined by a comma."""
        message = message_from_bytes(self.raw, policy=policy.default)
        headers: dict[str, str] = {}
        for name, value in message.items():
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else str(value)
        return {
            "id": self.id,
            "from": self.sender,
            "to": ", ".join(self.recipients),
            "subject": self.subject,
            "headers": headers,
            "text": _body(message, "plain"),
            "html": _body(message, "html"),
            "raw": self.raw.decode("utf-8", "replace"),
        }


class Letters:
    """The mailbox's store of letters."""

    def __init__(self) -> None:
        self._by_id: dict[str, Letter] = {}
        self._count = 0

    def add(self, raw: bytes, *, sender: str, recipients: Sequence[str]) -> Letter:
        """Store a letter. The same bytes twice are two letters: a duplicate must be visible."""
        headers = BytesHeaderParser(policy=policy.default).parsebytes(raw)
        self._count += 1
        letter = Letter(
            id=str(self._count),
            sender=sender,
            recipients=tuple(recipients),
            subject=str(headers.get("Subject", "")),
            kind=str(headers.get(KIND_HEADER, "")),
            at=datetime.now(UTC),
            raw=raw,
        )
        self._by_id[letter.id] = letter
        if len(self._by_id) > LIMIT:
            del self._by_id[next(iter(self._by_id))]
        return letter

    def list(self, *, to: str | None = None) -> list[Letter]:
        """Return letters, oldest first; with `to`, only those with exactly that recipient, regardless of case."""
        if to is None:
            return [*self._by_id.values()]
        wanted = to.casefold()
        return [letter for letter in self._by_id.values() if wanted in map(str.casefold, letter.recipients)]

    def find(self, letter_id: str) -> Letter | None:
        return self._by_id.get(letter_id)

    def clear(self) -> None:
        self._by_id.clear()


def _body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
