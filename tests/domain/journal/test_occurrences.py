"""Names of occurrences, as webhooks and the audit show them."""

import re

import pytest

from domain.journal.occurrences import OccurrenceType, PartyKind, user_party

OF_THE_SEED = {"user.login", "user.logout", "user.password_reset", "user.created", "user.updated", "user.deleted"}


@pytest.mark.parametrize("kind", OccurrenceType)
def test_type_is_noun_and_past_tense(kind: OccurrenceType) -> None:
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", kind)


def test_names_of_the_seed_are_kept() -> None:
    assert OF_THE_SEED | {"role.assigned", "security.suspicious_activity"} <= {*OccurrenceType}


def test_user_is_a_party_by_id() -> None:
    assert (user_party("0" * 24).kind, user_party("0" * 24).key_id) == (PartyKind.USER, None)
