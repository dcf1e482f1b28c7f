"""Checkpoints are signed by the ring of the access tokens, and verify by keys of today and of before."""

import json
from datetime import UTC, datetime

import pytest

from adapters.crypto.access_tokens import AccessTokens
from adapters.crypto.checkpoint_tokens import CheckpointTokens
from domain.errors import NotAuthenticated
from domain.journal.chain import Link
from domain.journal.checkpoints import Checkpoint, InvalidCheckpoint, parse_public_keys, verify_checkpoint

NOW = datetime(2026, 1, 31, 9, 30, 0, 999_999, tzinfo=UTC)
LINK = Link(7, "ab" * 32)
OLD, NEW = {"k1": bytes(range(32))}, {"k2": bytes(range(1, 33))}


def published(ring: dict[str, bytes]) -> dict[str, bytes]:
    return dict(parse_public_keys(json.dumps(AccessTokens(ring).jwks()).encode()))


def test_checkpoint_is_verified_with_the_published_keys_alone() -> None:
    signed = CheckpointTokens(OLD, {}).sign(LINK, NOW)
    assert verify_checkpoint(signed.token, published(OLD)) == Checkpoint(7, "ab" * 32, "2026-01-31T09:30:00.999Z")


def test_first_key_of_the_ring_signs() -> None:
    assert CheckpointTokens(NEW | OLD, {}).sign(LINK, NOW).key_id == "k2"


def test_key_behind_it_still_verifies() -> None:
    assert CheckpointTokens(NEW | OLD, {}).verify(CheckpointTokens(OLD, {}).sign(LINK, NOW).token).link == LINK


def test_key_that_was_taken_out_verifies_by_its_public_half() -> None:
    token = CheckpointTokens(OLD, {}).sign(LINK, NOW).token
    assert CheckpointTokens(NEW, published(OLD)).verify(token).link == LINK


def test_key_that_was_taken_out_altogether_is_not_known() -> None:
    with pytest.raises(InvalidCheckpoint):
        CheckpointTokens(NEW, {}).verify(CheckpointTokens(OLD, {}).sign(LINK, NOW).token)


def test_public_half_in_place_of_a_key_that_signs_is_not_looked_at() -> None:
    token = CheckpointTokens(OLD, {}).sign(LINK, NOW).token
    with pytest.raises(InvalidCheckpoint):
        CheckpointTokens({"k1": NEW["k2"]}, published(OLD)).verify(token)


def test_checkpoint_is_no_access_token() -> None:
    with pytest.raises(NotAuthenticated):
        AccessTokens(OLD).verify(CheckpointTokens(OLD, {}).sign(LINK, NOW).token)
