"""Access tokens signed with the API's own key, and the forgeries of an attacker without it."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import OKPAlgorithm

from config.keys import split_ring
from config.settings import Settings
from tests.adapters.crypto.forging import Sign, token_of

ORDER = 2**252 + 27742317777372353535851937790883648493
"""L of RFC 8032: adding it to the second half of a signature gives one that a lax verifier takes too."""


class Forger:
    """Has the signing key and a good token; each method returns one change to it."""

    def __init__(self, settings: Settings, token: str) -> None:
        self.key_id, seed = next(iter(split_ring(settings.signing_keys).items()))
        self.sign: Sign = Ed25519PrivateKey.from_private_bytes(seed[:32]).sign
        self._public = Ed25519PrivateKey.from_private_bytes(seed[:32]).public_key()
        self.header: Mapping[str, object] = {"alg": "EdDSA", "kid": self.key_id, "typ": "at+jwt"}
        self.claims: Mapping[str, Any] = jwt.decode(token, options={"verify_signature": False})

    def token(self, *, header: Mapping[str, object] | None = None, sign: Sign | None = None, **claims: object) -> str:
        """Return a token with these changes to header and claims, signed with our key unless `sign` is given."""
        return token_of({**self.header, **(header or {})}, {**self.claims, **claims}, sign or self.sign)

    def without(self, claim: str) -> str:
        kept = {name: value for name, value in self.claims.items() if name != claim}
        return token_of(self.header, kept, self.sign)

    def without_header(self, name: str) -> str:
        kept = {each: value for each, value in self.header.items() if each != name}
        return token_of(kept, self.claims, self.sign)

    def public(self, form: str) -> bytes:
        """Return the public key in a form that could pass for an HMAC secret: jwk, base64url, raw, pem or der."""
        if form == "jwk":
            return json.dumps(OKPAlgorithm.to_jwk(self._public, as_dict=True)).encode()
        if form == "base64url":
            return base64.urlsafe_b64encode(self._public.public_bytes_raw()).rstrip(b"=")
        if form == "raw":
            return self._public.public_bytes_raw()
        encoding = {"pem": Encoding.PEM, "der": Encoding.DER}[form]
        return self._public.public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)

    def shifted(self, message: bytes) -> bytes:
        """Return the right signature with L added to S: malleable where S is not checked (RFC 8032 §5.1.7)."""
        signature = self.sign(message)
        shifted = int.from_bytes(signature[32:], "little") + ORDER
        return signature[:32] + shifted.to_bytes(32, "little")

    def flipped(self, message: bytes) -> bytes:
        """Return the right signature with the sign bit of R flipped."""
        signature = bytearray(self.sign(message))
        signature[31] ^= 0x80
        return bytes(signature)


def stranger() -> Ed25519PrivateKey:
    """Return a new key that is on no key ring."""
    return Ed25519PrivateKey.generate()


def public_jwk(key: Ed25519PrivateKey) -> dict[str, Any]:
    jwk: dict[str, Any] = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return jwk
