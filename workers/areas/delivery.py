"""Workflows and activities of delivery."""

from collections.abc import Mapping, Sequence

from activities.delivery.deliveries import Deliveries
from activities.delivery.mail import MailActivities
from adapters.resources import Resources
from workers.hosted import Hosted
from workflows.delivery.mail import Mail
from workflows.queues import Queue

WORKFLOWS: Mapping[Queue, Sequence[type]] = {
    Queue.MAIL: [Mail],
}


def hosted(resources: Resources) -> Sequence[Hosted]:
    """Return the activities of delivery with their queues. A flow tries its mails on its own queue."""
    mail = MailActivities(deliveries(resources))
    return [Hosted(Queue.IDENTITY, [mail.deliver]), Hosted(Queue.MAIL, [mail.record, mail.send, mail.give_up])]


def deliveries(resources: Resources) -> Deliveries:
    """Return what delivers mails, for the activities of every area that send one."""
    return Deliveries(
        mails=resources.delivery.mails,
        renderer=resources.delivery.mail_renderer,
        smtp=resources.delivery.smtp,
        codes=resources.codes,
        hashes=resources.hashes,
        rate_limits=resources.rate_limits,
        policies=resources.policies.mails if resources.policies.is_enabled else (),
    )
