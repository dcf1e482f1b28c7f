"""The key ring of the tests. It is public: recorded histories are encrypted with it, and nothing else may be."""

from adapters.crypto.codes import Codes
from adapters.crypto.hashes import Hashes
from adapters.crypto.keys import KeyRing, Label
from adapters.crypto.sealing import Sealing
from adapters.temporal.client import data_converter

NAMESPACE = "default"
"""Payloads are bound to it; the time-skipping server knows no other."""

RING = KeyRing({"test1": b"a test key, known to everybody, 1"}, lookup=b"a test key, known to everybody, 2")
HASHES = Hashes(RING)
CODES = Codes(RING, HASHES)
CONVERTER = data_converter(Sealing(RING, Label.PAYLOADS), NAMESPACE)
