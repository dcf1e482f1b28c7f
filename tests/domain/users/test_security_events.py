"""The texts of security events."""

from domain.users.security_events import NotificationStyle, account_event, alert


def test_alert_says_what_to_do_if_it_was_not_the_owner() -> None:
    words = alert("Password changed", "Your password was changed.")

    assert words.style is NotificationStyle.ALERT
    assert words.message == "Your password was changed. If this was not you, secure your account."


def test_account_event_only_informs() -> None:
    assert account_event("Role changed", "You have another role.").message == "You have another role."
