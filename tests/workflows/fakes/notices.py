"""The notices of security events, as a fake writes and sends them."""

from temporalio import activity

from activities.delivery.mail import MailInput
from activities.users.security_notices import NoticeInput
from domain.delivery.mail import MailKind, MailState
from tests.workflows.fakes.fake_activity import FakeActivity
from tests.workflows.fakes.mail import FakeMail


def mail_for_notice(order: NoticeInput) -> MailInput:
    return MailInput(f"notice.{order.event_key}", MailKind.PASSWORD_CHANGED, "ann@people.test")


class FakeNotices:
    def __init__(self, mail: FakeMail) -> None:
        self._mail = mail
        self.written = FakeActivity[NoticeInput, MailInput | None](mail_for_notice)
        self.closed = FakeActivity[str, None](lambda _: None)

    @activity.defn(name="notices.deliver")
    async def deliver(self, command: NoticeInput) -> MailState:
        order = await self.written.call(command)
        state = await self._mail.deliver(order) if order else MailState.SUPPRESSED
        await self.closed.call(command.event_id)
        return state

    @activity.defn(name="notices.write")
    async def write(self, command: NoticeInput) -> MailInput | None:
        return await self.written.call(command)

    @activity.defn(name="notices.close")
    async def close(self, command: str) -> None:
        return await self.closed.call(command)
