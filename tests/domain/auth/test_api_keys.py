"""Rules of API keys: when one is in force, which secrets work, where from, and how it is changed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.auth.api_keys import ApiKey, DayOfUse, KeyChange, KeyLimit, KeySecret, days_of_use, is_scope, parse_network
from domain.errors import InvalidInput
from domain.users.permissions import PERMISSIONS
from tests.support.builders import API_KEY, USER

NOW = USER.created_at
OLD, NEW, NEWEST = b"old", b"new", b"newest"
KEY = replace(API_KEY, secrets=[KeySecret(OLD, NOW)])
HOUR = timedelta(hours=1)


def test_key_in_force_is_one_of_this_owner_and_moment() -> None:
    assert KEY.is_in_force(USER, NOW)


@pytest.mark.parametrize(
    ("key", "owner"),
    [
        (replace(KEY, revoked_at=NOW), USER),
        (replace(KEY, expires_at=NOW), USER),
        (KEY, replace(USER, is_active=False)),
        (KEY, replace(USER, session_epoch=USER.session_epoch + 1)),
        (KEY, replace(USER, user_id="1" * 24)),
    ],
    ids=["revoked", "expired", "owner deactivated", "all sessions ended", "another user"],
)
def test_key_has_ended_with_what_it_depends_on(key: ApiKey, owner: object) -> None:
    assert not key.is_in_force(owner, NOW)  # type: ignore[arg-type]


def test_rotated_key_takes_both_secrets_until_the_overlap_ends() -> None:
    rotated = KEY.rotated(NEW, HOUR, NOW)

    assert rotated.has_secret(OLD, NOW + HOUR - timedelta(seconds=1))
    assert not rotated.has_secret(OLD, NOW + HOUR)
    assert rotated.has_secret(NEW, NOW + HOUR)


def test_rotation_without_overlap_ends_the_old_secret_at_once() -> None:
    assert not KEY.rotated(NEW, timedelta(0), NOW).has_secret(OLD, NOW)


def test_second_rotation_ends_the_oldest_secret_at_once() -> None:
    rotated = KEY.rotated(NEW, HOUR, NOW).rotated(NEWEST, HOUR, NOW)

    assert [rotated.has_secret(secret, NOW) for secret in (OLD, NEW, NEWEST)] == [False, True, True]


@pytest.mark.parametrize(
    ("networks", "address", "is_allowed"),
    [
        ([], "unknown", True),
        (["203.0.113.0/24"], "203.0.113.9", True),
        (["203.0.113.0/24"], "203.0.114.9", False),
        (["203.0.113.0/24"], "::ffff:203.0.113.9", True),
        (["203.0.113.0/24", "2001:db8::/32"], "2001:db8::1", True),
        (["2001:db8::/32"], "203.0.113.9", False),
        (["0.0.0.0/0"], "no address", False),
    ],
)
def test_key_is_used_from_its_networks_alone(networks: list[str], address: str, is_allowed: bool) -> None:
    assert replace(KEY, networks=networks).allows_address(address) is is_allowed


def test_change_takes_scopes_and_leaves_the_rest() -> None:
    assert KeyChange(scopes=["profile:read"]).apply(KEY) == replace(KEY, scopes=["profile:read"])


def test_change_gives_no_scope() -> None:
    with pytest.raises(InvalidInput):
        KeyChange(scopes=["profile:read", "users:read"]).apply(KEY)


def test_limit_is_taken_away_only_when_it_is_said() -> None:
    limited = replace(KEY, limit=KeyLimit(1, 1))

    assert KeyChange(name="other").apply(limited).limit == KeyLimit(1, 1)
    assert KeyChange(sets_limit=True).apply(limited).limit is None


def test_change_names_the_fields_that_it_sets() -> None:
    assert KeyChange(name="other", networks=[]).fields == ["name", "networks"]
    assert KeyChange(sets_limit=True).fields == ["limit"]


@pytest.mark.parametrize(
    ("typed", "network"),
    [
        ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
        ("::ffff:203.0.113.9", "203.0.113.9/32"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::/0", "::/0"),
        ("2001:DB8::/32", "2001:db8::/32"),
    ],
)
def test_network_of_mapped_addresses_is_the_one_that_clients_are_in(typed: str, network: str) -> None:
    assert parse_network(typed) == network


@pytest.mark.parametrize("typed", ["203.0.113.9/24", "203.0.113.0/33", "example.com", "", "2001:db8::1/32"])
def test_network_with_bits_of_a_host_and_other_text_are_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"does not appear|has host bits"):
        parse_network(typed)


def test_scopes_are_the_permissions_without_further_needs() -> None:
    assert {name for name in PERMISSIONS if is_scope(name)} == {
        name for name, spec in PERMISSIONS.items() if spec.is_scope and not spec.needs
    }


def test_days_of_use_are_the_last_ones_newest_first() -> None:
    stored = {day: DayOfUse(day, 1, 0, []) for day in ("2026-01-01", "2026-01-30", "2026-01-31")}
    today = NOW.replace(year=2026, month=1, day=31)

    assert [use.day for use in days_of_use(stored, today, 2)] == ["2026-01-31", "2026-01-30"]


def lasting(days: int) -> ApiKey:
    return replace(KEY, created_at=NOW, expires_at=NOW + timedelta(days=days))


@pytest.mark.parametrize(
    ("lasts", "after", "due"),
    [(90, 75, None), (90, 76, 14), (90, 77, 14), (90, 88, 14), (90, 89, 1), (10, 8, None), (10, 9, 1), (1, 0, None)],
)
def test_reminder_that_is_due_is_the_last_of_those_begun(lasts: int, after: int, due: int | None) -> None:
    assert lasting(lasts).due_reminder(NOW + timedelta(days=after)) == due


@pytest.mark.parametrize(
    ("lasts", "after", "next_after"),
    [(90, 0, 76), (90, 76, 89), (90, 77, 89), (90, 89, None), (14, 0, 13), (10, 0, 9), (1, 0, None)],
)
def test_next_reminder_is_the_first_that_is_still_to_come(lasts: int, after: int, next_after: int | None) -> None:
    date = None if next_after is None else NOW + timedelta(days=next_after)
    assert lasting(lasts).next_reminder_at(NOW + timedelta(days=after)) == date
