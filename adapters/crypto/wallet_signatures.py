"""Recovers the signer of a message from an Ethereum signature (EIP-191), by libsecp256k1: 0.1 ms each."""

from eth_keys.backends.coincurve import CoinCurveECCBackend
from eth_keys.constants import SECPK1_N
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError

MAX_S = SECPK1_N // 2
"""Both s and n - s verify. Only the lower of the two is accepted, so that a signature is unique (EIP-2)."""
PARITIES = {0: 0, 1: 1, 27: 0, 28: 1}
"""v, the last byte of a signature as wallets write it → parity of y."""
# Explicit, because eth-keys falls back silently to pure Python, which blocks the event loop for 7 ms.
_BACKEND = CoinCurveECCBackend()


def recover_signer(message: str, signature: bytes) -> str | None:
    """Return the address that signed the message, in its EIP-55 spelling; None for an invalid signature.

    `signature`: 65 bytes (r, s, v).
    """
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    parity = PARITIES.get(signature[64])
    if parity is None or s > MAX_S:
        return None
    try:
        signed = Signature(vrs=(parity, r, s), backend=_BACKEND)
        return str(signed.recover_public_key_from_msg_hash(_personal_hash(message)).to_checksum_address())
    except (BadSignature, ValidationError):
        return None


def _personal_hash(message: str) -> bytes:
    """Return the digest that `personal_sign` signs: EIP-191, version 0x45."""
    text = message.encode()
    return bytes(keccak(b"\x19Ethereum Signed Message:\n" + str(len(text)).encode() + text))
