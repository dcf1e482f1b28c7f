"""Of a client's address only the network is stored."""

import pytest

from domain.client_network import client_network


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("testclient", "unknown"),
    ],
)
def test_address_is_cut_to_its_network(address: str, prefix: str) -> None:
    assert client_network(address) == prefix
