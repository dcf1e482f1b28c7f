"""Words in the journal are read with the key of the person they are about, until that person is erased."""

from datetime import UTC, datetime

from bson import ObjectId

from adapters.mongo.journal.entry_words import EntryWords
from domain.journal.occurrences import Party, PartyKind, user_party
from tests.adapters.crypto.rings import OLD, ROTATED, ROTATED_AWAY
from tests.support.journal import OwnJournal

NOW = datetime(2026, 2, 1, tzinfo=UTC)


async def words(own: OwnJournal) -> list[EntryWords]:
    return [*await own.journal.open_words(await own.entries())]


async def test_words_of_actor_and_subject_are_readable(own: OwnJournal) -> None:
    await own.record()

    await own.number_all()

    assert await words(own) == [EntryWords({"device": "a laptop"}, {"reason": "asked for it"})]


async def test_words_of_an_operator_are_readable(own: OwnJournal) -> None:
    await own.record(actor=Party(PartyKind.OPERATOR, "alice"))

    await own.number_all()

    assert (await words(own))[0].actor == {"device": "a laptop"}


async def test_entry_without_words_has_none(own: OwnJournal) -> None:
    await own.record(actor_words={}, subject=None, subject_words={})

    await own.number_all()

    assert await words(own) == [EntryWords({}, {})]
    assert (await own.entries())[0].sealed_actor is None


async def test_one_person_has_one_key(own: OwnJournal) -> None:
    user = user_party(str(ObjectId()))
    await own.record(3, actor=user, subject=user)

    await own.number_all()

    assert await own.database["subject_keys"].count_documents({}) == 1


async def test_words_of_an_erased_person_are_gone_and_the_others_stay(own: OwnJournal) -> None:
    erased = user_party(str(ObjectId()))
    await own.record(subject=erased)
    await own.number_all()

    await own.keys.erase(erased.id, NOW)

    assert await words(own) == [EntryWords({"device": "a laptop"}, None)]
    assert await own.is_whole()


async def test_no_key_is_made_for_an_erased_person(own: OwnJournal) -> None:
    erased = user_party(str(ObjectId()))
    await own.keys.erase(erased.id, NOW)
    await own.record(subject=erased)

    await own.number_all()

    assert (await own.entries())[0].sealed_subject is None
    assert await own.database["subject_keys"].find_one({"_id": ObjectId(erased.id)}, {"_id": 0}) == {"erased_at": NOW}


async def test_words_numbered_while_their_person_is_erased_are_unreadable(own: OwnJournal) -> None:
    erased = user_party(str(ObjectId()))
    await own.record(2, subject=erased)
    await own.number_all()
    await own.keys.erase(erased.id, NOW)
    await own.record(subject=erased)

    await own.number_all()

    assert [each.subject for each in await words(own)] == [None, None, None]
    assert await own.is_whole()


async def test_erasing_twice_is_erasing_once(own: OwnJournal) -> None:
    user_id = str(ObjectId())

    assert [await own.keys.erase(user_id, NOW), await own.keys.erase(user_id, datetime.now(UTC))] == [1, 0]


async def test_broken_key_sets_aside_what_it_is_for_and_nothing_else(own: OwnJournal) -> None:
    broken = user_party(str(ObjectId()))
    await own.database["subject_keys"].insert_one({"_id": ObjectId(broken.id), "key_id": "test1", "data": b"broken"})
    await own.record(subject=broken)
    await own.record()

    await own.number_all()

    assert (len(await own.entries()), await own.numbering.count_failed()) == (1, 1)


async def test_words_outlive_the_root_key_once_the_keys_are_sealed_anew(own: OwnJournal) -> None:
    before, rotated, after = (OwnJournal(own.client, own.database.name, ring) for ring in (OLD, ROTATED, ROTATED_AWAY))
    await before.record()
    await before.number_all()

    assert [await rotated.keys.reencrypt(limit=10) for _ in range(2)] == [2, 0]

    assert await words(after) == [EntryWords({"device": "a laptop"}, {"reason": "asked for it"})]
