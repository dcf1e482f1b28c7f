"""What flows share that wait for a mailed code: steps one at a time, the newest code, the look at the flow.

Each flow's own file has its messages, its `run()` and the steps that no other flow has.
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
    """`purpose` names what the codes are for, `key_id` the key from which they are derived."""

    def __init__(self, flow: FlowProgress, purpose: CodePurpose, *, key_id: str, locale: str) -> None:
        self._flow = flow
        self._purpose = purpose
        self._key_id = key_id
        self._locale = locale
        self._is_decoy = False
        """No code is right, and nothing else tells it from another flow."""
        self._is_prepared_first = flow.state is FlowState.RUNNING
        self._workflow_id = workflow.info().workflow_id
        self._turn = asyncio.Lock()
        """Steps are judged one after the other: a reset brings all of them back at once, in their order."""

    @workflow.query(name="look")
    def get_status(self) -> FlowView:
        return self._flow.view()

    async def _ready(self) -> None:
        """Return once steps can be judged. A flow that begins as `running` asks a store first whether it may be."""
        if self._is_prepared_first:
            await workflow.wait_condition(lambda: self._flow.state is not FlowState.RUNNING)

    async def _judge_code(self, proof: str, asked_at: datetime) -> type[DecodeError] | None:
        """Why the typed code is refused; None for the newest one. `proof` stands for what was typed."""
        return await judge_code(self._flow, CheckCode(self._issue(), proof, is_decoy=self._is_decoy), asked_at)

    def _become_decoy(self) -> type[DecodeError]:
        """Another flow has proved the same address first. From outside it looks like a wrong code from now on."""
        self._is_decoy = True
        self._flow.challenge.is_proved = False
        return self._flow.lock_if_exhausted()

    def _issue(self) -> CodeIssue:
        """The newest code of the leg, which is the only one that is right."""
        return CodeIssue(self._flow.flow_id, self._purpose, self._key_id, self._flow.challenge.issue_no)

    def _code_mail(self, kind: MailKind, recipient: str, variables: Mapping[str, str], *, name: str = "") -> MailInput:
        """The mail that brings the newest code, and is given up when that dies. `name`: which of the flow's mails."""
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
        """One for each of the flow's mails, the same after a reset."""
        return f"{self._workflow_id.replace('/', '.')}.{name}"


class ClientCodeFlow(CodeFlow):
    """A flow that a client begins, and may give up. `body_hash` is that of the request that began it."""

    def __init__(self, flow: FlowProgress, purpose: CodePurpose, *, key_id: str, locale: str, body_hash: str) -> None:
        super().__init__(flow, purpose, key_id=key_id, locale=locale)
        self._body_hash = body_hash
        self._refusal: type[DecodeError] | None = None
        """Why the flow has not begun."""

    @update(name="begun")
    async def wait_started(self, command: FlowCommand) -> FlowAnswer:
        """Answers as soon as the flow waits for its first step, or is refused."""
        await self._ready()
        return build_answer(self._flow, self._body_hash, self._refusal)

    @update(name="cancel")
    async def cancel(self, command: FlowCommand) -> FlowAnswer:
        """End the flow with nothing done."""
        await self._ready()
        refusal = self._judge_cancel()
        if refusal is None:
            async with self._turn:
                refusal = self._flow.cancel()
        return build_answer(self._flow, command.body_hash, refusal)

    def _judge_cancel(self) -> type[DecodeError] | None:
        """Why it is too late to cancel, said without waiting for the step that is under way; None when it is not."""
        return None
