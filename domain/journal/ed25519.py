"""Verification of Ed25519 signatures (RFC 8032 §5.1), after the code of its section 6. Standard library only.

It is for readers of the journal who have nothing else, and takes no secrets: its time depends on what is verified.
"""

from functools import cache
from hashlib import sha512

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
"""Order of the base point."""
D = -121665 * pow(121666, P - 2, P) % P
SQRT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
BASE_Y = 4 * pow(5, P - 2, P) % P
SIGN = 1 << 255

Point = tuple[int, int, int, int]
"""x, y, z, t with x = x/z, y = y/z, t = xy/z (extended coordinates, §5.1.4)."""
NEUTRAL: Point = (0, 1, 1, 0)


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) of `message` was made with the key of `public_key` (32 bytes).

    Strict (§5.1.7 without the cofactor): both points in their one encoding, s below the order.
    """
    key = _decode(public_key)
    s = int.from_bytes(signature[32:], "little")
    if key is None or len(signature) != 64 or s >= L:
        return False
    r = signature[:32]
    k = int.from_bytes(sha512(r + public_key + message).digest(), "little") % L
    return _encode(_double_product(s, k, _negated(key))) == r


def _double_product(s: int, k: int, other: Point) -> Point:
    """Return s times the base point plus k times `other`: one doubling for each bit of both."""
    base = _base_point()
    addends = (None, base, other, _sum(base, other))
    point = NEUTRAL
    for bit in range(max(s.bit_length(), k.bit_length()) - 1, -1, -1):
        point = _double(point)
        addend = addends[(s >> bit & 1) + 2 * (k >> bit & 1)]
        if addend is not None:
            point = _sum(point, addend)
    return point


def _sum(one: Point, two: Point) -> Point:
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = two
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = 2 * t1 * t2 * D % P
    d = 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _double(point: Point) -> Point:
    x, y, z, _ = point
    a, b = x * x % P, y * y % P
    h = a + b
    e = h - (x + y) * (x + y) % P
    g = a - b
    f = 2 * z * z % P + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def _negated(point: Point) -> Point:
    x, y, z, t = point
    return P - x, y, z, P - t


@cache
def _base_point() -> Point:
    base = _decode(BASE_Y.to_bytes(32, "little"))
    if base is None:
        raise ArithmeticError
    return base


@cache
def _decode(encoded: bytes) -> Point | None:
    """Return the point (§5.1.3); None for what is no point, or not the one encoding of it."""
    number = int.from_bytes(encoded, "little")
    is_odd, y = number >> 255, number % SIGN
    if len(encoded) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * SQRT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and is_odd):
        return None
    x = P - x if x & 1 != is_odd else x
    return x, y, 1, x * y % P


def _encode(point: Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, P - 2, P)
    x, y = x * inverse % P, y * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")
