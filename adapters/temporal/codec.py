"""Encrypts every payload sent to Temporal, and rejects any that comes back in clear."""

from collections.abc import Sequence

from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

from adapters.crypto.field_cipher import DecryptionFailed, Encrypted, FieldCipher

ENCODING = b"binary/encrypted"
SCHEME = "decode/v1"


class PlainPayload(Exception):
    """A payload that we did not encrypt. Retryable: the task waits until an operator has intervened."""


class EncryptedPayloads(PayloadCodec):
    """AES-256-GCM with key ids; scheme, key id and namespace are authenticated with each payload."""

    def __init__(self, cipher: FieldCipher, namespace: str) -> None:
        self._cipher = cipher
        self._context = f"{SCHEME}|{namespace}"

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads, each encrypted under the current key."""
        return [self._seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads in clear.

        Raises UnknownKey, PlainPayload or DecryptionFailed: ordinary errors, so that a missing key does not end a flow.
        """
        return [self._open(payload) for payload in payloads]

    def decode_json(self, payloads: str) -> str:
        """Decrypt `{"payloads":[…]}` in protobuf's JSON, as the Temporal UI and CLI request it of a codec server.

        Payloads in clear (headers, search attributes) stay as they are. Raises UnknownKey for a key that the ring
        lacks, DecryptionFailed for anything else.
        """
        try:
            sent = json_format.Parse(payloads, Payloads())
            opened = [self._open(payload) if _is_sealed(payload) else payload for payload in sent.payloads]
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
