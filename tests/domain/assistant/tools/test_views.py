from datetime import timedelta
from typing import Any

import pytest

from domain.assistant.tools.results import json_text
from domain.assistant.tools.views import (
    flows_view,
    notifications_view,
    other_profile_view,
    own_profile_view,
    people_view,
    suggestions_view,
)
from domain.flows import FlowKind, FlowState, FlowView
from domain.notifications.notifications import Notification, NotificationType
from domain.paging import Page
from domain.social.interests import Interest
from domain.social.relationships import EdgeCounts, ProfileRelations, RelationCounts, person_summary
from domain.social.suggestions import Suggestion
from tests.support.builders import NOW, USER

FLOW_ID = "u" + "A" * 32
DEVICE = "Firefox 145 on Linux"
NETWORK = "192.0.2.0/24"
BOB = person_summary(USER)
NOTIFICATION = Notification(
    notification_id="b" * 24,
    user_id=USER.user_id,
    seq=7,
    type=NotificationType.SECURITY_ALERT,
    title="Signed in",
    message="You signed in.",
    data={"device": DEVICE, "address_prefix": NETWORK, "event_id": "c" * 24},
    delivered_at=None,
    read_at=NOW,
    created_at=NOW,
)
OPEN = FlowView(FLOW_ID, FlowKind.USERNAME_CHANGE, FlowState.WAITING, expires_at=NOW + timedelta(minutes=10))
CLOSED = FlowView(FLOW_ID, FlowKind.USERNAME_CHANGE, FlowState.COMPLETED)
REVERT = FlowView(FLOW_ID, FlowKind.EMAIL_REVERT, FlowState.WAITING)
VIEWS: dict[str, Any] = {
    "own profile": own_profile_view(USER, EdgeCounts(3, 5), [Interest.AI]),
    "profile": other_profile_view(USER, ProfileRelations(RelationCounts(3, 5, True), False, [BOB])),
    "people": people_view(Page([(BOB, RelationCounts())], 1, None)),
    "suggestions": suggestions_view([Suggestion(0, 1.5, BOB, RelationCounts(mutual_followers_number=2), 0)]),
    "notifications": notifications_view(Page([NOTIFICATION], 1, "7")),
    "flows": flows_view([OPEN, CLOSED, REVERT]),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_view_holds_no_id_address_device_or_secret(view: Any) -> None:
    text = json_text(view)

    hidden = [USER.user_id, USER.email_address, FLOW_ID, DEVICE, NETWORK, NOTIFICATION.notification_id, "c" * 24]
    assert [each for each in hidden if each in text] == []


def test_profile_says_how_both_stand_to_each_other() -> None:
    assert VIEWS["profile"] == {
        "username": "alice",
        "display_name": "Alice",
        "bio": "",
        "member_since": "2026-01-02T03:04:05.000Z",
        "following_number": 3,
        "followers_number": 5,
        "is_following": True,
        "is_follower": False,
        "is_blocked": False,
        "mutual_followers_number": 0,
        "mutual_followers": ["alice"],
    }


def test_notification_has_a_number_and_its_text() -> None:
    (notification,) = VIEWS["notifications"]["notifications"]

    assert notification == {
        "number": 7,
        "type": "security_alert",
        "title": "Signed in",
        "message": "You signed in.",
        "is_read": True,
        "created_at": "2026-01-02T03:04:05.000Z",
    }


def test_open_flows_are_shown_by_kind_state_and_deadline() -> None:
    assert VIEWS["flows"]["flows"] == [
        {"kind": "username_change", "state": "waiting", "deadline": "2026-01-02T03:14:05.000Z"},
        {"kind": "email_change", "state": "waiting", "deadline": None},
    ]


def test_suggestion_whose_reason_is_gone_is_left_out() -> None:
    assert suggestions_view([Suggestion(0, 1.5, BOB, RelationCounts(), 0)]) == {"users": []}
