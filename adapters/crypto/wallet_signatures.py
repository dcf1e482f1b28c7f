"""Who signed a message with an Ethereum key (EIP-191). The curve is libsecp256k1's, a tenth of a millisecond each."""

from eth_keys.backends.coincurve import CoinCurveECCBackend
from eth_keys.constants import SECPK1_N
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError

MAX_S = SECPK1_N // 2
"""A signature with a higher s is the mirror of one with a lower: only one of the two is taken (EIP-2)."""
PARITIES = {0: 0, 1: 1, 27: 0, 28: 1}
"""The last byte, as wallets write it."""
# Named here, as eth-keys would fall back to pure Python without a word: 7 ms in which nobody else is served.
_BACKEND = CoinCurveECCBackend()


def recover_signer(message: str, signature: bytes) -> str | None:
    """The address that signed the message with these 65 bytes (r, s, v), in its EIP-55 spelling; None if nobody did."""
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
    """What `personal_sign` signs: version 0x45 of EIP-191."""
    text = message.encode()
    return bytes(keccak(b"\x19Ethereum Signed Message:\n" + str(len(text)).encode() + text))
