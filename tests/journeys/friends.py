"""The journey of three users who follow, suggest and block: Ann follows Ben, Ben follows Cay."""

from collections.abc import AsyncIterator, Iterable
from typing import Protocol, TypeVar

from decode_client import DecodeClient
from decode_client.generated.answers import LikeMindedView, SuggestionView
from tests.journeys.steps import Apps, Member, Step, refused
from tests.support.mailbox import Mailbox
from tests.support.polling import eventually


class Listed(Protocol):
    """A user in a list."""

    user_id: str


Row = TypeVar("Row", bound=Listed)


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    ann, ben, cay = [await apps.register(mailbox) for _ in range(3)]
    assert await _follow(ann, ben) is True
    assert await _follow(ann, ben) is False
    yield Step("follow a user who has just registered, once", ann.flow_id)

    await _follow(ben, cay)
    suggested = await eventually(lambda: _suggested(ann.app, cay))
    assert suggested.suggestion_reason == "Followed by 1 whom you follow"
    yield Step("a friend's friend is suggested, and why")

    await _follow(ann, cay)
    assert _row_of(ann, (await cay.app.relationships.list_own_followers()).users)
    assert _row_of(ben, (await ann.app.relationships.list_mutual_followers(cay.user_id)).users)
    yield Step("follow them; the friend is a follower whom one knows")

    for member in (ben, cay):
        await member.app.interests.replace(interest=["open_source", "esports"])
    found = await eventually(lambda: _like_minded(cay.app, ben))
    assert found.shared_interests == ["esports", "open_source"]
    yield Step("a user with the same interests is found")

    await cay.app.relationships.block(user_id_to=ann.user_id)
    with refused("UserNotFound"):
        await ann.app.profiles.get(cay.user_id)
    assert _row_of(cay, (await ann.app.relationships.list_own_followings()).users) is None
    assert await _suggested(ann.app, cay) is None
    yield Step("who is blocked meets the blocker nowhere")

    await cay.app.relationships.unblock(ann.user_id)
    assert await _follow(ann, cay) is True
    yield Step("unblocked, they may follow again")


async def _follow(actor: Member, target: Member) -> bool:
    """Whether that was new."""
    return (await actor.app.relationships.follow(user_id_to=target.user_id)).changed


async def _suggested(app: DecodeClient, member: Member) -> SuggestionView | None:
    return _row_of(member, (await app.suggestions.list(limit=100)).users)


async def _like_minded(app: DecodeClient, member: Member) -> LikeMindedView | None:
    return _row_of(member, (await app.interests.list_like_minded(limit=100)).users)


def _row_of(member: Member, rows: Iterable[Row]) -> Row | None:
    """Return a user's row in a list."""
    return next((row for row in rows if row.user_id == member.user_id), None)
