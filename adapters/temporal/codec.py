"""Encrypts every payload on its way to Temporal, and refuses any that comes back in clear."""

from collections.abc import Sequence

from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

from adapters.crypto.sealing import DecryptionFailed, Encrypted, FieldCipher

ENCODING = b"binary/encrypted"
SCHEME = "decode/v1"


class PlainPayload(Exception):
    """A payload that we did not encrypt. Retryable: the task waits until an operator has looked."""


class EncryptedPayloads(PayloadCodec):
    """AES-256-GCM with key ids; bound to scheme, key id and namespace."""

    def __init__(self, cipher: FieldCipher, namespace: str) -> None:
        self._cipher = cipher
        self._context = f"{SCHEME}|{namespace}"

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Raises UnknownKey or PlainPayload, both ordinary errors: a missing key must not end a flow."""
        return [self._open(payload) for payload in payloads]

    def decode_json(self, payloads: str) -> str:
        """`{"payloads":[…]}` in protobuf's JSON, opened: what the Temporal UI and CLI ask of a codec server.

        What is in clear anyway (headers, search attributes) stays as it is. Raises DecryptionFailed for anything else.
        """
        try:
            sent = json_format.Parse(payloads, Payloads())
            opened = [self._open(each) if _is_sealed(each) else each for each in sent.payloads]
        except (json_format.ParseError, KeyError, UnicodeDecodeError):
            raise DecryptionFailed from None
        return json_format.MessageToJson(Payloads(payloads=opened), indent=None)

    def _seal(self, payload: Payload) -> Payload:
        sealed = self._cipher.encrypt(payload.SerializeToString(), context=self._context)
        metadata = {"encoding": ENCODING, "encryption-key-id": sealed.key_id.encode()}
        return Payload(metadata=metadata, data=sealed.data)

    def _open(self, payload: Payload) -> Payload:
        if not _is_sealed(payload):
            raise PlainPayload
        key_id = payload.metadata["encryption-key-id"].decode()
        return Payload.FromString(self._cipher.decrypt(Encrypted(key_id, payload.data), context=self._context))


def _is_sealed(payload: Payload) -> bool:
    return payload.metadata.get("encoding") == ENCODING
