"""Sends mails, each with one record and one Message-ID, however often a step is repeated."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.codes import CodeIssue
from domain.delivery.mail import ASKED_BY_STRANGERS, MailKind, MailState
from domain.email_address import email_key
from domain.rate_limits import Bucket, Policy

if TYPE_CHECKING:
    from email.message import EmailMessage

    from adapters.crypto.codes import Codes
    from adapters.crypto.hashes import Hashes
    from adapters.mail.render import Renderer
    from adapters.mail.smtp import Smtp
    from adapters.mongo.delivery.mails import MailStore
    from adapters.redis.rate_limits import RateLimits


@dataclass(frozen=True)
class MailOrder:
    """`key` names the mail for good. A code mail names its code by `code`; the code itself is derived
    when the mail is rendered. `give_up_at` ends the tries: a code that has died need not arrive. The mail of a decoy
    has an empty `recipient`: it takes the same steps and is handed to nobody.
    """

    key: str
    kind: MailKind
    recipient: str
    variables: dict[str, str] = field(default_factory=dict)
    locale: str = "en"
    code: CodeIssue | None = None
    give_up_at: datetime | None = None


class MailActivities:
    def __init__(
        self,
        mails: "MailStore",
        renderer: "Renderer",
        smtp: "Smtp",
        codes: "Codes",
        hashes: "Hashes",
        rates: "RateLimits",
        caps: Sequence[Policy],
    ) -> None:
        self._mails = mails
        self._renderer = renderer
        self._smtp = smtp
        self._codes = codes
        self._hashes = hashes
        self._rates = rates
        self._caps = caps

    @activity.defn(name="mail.record")
    async def record(self, order: MailOrder) -> MailState:
        """Render once to prove the template, and make the record. Returns its state.

        A mail too many for its recipient is recorded as suppressed, and nobody is told.
        """
        self._render(order)
        known = await self._mails.find_state(order.key)
        if known:
            return known
        recipient_hash = self._hashes.subject(email_key(order.recipient))
        is_too_many = await self._is_too_many(order, recipient_hash)
        return await self._mails.record(
            order.key,
            kind=order.kind,
            message_id=self._renderer.message_id(order.key),
            recipient_hash=recipient_hash,
            now=datetime.now(UTC),
            state=MailState.SUPPRESSED if is_too_many else MailState.RENDERED,
        )

    @activity.defn(name="mail.send")
    async def send(self, order: MailOrder) -> MailState:
        """Hand over to the SMTP server, unless that has happened. Raises for what is worth another try.

        Between the server's 250 and the record lies the one moment in which a crash sends twice; the
        Message-ID is the same then. The record is therefore written even when the worker is stopping.
        """
        state = await self._mails.state(order.key)
        if state.is_final:
            return state
        await self._mails.begin_try(order.key, datetime.now(UTC))
        try:
            return await asyncio.shield(self._hand_over(order))
        except Exception as error:
            # Texts of mail servers hold addresses: the record of a failed try keeps code and class alone.
            reply = f"{getattr(error, 'code', '')} {type(error).__name__}".strip()
            await self._mails.end_try(order.key, state=MailState.SENDING, reply=reply, now=datetime.now(UTC))
            raise

    @activity.defn(name="mail.give_up")
    async def give_up(self, key: str) -> MailState:
        """The deadline has passed: say so in the record, unless the mail did get through."""
        state = await self._mails.state(key)
        if not state.is_final:
            state = MailState.FAILED
            await self._mails.end_try(key, state=state, reply="gave up", now=datetime.now(UTC))
        return state

    async def _is_too_many(self, order: MailOrder, recipient_hash: str) -> bool:
        """Counted by the mail's key: asked again after a crash, it is the same mail."""
        if not self._caps or not order.recipient or order.kind not in ASKED_BY_STRANGERS:
            return False
        buckets = [Bucket(cap, f"{order.kind}:{recipient_hash}") for cap in self._caps]
        return not (await self._rates.take(buckets, order.key)).is_allowed

    async def _hand_over(self, order: MailOrder) -> MailState:
        message = self._render(order)
        if not order.recipient:
            await self._mails.end_try(order.key, state=MailState.SUPPRESSED, reply="", now=datetime.now(UTC))
            return MailState.SUPPRESSED
        handover = await self._smtp.send(message, recipient=order.recipient, sender=self._renderer.sender)
        state, now = MailState(handover.delivery), datetime.now(UTC)
        await self._mails.end_try(order.key, state=state, reply=handover.reply, now=now)
        if state is MailState.BOUNCED:
            reason = "refused by the mail server"
            await self._mails.flag_address(email_key(order.recipient), reason=reason, at=now)
        return state

    def _render(self, order: MailOrder) -> "EmailMessage":
        variables: dict[str, object] = {**order.variables}
        if order.code:
            variables["code"] = self._codes.code(
                flow_id=order.code.flow_id,
                purpose=order.code.purpose,
                issue_no=order.code.issue_no,
                key_id=order.code.key_id,
            )
        return self._renderer.render(
            order.kind, key=order.key, recipient=order.recipient, locale=order.locale, variables=variables
        )
