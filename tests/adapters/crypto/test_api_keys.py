"""New API keys, and what is stored of one."""

import re

from adapters.crypto.api_keys import ApiKeySecrets
from domain.auth.key_format import KEY_PATTERN
from tests.adapters.crypto.rings import OLD, ring

LIVE, TEST = ApiKeySecrets(OLD, is_live=True), ApiKeySecrets(OLD, is_live=False)
PREFIX = LIVE.new_prefix("a request")


def test_new_key_has_our_format() -> None:
    assert re.fullmatch(KEY_PATTERN, LIVE.new_key(PREFIX, "a request"))
    assert LIVE.prefix_of(LIVE.new_key(PREFIX, "a request")) == PREFIX


def test_same_request_gets_the_same_key_and_another_one_another() -> None:
    assert LIVE.new_key(PREFIX, "a request") == LIVE.new_key(PREFIX, "a request")
    assert LIVE.new_key(PREFIX, "a request") != LIVE.new_key(PREFIX, "another")
    assert LIVE.new_prefix("another") != PREFIX


def test_same_request_for_another_key_gets_another_secret() -> None:
    other = LIVE.new_prefix("another")

    assert LIVE.new_key(other, "a request")[len(other) :] != LIVE.new_key(PREFIX, "a request")[len(PREFIX) :]


def test_key_of_production_is_none_elsewhere() -> None:
    assert TEST.prefix_of(LIVE.new_key(PREFIX, "a request")) is None


def test_what_is_stored_depends_on_our_secret() -> None:
    text = LIVE.new_key(PREFIX, "a request")
    elsewhere = ApiKeySecrets(ring("old", lookup=b"another secret for looking up ..."), is_live=True)

    assert len(LIVE.stored_hash(text)) == 32
    assert elsewhere.stored_hash(text) != LIVE.stored_hash(text)
