"""Validation of what is asked of an API key."""

import pytest

from api.auth.schemas.api_keys import ChangeApiKeyRequest, CreateApiKeyRequest, RotateApiKeyRequest
from api.schemas.envelope import Body
from tests.api.contract_shapes import refused_fields

NEW = {"name": "report", "scopes": ["profile:read"]}
NETWORKS = [f"203.0.{number}.0/24" for number in range(11)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 61),
        ("name", "a\x00b"),
        ("scopes", []),
        ("scopes", ["account:manage"]),
        ("scopes", ["profile:*"]),
        ("scopes", ["profile:read"] * 41),
        ("scopes", [1]),
        ("scopes", "profile:read"),
        ("expires_in_days", 0),
        ("expires_in_days", 366),
        ("expires_in_days", "90"),
        ("limit", {"count": 0, "seconds": 60}),
        ("limit", {"count": 10_001, "seconds": 60}),
        ("limit", {"count": 1, "seconds": 3601}),
        ("limit", {"count": 1}),
        ("networks", ["203.0.113.9/24"]),
        ("networks", ["localhost"]),
        ("networks", NETWORKS),
    ],
)
def test_value_out_of_bounds_is_refused(field: str, value: object) -> None:
    assert {*refused_fields(CreateApiKeyRequest, {**NEW, field: value})} == {field}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 60),
        ("expires_in_days", 1),
        ("expires_in_days", 365),
        ("limit", {"count": 10_000, "seconds": 3600}),
        ("networks", NETWORKS[:10]),
        ("networks", []),
    ],
)
def test_value_at_its_bound_is_accepted(field: str, value: object) -> None:
    assert refused_fields(CreateApiKeyRequest, {**NEW, field: value}) == []


@pytest.mark.parametrize("seconds", [-1, 604_801, "60"])
def test_overlap_out_of_bounds_is_refused(seconds: object) -> None:
    assert refused_fields(RotateApiKeyRequest, {"overlap_seconds": seconds}) == ["overlap_seconds"]


@pytest.mark.parametrize("body", [ChangeApiKeyRequest, RotateApiKeyRequest])
def test_nothing_is_required_of_a_change(body: type[Body]) -> None:
    assert refused_fields(body, {}) == []


def test_networks_and_scopes_are_kept_once_each() -> None:
    body = CreateApiKeyRequest(name="x", scopes=["profile:read"] * 2, networks=["203.0.113.0/24"] * 2)

    assert (body.scopes, body.networks) == (["profile:read"], ["203.0.113.0/24"])
