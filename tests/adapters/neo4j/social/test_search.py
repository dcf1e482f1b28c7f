"""Every name by itself is found in the real index, whatever it is made of."""

import secrets
import unicodedata
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.resources import Resources
from domain.social.index_words import index_words
from domain.social.search import MIN_PREFIX_LENGTH, full_text_query

NAMES = [
    *("½ price shop", "Team ①", "x² lab", "İpek", "Ⓐnna", "Ⅷ Henry", "Anna:Maria", "1,000", "a.1", "J.R.R.", "_a_"),
    *(
        'ד"ר',
        "ג'ורג'",
        "กัก",
        "山田カナさん",
        "ΣΟΦΟΣ",
        "a·b",
        "aカ",
        "\uff11\uff12",
        "a\u202fb",
        "می\u200cخ",
        "葛\U000e0100城",
    ),
    *(
        "1\ufe0f\u20e3 a",
        "\U00030000 a",
        "\u08be a",
        "👨\u200d👩 a",
        "한글",
        "Ann©",
        "\u00e1\u0301 b",
        "ﬁ a",
        "\ua7c7 a",
    ),
]
TRICKY = st.sampled_from("abİΣ1\uff12½①Ⓐ.:,;'\"_\u200d\u0301 山あアก\u0e31אבהन한\u2019·\u202f©😀🏽")
ANY = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co", "Zl", "Zp"])
GENERATED = st.text(st.one_of(TRICKY, ANY), min_size=1, max_size=12).map(
    lambda name: unicodedata.normalize("NFC", name)
)

MAKE = "UNWIND $names AS name CREATE (:User {user_id: $run + name, display_name: name, is_active: false})"
FIND = """
UNWIND $asked AS one
CALL (one) {
  CALL db.index.fulltext.queryNodes('user_names', one.query) YIELD node
  WHERE node.user_id = $run + one.name
  RETURN count(*) AS hits
}
WITH one WHERE hits = 0
RETURN collect(one.name) AS unfound
"""
DROP = "MATCH (u:User) WHERE u.user_id STARTS WITH $run DELETE u"


async def unfound(resources: Resources, names: Sequence[str]) -> Sequence[str]:
    """Put people of these names into the index, and return the names that do not find them."""
    driver, run = resources.clients.neo4j, f"named-{secrets.token_hex(8)}-"
    asked = [{"name": name, "query": full_text_query(name)} for name in {*names} if is_long_enough(name)]
    await driver.execute_query(MAKE, run=run, names=[one["name"] for one in asked])
    found = await driver.execute_query(FIND, run=run, asked=asked)
    await driver.execute_query(DROP, run=run)
    return [ascii(name) for name in found.records[0]["unfound"]]


def is_long_enough(name: str) -> bool:
    """Whether the name has two letters: a single one is a username, or no name at all."""
    return sum(map(len, index_words(name))) >= MIN_PREFIX_LENGTH


async def test_names_of_every_kind_find_their_owners(resources: Resources) -> None:
    assert await unfound(resources, NAMES) == []


@given(names=st.lists(GENERATED, min_size=50, max_size=100))
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
async def test_generated_names_find_their_owners(resources: Resources, names: list[str]) -> None:
    assert await unfound(resources, names) == []
