"""Calls to Temporal are compressed only where the settings say so, and in production never unencrypted."""

import os
from collections.abc import Mapping

import pytest
from temporalio.service import GrpcCompression

from adapters.crypto.field_cipher import FieldCipher
from adapters.crypto.keys import KeyLabel, KeyRing
from adapters.temporal.client import TlsMissing, connect, new_runtime, require_tls

CIPHER = FieldCipher(KeyRing({"test1": b"k" * 32}, lookup=b"l" * 32), KeyLabel.PAYLOADS)


@pytest.mark.parametrize(
    ("is_compressed", "compression"),
    [(False, GrpcCompression.NONE), (True, GrpcCompression.GZIP)],
    ids=["near", "far"],
)
async def test_calls_are_compressed_only_when_told_so(is_compressed: bool, compression: GrpcCompression) -> None:
    client = await connect(CIPHER, runtime=new_runtime(None), identity="test", is_api=True, is_compressed=is_compressed)

    assert client.service_client.config.grpc_compression is compression


@pytest.mark.parametrize(
    "variables",
    [{}, {"TEMPORAL_TLS": "false"}, {"TEMPORAL_API_KEY": "key", "TEMPORAL_TLS": "false"}],
    ids=["unset", "off", "off-with-a-key"],
)
def test_production_refuses_temporal_without_tls(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    set_temporal(monkeypatch, variables)

    with pytest.raises(TlsMissing, match="TEMPORAL_TLS=true"):
        require_tls()


@pytest.mark.parametrize("variables", [{"TEMPORAL_TLS": "true"}, {"TEMPORAL_API_KEY": "key"}], ids=["tls", "key"])
def test_production_takes_temporal_with_tls(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    set_temporal(monkeypatch, variables)

    require_tls()


def set_temporal(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith("TEMPORAL_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
