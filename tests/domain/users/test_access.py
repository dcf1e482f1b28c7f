"""What users may do, and why: by their role, by grants that last, by single permissions."""

from datetime import timedelta

import pytest

from domain.users.access import Access, Path, is_assigner, may_change_rights
from domain.users.errors import PermissionNotFound, RoleNotFound
from domain.users.grants import Grant, GrantKind
from domain.users.permissions import Need, Permission, PermissionSpec
from domain.users.role_graph import RoleDefinition, RoleGraph
from domain.users.users import Role, User
from tests.support.builders import NOW

SUPPORT = RoleDefinition("1" * 24, "support", "Support", "", frozenset({"base"}), frozenset({Permission.AUDIT_READ}))
BASE = RoleDefinition("2" * 24, "base", "Base", "", frozenset(), frozenset({"orders:read"}))
CHIEF = RoleDefinition("3" * 24, "chief", "Chief", "", frozenset(), frozenset({Permission.ROLES_ASSIGN}))
OWN = {name: PermissionSpec(name, "") for name in ("orders:read", "orders:refund")}
ACCESS = Access(1, RoleGraph([SUPPORT, BASE, CHIEF], OWN), OWN)
DAY = timedelta(days=1)


def grant(kind: GrantKind, name: str, *, days: int | None = None, number: int = 1) -> Grant:
    until = None if days is None else NOW + days * DAY
    return Grant(f"{number:024}", kind, name, until, "on call", "9" * 24, NOW - 9 * DAY)


def user(*grants: Grant, role: Role = Role.GUEST) -> User:
    return User("8" * 24, "alice", "a@example.com", "Alice", "", None, role, True, 0, None, NOW, NOW, (), grants)


def of_role(name: str, **times: int) -> Grant:
    return grant(GrantKind.ROLE, name, **times)


def of_permission(name: str, **times: int) -> Grant:
    return grant(GrantKind.PERMISSION, name, **times)


def test_account_without_grants_has_what_its_role_gives() -> None:
    assert ACCESS.permissions_of(user(role=Role.USER), NOW) == ACCESS.graph.effective("user")


def test_grants_add_to_the_role() -> None:
    held = ACCESS.permissions_of(user(of_role("support"), of_permission("orders:refund")), NOW)

    assert held - ACCESS.graph.effective("guest") == {"audit:read", "orders:read", "orders:refund"}


def test_decision_says_by_which_roles_and_grants() -> None:
    asked = user(of_role("support", number=1), of_permission("orders:read", number=2))

    (decision,) = ACCESS.decide(asked, ["orders:read"], NOW)

    assert decision.is_allowed
    assert decision.because == [Path(f"{1:024}", ("support", "base")), Path(f"{2:024}", ())]


def test_path_through_the_own_role_has_no_grant() -> None:
    (decision,) = ACCESS.decide(user(role=Role.EDITOR), ["profile:update"], NOW)

    assert decision.because == [Path(None, ("editor", "user"))]


def test_grant_that_has_run_out_is_no_reason() -> None:
    assert ACCESS.decide(user(of_permission("orders:read", days=0)), ["orders:read"], NOW)[0].because == []


def test_unknown_permission_is_not_allowed_and_needs_nothing() -> None:
    (decision,) = ACCESS.decide(user(role=Role.SUPER_ADMIN), ["moon:land"], NOW)

    assert (decision.is_allowed, decision.because, decision.needs) == (False, [], ())


def test_decision_says_what_else_is_needed() -> None:
    assert ACCESS.decide(user(), ["roles:assign"], NOW)[0].needs == (Need.STEP_UP,)


def test_app_cannot_redefine_a_permission_of_ours() -> None:
    access = Access(1, RoleGraph(), {"roles:assign": PermissionSpec("roles:assign", "harmless")})

    assert access.permissions["roles:assign"].needs == (Need.STEP_UP,)


@pytest.mark.parametrize(
    ("asked", "is_one"),
    [
        (user(), False),
        (user(role=Role.MODERATOR), False),
        (user(role=Role.ADMIN), True),
        (user(role=Role.SUPER_ADMIN), True),
        (user(of_role("chief")), True),
        (user(of_permission("roles:assign")), True),
        (user(of_role("chief", days=1)), False),
        (user(of_role("support")), False),
    ],
    ids=["guest", "moderator", "admin", "super_admin", "by_role", "by_permission", "for_a_day", "by_other_role"],
)
def test_assigner_can_assign_roles_for_good(asked: User, is_one: bool) -> None:
    assert is_assigner(ACCESS, asked) is is_one


@pytest.mark.parametrize(
    ("lent", "asked", "is_kept"),
    [(None, None, True), (None, 9, True), (2, None, False), (2, 3, False), (2, 2, True), (2, 1, True)],
)
def test_right_is_kept_up_to_its_end(lent: int | None, asked: int | None, is_kept: bool) -> None:
    until = None if asked is None else NOW + asked * DAY

    kept = ACCESS.permissions_until(user(of_permission("orders:refund", **({"days": lent} if lent else {}))), until)

    assert ("orders:refund" in kept) is is_kept


@pytest.mark.parametrize(
    ("asked", "may"),
    [(user(), False), (user(role=Role.ADMIN), True), (user(of_role("support")), True)],
    ids=["plain", "admin", "granted"],
)
def test_plain_account_changes_no_rights(asked: User, may: bool) -> None:
    assert may_change_rights(asked) is may


def test_contents_of_a_grant_are_all_it_may_ever_give() -> None:
    assert ACCESS.contents(of_role("support")) == {"audit:read", "orders:read"}
    assert ACCESS.contents(of_permission("orders:refund")) == {"orders:refund"}


def test_grant_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(RoleNotFound):
        ACCESS.contents(of_role("emperor"))
    with pytest.raises(PermissionNotFound):
        ACCESS.contents(of_permission("moon:land"))


def test_role_with_an_unknown_permission_is_refused() -> None:
    moon = RoleDefinition("4" * 24, "moon", "Moon", "", frozenset(), frozenset({"moon:land"}))

    with pytest.raises(PermissionNotFound):
        ACCESS.with_role(moon)
