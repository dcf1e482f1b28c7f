"""Mail, as a fake sends it."""

from temporalio import activity

from activities.delivery.mail import MailInput
from domain.delivery.mail import MailKind, MailState
from tests.support.polling import eventually
from tests.workflows.fakes.fake_activity import FakeActivity


class FakeMail:
    def __init__(self) -> None:
        self.recorded = FakeActivity[MailInput, MailState](lambda _: MailState.RENDERED)
        self.sent = FakeActivity[MailInput, MailState](lambda _: MailState.ACCEPTED)
        self.given_up = FakeActivity[str, MailState](lambda _: MailState.FAILED)

    async def ordered(self, kind: MailKind, number: int = 1) -> MailInput:
        """The n-th mail of that kind; waits for it."""

        async def found() -> MailInput | None:
            orders = [order for order in self.recorded.calls if order.kind is kind]
            return orders[number - 1] if len(orders) >= number else None

        return await eventually(found)

    @activity.defn(name="mail.deliver")
    async def deliver(self, command: MailInput) -> MailState:
        state = await self.recorded.call(command)
        return state if state.is_final else await self.sent.call(command)

    @activity.defn(name="mail.record")
    async def record(self, command: MailInput) -> MailState:
        return await self.recorded.call(command)

    @activity.defn(name="mail.send")
    async def send(self, command: MailInput) -> MailState:
        return await self.sent.call(command)

    @activity.defn(name="mail.give_up")
    async def give_up(self, command: str) -> MailState:
        return await self.given_up.call(command)
