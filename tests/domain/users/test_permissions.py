"""Permissions and the roles that are built in."""

import pytest

from domain.users.permissions import PERMISSIONS, Need, Permission
from domain.users.roles import BUILT_IN_ROLES
from domain.users.users import Role


def test_each_permission_is_described() -> None:
    assert set(PERMISSIONS) == {*Permission}


@pytest.mark.parametrize("name", [name for name, spec in PERMISSIONS.items() if Need.STEP_UP in spec.needs])
def test_what_needs_a_proof_is_no_scope_of_a_key(name: str) -> None:
    assert not PERMISSIONS[name].is_scope


def test_each_role_includes_the_one_before() -> None:
    assert [BUILT_IN_ROLES[role].parent for role in Role] == [None, *list(Role)[:-1]]


def test_every_permission_is_in_one_role() -> None:
    held = [permission for role in BUILT_IN_ROLES.values() for permission in role.permissions]

    assert sorted(held) == sorted(Permission)
