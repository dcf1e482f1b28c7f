"""What machines and operators are given."""

from api.schemas.envelope import View


class JsonWebKey(View):
    """A public key (RFC 8037)."""

    kty: str
    crv: str
    x: str
    kid: str
    use: str
    alg: str


class JsonWebKeySet(View):
    """Public keys (RFC 7517)."""

    keys: list[JsonWebKey]


PAYLOADS_CONTENT = {
    "schema": {
        "type": "object",
        "description": "temporal.api.common.v1.Payloads",
        "properties": {"payloads": {"type": "array", "items": {"type": "object"}}},
    },
    "example": {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "InNlY3JldCI="}]},
}
