"""Which events become notifications, and their texts."""

import pytest

from domain.event_specs import EVENT_SPECS
from domain.notifications.notifications import (
    NewNotification,
    NotificationType,
    event_notification,
    notification_for_follow,
)
from domain.social.follows import PendingFollow
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.builders import NOW, USER

NOTIFIED = [kind for kind, spec in EVENT_SPECS.items() if spec.notification]
FOLLOW = PendingFollow("b0" * 12, 7)


def event(kind: EventKind, **details: str) -> SecurityEvent:
    return SecurityEvent("ee" * 12, USER.user_id, kind, NOW, "Laptop", "192.0.2.0/24", details)


def notified(kind: EventKind, **details: str) -> NewNotification:
    words = EVENT_SPECS[kind].notification
    assert words is not None
    return event_notification(event(kind, **details), words)


def test_sign_in_notification_has_the_form_of_old_clients() -> None:
    told = notified(EventKind.SIGNED_IN, app="desk")

    assert (told.type, told.title) == (NotificationType.SESSION_CREATED, "New Login Detected")
    assert told.message == "You just signed in to desk using your decode account"


def test_sign_in_without_a_recorded_app_is_notified_too() -> None:
    assert notified(EventKind.SIGNED_IN).message == "You just signed in to an app using your decode account"


def test_data_says_what_when_and_where_from() -> None:
    assert notified(EventKind.PASSWORD_CHANGED).data == {
        "event_id": "ee" * 12,
        "kind": "password_changed",
        "at": "2026-01-02T03:04:05.000Z",
        "device": "Laptop",
        "address_prefix": "192.0.2.0/24",
    }


def test_event_is_notified_under_its_own_key() -> None:
    assert notified(EventKind.ROLE_CHANGED).dedupe_key == "event:" + "ee" * 12


def test_event_that_needs_attention_is_an_alert() -> None:
    alerts = {kind for kind in NOTIFIED if notified(kind).type is NotificationType.SECURITY_ALERT}

    assert alerts >= {EventKind.SESSION_REUSED, EventKind.PASSWORD_RESET, EventKind.SIGN_IN_ABANDONED}


def test_new_follower_notification_has_the_form_of_old_clients() -> None:
    told = notification_for_follow(FOLLOW, "bob")

    assert (told.type, told.title) == (NotificationType.NEW_FOLLOW, "You have a new follower")
    assert told.message == "bob just followed you"
    assert (told.about, told.data) == ("b0" * 12, {"user_id": "b0" * 12, "username": "bob"})


def test_follow_that_was_made_again_is_another_one() -> None:
    keys = {
        notification_for_follow(follow, "bob").dedupe_key for follow in (FOLLOW, FOLLOW, PendingFollow("b0" * 12, 8))
    }

    assert keys == {f"follow:{'b0' * 12}:7", f"follow:{'b0' * 12}:8"}


@pytest.mark.parametrize("kind", [EventKind.REGISTERED, EventKind.SESSION_REVOKED, EventKind.ACCOUNT_DEACTIVATED])
def test_event_caused_by_its_owner_on_screen_is_not_notified(kind: EventKind) -> None:
    assert EVENT_SPECS[kind].notification is None


@pytest.mark.parametrize("kind", NOTIFIED)
def test_every_wording_can_be_said(kind: EventKind) -> None:
    told = notified(kind)

    assert told.title
    assert "{" not in told.message
