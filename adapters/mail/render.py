"""Renders a kind of mail and its variables to a message with a text and an HTML part, from templates/mail/."""

from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import localtime, parseaddr
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from domain.delivery.mail import MailKind, unlinked

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "mail"


class MailRenderer:
    """`sender`: `Name <address>`; the domain of the address also ends each Message-ID."""

    def __init__(self, sender: str) -> None:
        self._name, self._address = parseaddr(sender)
        self._jinja = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            keep_trailing_newline=True,
        )
        self._jinja.filters["unlinked"] = unlinked

    @property
    def sender(self) -> str:
        """The bare address of the sender, for the SMTP envelope."""
        return self._address

    def message_id(self, mail_key: str) -> str:
        """Return the Message-ID. It is stable for a key, so that a mail sent twice can be recognised as one."""
        return f"<{mail_key}@{self._address.rpartition('@')[2]}>"

    def render(
        self, kind: MailKind, *, mail_key: str, recipient: str, locale: str, variables: Mapping[str, object]
    ) -> EmailMessage:
        """Return the complete message; `variables` are those of the template.

        Raises jinja2's errors when one is missing.
        """
        message = EmailMessage()
        message["From"] = Address(self._name, addr_spec=self._address)
        message["To"] = recipient
        message["Date"] = localtime()
        message["Message-ID"] = self.message_id(mail_key)
        message["X-Decode-Kind"] = kind
        message["Auto-Submitted"] = "auto-generated"
        context = {**variables, "locale": locale}
        message["Subject"] = self._part(kind, "subject.txt", context).strip()
        message.set_content(self._part(kind, "body.txt", context))
        message.add_alternative(self._part(kind, "body.html", context), subtype="html")
        return message

    def _part(self, kind: MailKind, part: str, variables: Mapping[str, object]) -> str:
        return self._jinja.get_template(f"{kind}/{part}").render(variables)
