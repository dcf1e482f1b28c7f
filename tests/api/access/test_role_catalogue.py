"""Roles as a process knows them: for ten seconds at most, until a hint or a gap; read again for a new version."""

import pytest

from adapters.mongo.users.access_head import AccessHead
from adapters.redis.session_invalidations import AccessChanged, SessionInvalidations
from adapters.redis.subscriptions import Gap
from api.access.role_catalogue import RoleCatalogue
from domain.users.access import Access
from domain.users.role_graph import RoleGraph
from tests.api.access.test_session_cache import Clock
from tests.support.builders import NOW


class FakeHead(AccessHead):
    """A head whose version the test sets, and which counts how often all roles are read."""

    def __init__(self) -> None:
        self.now, self.asked, self.read_whole = 1, 0, 0

    async def version(self) -> int:
        self.asked += 1
        return self.now

    async def read(self, tx: object = None) -> Access:
        self.read_whole += 1
        return Access(self.now, RoleGraph(), {})


class FakeHints(SessionInvalidations):
    def __init__(self) -> None:
        self.sent: list[int] = []

    async def publish_access_changed(self, version: int) -> None:
        self.sent.append(version)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def head() -> FakeHead:
    return FakeHead()


@pytest.fixture
def hints() -> FakeHints:
    return FakeHints()


@pytest.fixture
async def catalogue(head: FakeHead, hints: FakeHints, clock: Clock) -> RoleCatalogue:
    """A catalogue that has just been read."""
    catalogue = RoleCatalogue(head, hints, clock)
    await catalogue.current()
    return catalogue


@pytest.mark.parametrize(("seconds", "asked"), [(8.9, 1), (9.0, 2)])
async def test_catalogue_is_asked_for_again_within_ten_seconds(
    catalogue: RoleCatalogue, head: FakeHead, clock: Clock, seconds: float, asked: int
) -> None:
    clock.now = seconds
    await catalogue.current()

    assert head.asked == asked


async def test_same_version_is_not_read_again(catalogue: RoleCatalogue, head: FakeHead, clock: Clock) -> None:
    clock.now = 9.0
    await catalogue.current()

    assert head.read_whole == 1


async def test_hint_of_a_newer_version_forgets(catalogue: RoleCatalogue, head: FakeHead) -> None:
    head.now = 2
    catalogue.handle(AccessChanged(2))

    assert (await catalogue.current()).version == 2


async def test_hint_during_a_read_lets_it_be_read_again(
    catalogue: RoleCatalogue, head: FakeHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read_while_it_changes(head: FakeHead) -> Access:
        access = await read(head)
        head.now += 1
        catalogue.handle(AccessChanged(head.now))
        return access

    head.now, read = 2, FakeHead.read
    catalogue.handle(AccessChanged(2))
    with monkeypatch.context() as patch:
        patch.setattr(FakeHead, "read", read_while_it_changes)
        during = await catalogue.current()

    assert (during.version, (await catalogue.current()).version) == (2, 3)


async def test_hint_of_the_version_that_is_known_forgets_nothing(catalogue: RoleCatalogue, head: FakeHead) -> None:
    catalogue.handle(AccessChanged(1))
    await catalogue.current()

    assert head.asked == 1


async def test_gap_in_the_subscription_forgets(catalogue: RoleCatalogue, head: FakeHead) -> None:
    head.now = 2
    catalogue.handle(Gap(NOW))

    assert (await catalogue.current()).version == 2


async def test_own_change_is_known_here_and_told_to_others(
    catalogue: RoleCatalogue, head: FakeHead, hints: FakeHints
) -> None:
    head.now = 2
    await catalogue.announce(2)

    assert ((await catalogue.current()).version, hints.sent) == (2, [2])


async def test_newest_is_asked_for_each_time(catalogue: RoleCatalogue, head: FakeHead) -> None:
    head.now = 2

    assert (await catalogue.newest()).version == 2
