from datetime import UTC, datetime

import pytest

from domain.journal.occurrences import user_party
from domain.social.errors import CannotTargetSelf, YouBlockThisUser
from domain.social.follows import FollowResult, PendingFollow, follow_created, require_follow_allowed, require_not_self
from domain.users.errors import UserNotFound


def test_oneself_as_target_is_refused() -> None:
    with pytest.raises(CannotTargetSelf):
        require_not_self("a" * 24, "a" * 24)


@pytest.mark.parametrize("is_new", [True, False])
def test_follow_between_two_without_blocks_stands(is_new: bool) -> None:
    assert require_follow_allowed(FollowResult(is_new, blocks_caller=False, is_blocked=False)) is is_new


@pytest.mark.parametrize("is_blocked", [True, False])
def test_user_who_blocks_the_caller_is_not_found_whatever_the_caller_blocks(is_blocked: bool) -> None:
    with pytest.raises(UserNotFound):
        require_follow_allowed(FollowResult(is_new=False, blocks_caller=True, is_blocked=is_blocked))


def test_blocked_user_must_be_unblocked_first() -> None:
    with pytest.raises(YouBlockThisUser):
        require_follow_allowed(FollowResult(is_new=False, blocks_caller=False, is_blocked=True))


def test_edge_is_one_occurrence_whenever_it_is_carried_out() -> None:
    edge = PendingFollow("a" * 24, 1_769_851_800_000)

    first, again = [follow_created(edge, "b" * 24) for _ in range(2)]

    assert first == again
    assert (first.actor, first.subject) == (user_party("a" * 24), user_party("b" * 24))
    assert first.at == datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def test_later_edge_of_the_same_two_is_another_occurrence() -> None:
    ids = {follow_created(PendingFollow("a" * 24, created_at), "b" * 24).occurrence_id for created_at in (1, 2)}

    assert len(ids) == 2
