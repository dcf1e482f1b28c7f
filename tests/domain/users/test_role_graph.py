"""Roles over roles: what each gives, and by which way; no cycle, not too deep, not too many."""

from itertools import pairwise

import pytest

from domain.errors import DecodeError
from domain.users.errors import RoleCycle, RoleLimit, RoleNotFound, RoleTooDeep
from domain.users.permissions import Permission
from domain.users.role_graph import MAX_DEPTH, MAX_ROLES, RoleDefinition, RoleGraph
from domain.users.roles import BUILT_IN_ROLES
from domain.users.users import Role


def role(
    name: str, *permissions: str, parents: tuple[str, ...] = (), is_active: bool = True, role_id: str = ""
) -> RoleDefinition:
    return RoleDefinition(
        role_id or name, name, name, "", frozenset(parents), frozenset(permissions), is_active=is_active
    )


def chain(length: int) -> list[RoleDefinition]:
    """Roles of which each includes the one before."""
    names = [f"chain_{number}" for number in range(length)]
    return [role(names[0]), *(role(name, parents=(below,)) for below, name in pairwise(names))]


def test_role_gives_what_all_its_parents_give() -> None:
    graph = RoleGraph([role("a", "x:1"), role("b", "x:2"), role("c", "x:3", parents=("a", "b"))])

    assert graph.effective("c") == {"x:1", "x:2", "x:3"}


def test_custom_role_over_a_built_in_one_gives_what_that_contains() -> None:
    graph = RoleGraph([role("support", Permission.AUDIT_READ, parents=("user",))])

    assert graph.effective("support") == graph.effective(Role.USER) | {Permission.AUDIT_READ}


def test_super_admin_has_every_permission_of_ours() -> None:
    assert RoleGraph().effective(Role.SUPER_ADMIN) == {*Permission}


@pytest.mark.parametrize(("name", "has"), [("moderator", False), ("admin", True), ("super_admin", True)])
def test_permission_of_an_app_belongs_to_admins(name: str, has: bool) -> None:
    assert ("orders:refund" in RoleGraph((), ["orders:refund"]).effective(name)) is has


def test_unknown_role_gives_nothing() -> None:
    assert RoleGraph().effective("emperor") == frozenset()


def test_inactive_role_gives_nothing() -> None:
    assert RoleGraph([role("a", "x:1", is_active=False)]).effective("a") == frozenset()


def test_nothing_comes_through_an_inactive_role() -> None:
    middle = role("b", "x:2", parents=("a",), is_active=False)

    graph = RoleGraph([role("a", "x:1"), middle, role("c", "x:3", parents=("b",))])

    assert graph.effective("c") == graph.ways("c").keys() == {"x:3"}


def test_contents_are_what_a_role_would_give_if_all_were_active() -> None:
    graph = RoleGraph([role("a", "x:1", is_active=False), role("b", "x:2", parents=("a",), is_active=False)])

    assert graph.contents("b") == {"x:1", "x:2"}


def test_way_is_the_shortest_one() -> None:
    graph = RoleGraph(
        [role("a", "x:1"), role("b", parents=("a",)), role("c", parents=("b",)), role("d", parents=("c", "a"))]
    )

    assert graph.ways("d") == {"x:1": ("d", "a")}


def test_of_ways_as_short_the_first_by_name_is_taken() -> None:
    graph = RoleGraph([role("a", "x:1"), role("b", "x:1"), role("c", parents=("b", "a"))])

    assert graph.ways("c") == {"x:1": ("c", "a")}


@pytest.mark.parametrize(
    ("roles", "refusal"),
    [
        pytest.param([role("a", parents=("a",))], RoleCycle, id="itself"),
        pytest.param([role("a", parents=("b",)), role("b", parents=("a",))], RoleCycle, id="two"),
        pytest.param([role("a", parents=("b",))], RoleNotFound, id="unknown"),
        pytest.param(chain(MAX_DEPTH + 1), RoleTooDeep, id="deep"),
        pytest.param([role(f"r{number}") for number in range(MAX_ROLES)], RoleLimit, id="many"),
    ],
)
def test_graph_that_may_not_be_is_refused(roles: list[RoleDefinition], refusal: type[DecodeError]) -> None:
    with pytest.raises(refusal):
        RoleGraph(roles)


def test_cycle_through_inactive_roles_is_one_too() -> None:
    with pytest.raises(RoleCycle):
        RoleGraph([role("a", parents=("b",), is_active=False), role("b", parents=("a",), is_active=False)])


def test_level_counts_the_longest_chain() -> None:
    graph = RoleGraph(chain(MAX_DEPTH))

    assert graph.level(f"chain_{MAX_DEPTH - 1}") == MAX_DEPTH
    assert [graph.level(name) for name in Role] == [1, 2, 3, 4, 5, 6]


def test_built_in_role_is_found_by_its_name_and_another_one_by_its_id() -> None:
    graph = RoleGraph([role("support", role_id="1" * 24)])

    found = [graph.find(role_id) for role_id in ("admin", "1" * 24, "support")]

    assert [each.name if each else None for each in found] == ["admin", "support", None]


def test_built_in_roles_are_system_roles() -> None:
    assert {name for name, each in RoleGraph([role("support")]).roles.items() if each.is_system} == {*BUILT_IN_ROLES}
