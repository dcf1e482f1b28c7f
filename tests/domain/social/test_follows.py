import pytest

from domain.social.errors import CannotTargetSelf, YouBlockThisUser
from domain.social.follows import FollowResult, require_follow_allowed, require_not_self
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
