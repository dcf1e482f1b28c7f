"""The key ring of the tests. It is public: use it only to encrypt recorded histories."""

from adapters.crypto.field_cipher import FieldCipher
from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.crypto.keys import KeyLabel, KeyRing
from adapters.crypto.one_time_codes import OneTimeCodes
from adapters.temporal.client import data_converter

NAMESPACE = "default"
"""Payloads are bound to it; the time-skipping server knows no other."""

RING = KeyRing({"test1": b"a test key, known to everybody, 1"}, lookup=b"a test key, known to everybody, 2")
HASHES = KeyedHashes(RING)
CODES = OneTimeCodes(RING, HASHES)
CONVERTER = data_converter(FieldCipher(RING, KeyLabel.PAYLOADS), NAMESPACE)
