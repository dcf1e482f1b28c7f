"""The table of everything that can run: queue → workflows and activities."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from activities.codes import CodeActivities
from activities.graph_sync import GraphSyncActivities
from activities.mail import MailActivities
from activities.registration import RegistrationActivities
from activities.sweep import SweepActivities
from adapters.resources import Resources
from workflows.graph_sync import GraphSync
from workflows.mail import Mail
from workflows.queues import Queue
from workflows.registration import Registration
from workflows.sweep import Sweep


@dataclass(frozen=True)
class Shift:
    """What the worker of one queue hosts, and how many activities it runs at a time."""

    workflows: Sequence[type]
    activities: Sequence[Callable[..., Any]]
    slots: int


WORKFLOWS: Sequence[type] = (Registration, Mail, GraphSync, Sweep)


def shifts(resources: Resources) -> dict[Queue, Shift]:
    """Every queue with its work. The slots of `mail` are the connections to the mail server."""
    registration = RegistrationActivities(resources.registrations, resources.users, resources.hashes)
    codes = CodeActivities(resources.codes)
    mail = MailActivities(
        mails=resources.mails,
        users=resources.users,
        renderer=resources.renderer,
        smtp=resources.smtp,
        codes=resources.codes,
        hashes=resources.hashes,
    )
    graph_sync = GraphSyncActivities(resources.users, resources.graph_users)
    sweep = SweepActivities(resources.users, resources.mails, resources.hashes)
    return {
        Queue.IDENTITY: Shift(
            [Registration],
            [
                registration.hold_username,
                registration.release_username,
                registration.create_account,
                codes.check,
            ],
            slots=100,
        ),
        Queue.MAIL: Shift([Mail], [mail.record, mail.send, mail.give_up], slots=resources.smtp.connections),
        Queue.GRAPH: Shift([GraphSync], [graph_sync.project, graph_sync.mark_synced], slots=50),
        Queue.BULK: Shift([Sweep], [sweep.find_open_syncs, sweep.drop_mail_contents], slots=4),
    }
