"""Calls to Temporal are compressed only where the settings say so."""

import pytest
from temporalio.service import GrpcCompression

from adapters.crypto.field_cipher import FieldCipher
from adapters.crypto.keys import KeyLabel, KeyRing
from adapters.temporal.client import connect, new_runtime

CIPHER = FieldCipher(KeyRing({"test1": b"k" * 32}, lookup=b"l" * 32), KeyLabel.PAYLOADS)


@pytest.mark.parametrize(
    ("is_compressed", "compression"),
    [(False, GrpcCompression.NONE), (True, GrpcCompression.GZIP)],
    ids=["near", "far"],
)
async def test_calls_are_compressed_only_when_told_so(is_compressed: bool, compression: GrpcCompression) -> None:
    client = await connect(CIPHER, runtime=new_runtime(None), identity="test", is_api=True, is_compressed=is_compressed)

    assert client.service_client.config.grpc_compression is compression
