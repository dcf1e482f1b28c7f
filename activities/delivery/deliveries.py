"""The delivery of one mail: its record, its attempts, its end. All activities that send a mail share it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from temporalio.exceptions import ApplicationError

from activities.delivery.mail import MailInput
from domain.delivery.mail import UNAUTHENTICATED_KINDS, MailState, NewMail
from domain.delivery.refusals import enhanced_code
from domain.email_address import email_key
from domain.rate_limits import Bucket, Policy

if TYPE_CHECKING:
    from email.message import EmailMessage

    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.crypto.one_time_codes import OneTimeCodes
    from adapters.mail.render import MailRenderer
    from adapters.mail.smtp import Send, SmtpClient
    from adapters.mongo.delivery.mails import MailStore
    from adapters.redis.rate_limits import RateLimits

CLAIM = timedelta(seconds=10)
"""The time of a first try, in which no other attempt begins. A worker that dies in it leaves the mail to the next."""


class Deliveries:
    """Delivers mails, each with one record and one Message-ID, regardless of repeated steps.

    A bounce flags the account only if the address takes no mail: other bounces are of our server. A crash between the
    server's 250 and the record, and only then, sends a mail twice, with the same Message-ID. The record is therefore
    written even when the worker is stopping. `policies`: the limits of mails to one recipient, none when disabled.
    """

    def __init__(
        self,
        mails: "MailStore",
        renderer: "MailRenderer",
        smtp: "SmtpClient",
        codes: "OneTimeCodes",
        hashes: "KeyedHashes",
        rate_limits: "RateLimits",
        policies: Sequence[Policy],
    ) -> None:
        self._mails = mails
        self._renderer = renderer
        self._smtp = smtp
        self._codes = codes
        self._hashes = hashes
        self._rate_limits = rate_limits
        self._policies = policies

    async def record(self, input: MailInput) -> MailState:
        """Render once to check the template, and create the record. Returns its state.

        A mail over the recipient's limit is recorded as suppressed; the caller gets no error.
        """
        self._render(input)
        known = await self._mails.find_state(input.key)
        if known:
            return known
        state = MailState.SUPPRESSED if await self._is_too_many(input) else MailState.RENDERED
        return await self._mails.record(self._new_mail(input), state)

    async def send(self, input: MailInput) -> MailState:
        """Send a recorded mail unless it was sent. Returns its state; raises errors that a retry may solve."""
        state = await self._mails.get_state(input.key)
        if state.is_final:
            return state
        if not await self._mails.start_attempt(input.key, datetime.now(UTC)):
            raise _under_way()
        return await asyncio.shield(self._attempt(input, self._smtp.send))

    async def try_once(self, input: MailInput) -> MailState:
        """Record a mail and send it in one short attempt, unless it was sent. Returns its state, a final one.

        Raises NoConnectionFree, with nothing recorded, where the mail would have to wait for a connection; an error if
        the mail was recorded before and is not settled; after an attempt, errors that a retry may solve.
        """
        return await asyncio.shield(self._try_once(input))

    async def give_up(self, mail_key: str) -> MailState:
        """Record the mail as failed after its deadline, unless it was sent. Returns its state."""
        return await self._mails.give_up(mail_key, datetime.now(UTC))

    async def _try_once(self, input: MailInput) -> MailState:
        async with self._smtp.reserve() as send:
            new = self._new_mail(input)
            if await self._is_too_many(input):
                return _settled(await self._mails.record(new, MailState.SUPPRESSED))
            if await self._mails.record_first_try(new, claimed_until=datetime.now(UTC) + CLAIM):
                return await self._attempt(input, send)
            return _settled(await self._mails.get_state(input.key))

    async def _attempt(self, input: MailInput, send: "Send") -> MailState:
        try:
            return await self._deliver(input, send)
        except Exception as error:
            reply = _without_text(error)
            await self._mails.finish_attempt(input.key, state=MailState.SENDING, reply=reply, now=datetime.now(UTC))
            raise

    async def _deliver(self, input: MailInput, send: "Send") -> MailState:
        message = self._render(input)
        if not input.recipient:
            await self._mails.finish_attempt(input.key, state=MailState.SUPPRESSED, reply="", now=datetime.now(UTC))
            return MailState.SUPPRESSED
        result = await send(message, recipient=input.recipient, sender=self._renderer.sender)
        state, now = MailState(result.status), datetime.now(UTC)
        await self._mails.finish_attempt(input.key, state=state, reply=result.reply, now=now)
        if result.is_bad_address:
            reason = "refused by the mail server"
            await self._mails.flag_address(email_key(input.recipient), reason=reason, at=now)
        return state

    async def _is_too_many(self, input: MailInput) -> bool:
        """Whether the mail exceeds a limit of its recipient. Counted by the mail's key, so a repeat counts once."""
        if not self._policies or not input.recipient or input.kind not in UNAUTHENTICATED_KINDS:
            return False
        buckets = [Bucket(cap, f"{input.kind}:{self._recipient_hash(input)}") for cap in self._policies]
        return not (await self._rate_limits.count_hit(buckets, input.key)).is_allowed

    def _new_mail(self, input: MailInput) -> NewMail:
        message_id, now = self._renderer.message_id(input.key), datetime.now(UTC)
        return NewMail(input.key, input.kind, message_id, self._recipient_hash(input), now)

    def _recipient_hash(self, input: MailInput) -> str:
        return self._hashes.subject_hash(email_key(input.recipient))

    def _render(self, input: MailInput) -> "EmailMessage":
        variables: dict[str, object] = {**input.variables}
        if input.code:
            variables["code"] = self._codes.code(
                flow_id=input.code.flow_id,
                purpose=input.code.purpose,
                issue_no=input.code.issue_no,
                key_id=input.code.key_id,
            )
        return self._renderer.render(
            input.kind, mail_key=input.key, recipient=input.recipient, locale=input.locale, variables=variables
        )


def _settled(state: MailState) -> MailState:
    """Return the state of a mail that was recorded before, if it is final. Otherwise another attempt has the mail."""
    if not state.is_final:
        raise _under_way()
    return state


def _under_way() -> ApplicationError:
    return ApplicationError("another attempt has the mail", type="AttemptUnderWay")


def _without_text(error: Exception) -> str:
    """Return the codes of a reply and the class of the error. The text of a reply may contain addresses."""
    codes = (getattr(error, "code", ""), enhanced_code(str(getattr(error, "message", ""))))
    return " ".join(str(fact) for fact in (*codes, type(error).__name__) if fact)
