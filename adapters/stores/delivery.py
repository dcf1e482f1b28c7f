"""Stores of delivery: records of mails, the renderer of templates, the SMTP client."""

from dataclasses import dataclass

from adapters.mail.render import MailRenderer
from adapters.mail.smtp import SmtpClient, SmtpSettings
from adapters.mongo.delivery.mails import MailStore
from adapters.stores.journal import JournalStores
from adapters.stores.opening import Opening
from config.settings import Settings, SmtpTls


@dataclass(frozen=True)
class DeliveryStores:
    """Records of mails, their renderer, and the client of the mail server."""

    mails: MailStore
    mail_renderer: MailRenderer
    smtp: SmtpClient


def open_delivery(opening: Opening, journal: JournalStores) -> DeliveryStores:
    """Return the stores of delivery. The SMTP client connects when the first mail is sent."""
    smtp = SmtpClient(_smtp_server(opening.settings))
    opening.stack.push_async_callback(smtp.close)
    return DeliveryStores(
        mails=MailStore(opening.clients.mongo, opening.clients.database, journal.occurrences),
        mail_renderer=MailRenderer(opening.settings.mail_from),
        smtp=smtp,
    )


def _smtp_server(settings: Settings) -> SmtpSettings:
    return SmtpSettings(
        url=settings.smtp_url.get_secret_value(),
        starttls=settings.smtp_tls is SmtpTls.STARTTLS,
        tls=settings.smtp_tls is SmtpTls.TLS,
        ca_file=settings.smtp_ca_file,
        connections=settings.smtp_connections,
    )
