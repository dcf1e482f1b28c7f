"""Mail, as a fake sends it."""

from temporalio import activity

from activities.delivery.mail import MailOrder
from domain.delivery.mail import MailKind, MailState
from tests.support.polling import eventually
from tests.workflows.fakes.fake_activity import Deed


class FakeMail:
    def __init__(self) -> None:
        self.recorded = Deed[MailOrder, MailState](lambda _: MailState.RENDERED)
        self.sent = Deed[MailOrder, MailState](lambda _: MailState.ACCEPTED)
        self.given_up = Deed[str, MailState](lambda _: MailState.FAILED)

    async def ordered(self, kind: MailKind, number: int = 1) -> MailOrder:
        """The n-th mail of that kind; waits for it."""

        async def found() -> MailOrder | None:
            orders = [order for order in self.recorded.asked if order.kind is kind]
            return orders[number - 1] if len(orders) >= number else None

        return await eventually(found)

    @activity.defn(name="mail.record")
    async def record(self, ask: MailOrder) -> MailState:
        return await self.recorded.play(ask)

    @activity.defn(name="mail.send")
    async def send(self, ask: MailOrder) -> MailState:
        return await self.sent.play(ask)

    @activity.defn(name="mail.give_up")
    async def give_up(self, ask: str) -> MailState:
        return await self.given_up.play(ask)
