"""Which fields of an account each kind of reader gets."""

from dataclasses import fields

import pytest

from domain.users.users import GraphUser, Role, User


@pytest.mark.defect(25)
@pytest.mark.parametrize("name", ["email_address", "password_hashed", "last_login", "session_epoch", "bio"])
def test_graph_knows_nothing_private(name: str) -> None:
    assert name not in {field.name for field in fields(GraphUser)}


@pytest.mark.defect(4)
def test_account_as_read_carries_no_password() -> None:
    assert "password_hashed" not in {field.name for field in fields(User)}


def test_roles_have_their_wire_names() -> None:
    assert [role.value for role in Role] == ["guest", "user", "editor", "moderator", "admin", "super_admin"]
