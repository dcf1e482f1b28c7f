"""The base of flows that wait for a mailed code: serialised steps, the newest code, the status query.

Each flow's own file defines its messages, its `run()` and the steps that only it has.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from temporalio import workflow

from activities.codes import CheckCode, CodeIssue
from activities.delivery.mail import MailInput
from domain.codes import CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError
from domain.flow_progress import FlowProgress
from domain.flows import FlowState, FlowView
from workflows.codes import judge_code
from workflows.flows import FlowAnswer, FlowCommand, build_answer
from workflows.handlers import update


class CodeFlow:
    """A flow with mailed codes. `purpose`: what the codes are for; `key_id`: the key they are derived from."""

    def __init__(self, flow: FlowProgress, purpose: CodePurpose, *, key_id: str, locale: str) -> None:
        self._flow = flow
        self._purpose = purpose
        self._key_id = key_id
        self._locale = locale
        self._is_decoy = False
        """A decoy accepts no code; from outside it is otherwise indistinguishable from another flow."""
        self._is_prepared_first = flow.state is FlowState.RUNNING
        self._workflow_id = workflow.info().workflow_id
        self._turn = asyncio.Lock()
        """Serialises the steps: a workflow reset delivers all of them again at once, in their order."""

    @workflow.query(name="look")
    def get_status(self) -> FlowView:
        """Return the flow's state, next step and deadline, as clients see them."""
        return self._flow.view()

    async def _ready(self) -> None:
        """Return once steps can be handled. A flow that begins as `running` first reserves its place in a store."""
        if self._is_prepared_first:
            await workflow.wait_condition(lambda: self._flow.state is not FlowState.RUNNING)

    async def _judge_code(self, proof: str, asked_at: datetime) -> type[DecodeError] | None:
        """Return the refusal of a typed code; None if it is the newest one. `proof` is its keyed hash."""
        return await judge_code(self._flow, self._check(proof), asked_at)

    def _check(self, proof: str) -> CheckCode:
        return CheckCode(self._issue(), proof, is_decoy=self._is_decoy)

    def _become_decoy(self) -> type[DecodeError]:
        """Become a decoy, as another flow has verified the same address first. Returns the refusal of a wrong code."""
        self._is_decoy = True
        self._flow.challenge.is_proved = False
        return self._flow.lock_if_exhausted()

    def _issue(self) -> CodeIssue:
        """Return the newest code of the leg, the only one accepted."""
        return CodeIssue(self._flow.flow_id, self._purpose, self._key_id, self._flow.challenge.issue_no)

    def _code_mail(self, kind: MailKind, recipient: str, variables: Mapping[str, str], *, name: str = "") -> MailInput:
        """Return the mail with the newest code, given up when it expires. `name`: which of the flow's mails it is."""
        issue = self._issue()
        return MailInput(
            key=self._mail_key(name or f"code-{issue.issue_no}"),
            kind=kind,
            recipient=recipient,
            locale=self._locale,
            variables=dict(variables),
            code=issue,
            give_up_at=self._flow.challenge.expires_at,
        )

    def _mail_key(self, name: str) -> str:
        """Return the key of one of the flow's mails, the same after a reset."""
        return f"{self._workflow_id.replace('/', '.')}.{name}"


class ClientCodeFlow(CodeFlow):
    """A flow that a client starts and may cancel. `body_hash`: the hash of the start request's body."""

    def __init__(self, flow: FlowProgress, purpose: CodePurpose, *, key_id: str, locale: str, body_hash: str) -> None:
        super().__init__(flow, purpose, key_id=key_id, locale=locale)
        self._body_hash = body_hash
        self._refusal: type[DecodeError] | None = None
        """Why the flow did not start; None when it did."""

    @update(name="begun")
    async def wait_started(self, command: FlowCommand) -> FlowAnswer:
        """Answer as soon as the flow waits for its first step, or is refused."""
        await self._ready()
        return build_answer(self._flow, self._body_hash, self._refusal)

    @update(name="cancel")
    async def cancel(self, command: FlowCommand) -> FlowAnswer:
        """Cancel the flow, which then has no effect."""
        await self._ready()
        refusal = self._judge_cancel()
        if refusal is None:
            async with self._turn:
                refusal = self._flow.cancel(command.request_id)
        return build_answer(self._flow, command.body_hash, refusal)

    def _judge_cancel(self) -> type[DecodeError] | None:
        """Return why it is too late to cancel, else None. Does not wait for a step in progress."""
        return None
