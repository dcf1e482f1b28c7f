"""What the handshake tells a gateway of its client."""

from collections.abc import Sequence

import pytest

from api.sockets.handshake import AuthenticatedClient
from domain.users.permissions import Permission


@pytest.mark.parametrize(
    ("scopes", "may"),
    [
        pytest.param(None, True, id="session"),
        pytest.param(["notifications:read", "notifications:write"], True, id="key with the scope"),
        pytest.param(["notifications:read"], False, id="key without the scope"),
    ],
)
def test_key_may_do_what_its_scopes_name(scopes: Sequence[str] | None, may: bool) -> None:
    client = AuthenticatedClient("ann", "opener", None, scopes, {}, None)

    assert client.may(Permission.NOTIFICATIONS_WRITE) is may
