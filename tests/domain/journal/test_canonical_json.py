"""Our canonical JSON is that of another implementation of RFC 8785."""

from hashlib import sha256

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.journal.chain import hash_entry

NAMES = st.text(st.characters(codec="ascii"), min_size=1, max_size=12)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
FACTS = st.one_of(TEXTS, st.integers(-(2**53) + 1, 2**53 - 1), st.none())
PARTIES = st.none() | st.dictionaries(NAMES, TEXTS, max_size=3)
ENTRIES = st.fixed_dictionaries(
    {
        "v": st.just(1),
        "seq": st.integers(1, 2**53 - 1),
        "prev": TEXTS,
        "type": TEXTS,
        "at": TEXTS,
        "actor": PARTIES,
        "subject": PARTIES,
        "request_id": st.none() | TEXTS,
        "cause": st.none() | TEXTS,
        "public": st.dictionaries(NAMES, FACTS, max_size=6),
        "sealed_actor": st.none() | TEXTS,
        "sealed_subject": st.none() | TEXTS,
    }
)


@given(ENTRIES)
@settings(max_examples=300, deadline=None)
def test_hash_is_that_of_the_canonical_json_of_another_implementation(entry: dict[str, object]) -> None:
    assert hash_entry(entry) == sha256(rfc8785.dumps(entry)).hexdigest()  # type: ignore[arg-type]
