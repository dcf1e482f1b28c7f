"""A person's words in the journal: shown to that person alone, and gone with them, whenever they are numbered."""

import asyncio
from datetime import UTC, datetime

from bson import ObjectId

from adapters.mongo.journal.subject_words import SubjectWords
from domain.journal.occurrences import user_party
from tests.support.journal import AT, OwnJournal

NOW = datetime(2026, 2, 1, tzinfo=UTC)


async def rows(own: OwnJournal, user_id: str) -> list[dict[str, object]]:
    return [row async for row in SubjectWords(own.database, own.keys).rows(user_id)]


async def test_entries_of_a_person_have_their_own_words_and_none_of_others(own: OwnJournal) -> None:
    user = user_party(str(ObjectId()))
    await own.record(actor=user)
    await own.record(subject=user)
    await own.record()
    await own.number_all()

    found = await rows(own, user.id)

    facts = {"from": "user", "to": "editor"}
    about = {"type": "role.assigned", "at": AT, "facts": facts}
    assert [row | {"seq": 0} for row in found] == [
        about | {"seq": 0, "as": ["actor"], "words": {"actor": {"device": "a laptop"}}},
        about | {"seq": 0, "as": ["subject"], "words": {"subject": {"reason": "asked for it"}}},
    ]


async def test_words_that_wait_are_unset_and_those_of_others_stay(own: OwnJournal) -> None:
    user = user_party(str(ObjectId()))
    await own.record(actor=user)
    await own.record(subject=user)

    await SubjectWords(own.database, own.keys).erase(user.id, NOW)

    waiting = await own.database["occurrences"].find({}, sort=[("_id", 1)]).to_list()
    assert [(each["actor_words"], each["subject_words"]) for each in waiting] == [
        ({}, {"reason": "asked for it"}),
        ({"device": "a laptop"}, {}),
    ]


async def test_erasing_until_nothing_is_left_ends(own: OwnJournal) -> None:
    user = user_party(str(ObjectId()))
    await own.record(subject=user)
    words = SubjectWords(own.database, own.keys)

    assert [await words.erase(user.id, NOW), await words.erase(user.id, NOW)] == [2, 0]


async def test_erasure_that_meets_numbering_leaves_no_word(own: OwnJournal) -> None:
    users = [user_party(str(ObjectId())) for _ in range(10)]
    for user in users:
        await own.record(5, actor=user, subject=user)
    words = SubjectWords(own.database, own.keys)

    await asyncio.gather(own.number_all(), *(words.erase(user.id, NOW) for user in users))
    await own.number_all()

    opened = await own.journal.open_words(await own.entries())
    assert {str(each.actor or None) for each in opened} | {str(each.subject or None) for each in opened} == {"None"}
    assert len(opened) == 50
    assert await own.is_whole()
