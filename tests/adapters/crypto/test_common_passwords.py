"""Passwords that are too frequent to be allowed."""

import pytest

from adapters.crypto.common_passwords import common_passwords


@pytest.mark.parametrize("password", ["password", "12345678", "iloveyou", "qwertyuiop"])
def test_frequent_passwords_are_known_in_lower_case(password: str) -> None:
    assert password in common_passwords()


def test_at_least_ten_thousand_frequent_passwords_are_known() -> None:
    assert len(common_passwords()) >= 10_000
    assert common_passwords() == {password.lower() for password in common_passwords()}
