"""Activities under the product's names that remember what they were asked and do what the test says."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from temporalio import activity

from activities.codes import CheckCode, CodeActivities
from activities.graph_sync import GraphSyncOrder, SyncedProfile
from activities.mail import MailOrder
from activities.notices import NoticeOrder
from activities.registration import AccountCreated, CreateAccount, HoldUsername, ReleaseUsername
from activities.sweep import FindIntents
from domain.mail import MailState
from domain.registration import Creation
from tests.keys import CODES, HASHES
from workflows.queues import Queue

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


class Deed(Generic[Ask, Answer]):
    """One fake activity: fails as often as told, then waits if told to, then answers."""

    def __init__(self, usual: Callable[[Ask], Answer]) -> None:
        self.asked: list[Ask] = []
        self._usual = usual
        self._next: deque[Callable[[Ask], Answer]] = deque()
        self._failures: deque[Exception] = deque()
        self._lasting_failure: Exception | None = None
        self._gate = asyncio.Event()
        self._gate.set()

    def answers_next(self, *answers: Callable[[Ask], Answer]) -> None:
        """The next answers, in this order; after them the usual one."""
        self._next.extend(answers)

    def always_answers(self, answer: Callable[[Ask], Answer]) -> None:
        self._usual = answer

    def fails(self, error: Exception, *, times: int) -> None:
        self._failures.extend([error] * times)

    def always_fails(self, error: Exception) -> None:
        self._lasting_failure = error

    def hangs(self) -> None:
        """An ask that does not fail waits for `goes_on`."""
        self._gate.clear()

    def goes_on(self) -> None:
        self._gate.set()

    def mend(self) -> None:
        """From now on it answers."""
        self._failures.clear()
        self._lasting_failure = None
        self._gate.set()

    async def play(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        failure = self._failures.popleft() if self._failures else self._lasting_failure
        if failure:
            # Raised many times: without this its traceback grows with each.
            raise failure.with_traceback(None)
        await self._gate.wait()
        answer = self._next.popleft() if self._next else self._usual
        return answer(ask)


def account_of(create: CreateAccount, creation: Creation = Creation.CREATED) -> AccountCreated:
    """What becomes of a flow's account; all ids are derived from the flow, as in the product."""
    user_id = HASHES.object_id(create.owner, "user")
    session_id = HASHES.object_id(create.owner, "session") if create.device else None
    return AccountCreated(creation, user_id, HASHES.workflow_key(user_id), session_id)


class FakeRegistration:
    def __init__(self) -> None:
        self.hold = Deed[HoldUsername, bool](lambda _: True)
        self.release = Deed[ReleaseUsername, None](lambda _: None)
        self.create = Deed[CreateAccount, AccountCreated](account_of)

    def released_by(self) -> set[str]:
        """Who let a name go. A local activity at the end of a flow may run twice: the task with it is repeated."""
        return {release.owner for release in self.release.asked}

    @activity.defn(name="registration.hold_username")
    async def hold_username(self, ask: HoldUsername) -> bool:
        return await self.hold.play(ask)

    @activity.defn(name="registration.release_username")
    async def release_username(self, ask: ReleaseUsername) -> None:
        return await self.release.play(ask)

    @activity.defn(name="registration.create_account")
    async def create_account(self, ask: CreateAccount) -> AccountCreated:
        return await self.create.play(ask)


class FakeCodes:
    """Judges as the product does, with the test keys: codes need no server."""

    def __init__(self) -> None:
        self._real = CodeActivities(CODES)
        self.check_code = Deed[CheckCode, None](lambda _: None)

    @activity.defn(name="codes.check")
    async def check(self, ask: CheckCode) -> bool:
        await self.check_code.play(ask)
        return await self._real.check(ask)


class FakeMail:
    def __init__(self) -> None:
        self.recorded = Deed[MailOrder, MailState](lambda _: MailState.RENDERED)
        self.sent = Deed[MailOrder, MailState](lambda _: MailState.ACCEPTED)
        self.given_up = Deed[str, MailState](lambda _: MailState.FAILED)

    @activity.defn(name="mail.record")
    async def record(self, ask: MailOrder) -> MailState:
        return await self.recorded.play(ask)

    @activity.defn(name="mail.send")
    async def send(self, ask: MailOrder) -> MailState:
        return await self.sent.play(ask)

    @activity.defn(name="mail.give_up")
    async def give_up(self, ask: str) -> MailState:
        return await self.given_up.play(ask)


class FakeGraphSync:
    def __init__(self) -> None:
        self.projected = Deed[str, SyncedProfile | None](lambda user_id: SyncedProfile(user_id, version=1))
        self.marked = Deed[SyncedProfile, bool](lambda _: True)

    @activity.defn(name="graph_sync.project")
    async def project(self, ask: str) -> SyncedProfile | None:
        return await self.projected.play(ask)

    @activity.defn(name="graph_sync.mark_synced")
    async def mark_synced(self, ask: SyncedProfile) -> bool:
        return await self.marked.play(ask)


class FakeSweep:
    def __init__(self) -> None:
        self.found = Deed[FindIntents, list[GraphSyncOrder]](lambda _: [])
        self.found_notices = Deed[FindIntents, list[NoticeOrder]](lambda _: [])
        self.dropped = Deed[datetime, int](lambda _: 0)

    @activity.defn(name="sweep.find_open_syncs")
    async def find_open_syncs(self, ask: FindIntents) -> list[GraphSyncOrder]:
        return await self.found.play(ask)

    @activity.defn(name="sweep.find_open_notices")
    async def find_open_notices(self, ask: FindIntents) -> list[NoticeOrder]:
        return await self.found_notices.play(ask)

    @activity.defn(name="sweep.drop_mail_contents")
    async def drop_mail_contents(self, ask: datetime) -> int:
        return await self.dropped.play(ask)


@dataclass
class Fakes:
    """All activities of the house, new for each test."""

    registration: FakeRegistration = field(default_factory=FakeRegistration)
    codes: FakeCodes = field(default_factory=FakeCodes)
    mail: FakeMail = field(default_factory=FakeMail)
    graph_sync: FakeGraphSync = field(default_factory=FakeGraphSync)
    sweep: FakeSweep = field(default_factory=FakeSweep)

    def activities(self) -> dict[Queue, Sequence[Callable[..., Any]]]:
        """What each queue hosts, as in workers/registry.py."""
        name, mail, graph, sweep = self.registration, self.mail, self.graph_sync, self.sweep
        return {
            Queue.IDENTITY: [
                name.hold_username,
                name.release_username,
                name.create_account,
                self.codes.check,
            ],
            Queue.MAIL: [mail.record, mail.send, mail.give_up],
            Queue.GRAPH: [graph.project, graph.mark_synced],
            Queue.BULK: [sweep.find_open_syncs, sweep.find_open_notices, sweep.drop_mail_contents],
        }

    def mend(self) -> None:
        """All servers are well again."""
        for deed in self._deeds():
            deed.mend()

    def _deeds(self) -> list[Deed[Any, Any]]:
        fakes = (self.registration, self.codes, self.mail, self.graph_sync, self.sweep)
        return [deed for fake in fakes for deed in vars(fake).values() if isinstance(deed, Deed)]
