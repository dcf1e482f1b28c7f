"""Collections of the journal."""

from collections.abc import Sequence

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import Collection, Exempt


def _in_time(field: str, *, name: str) -> IndexModel:
    """Return the index for pages of entries that have a value in the field, newest first."""
    return IndexModel([(field, ASCENDING), ("at", ASCENDING), ("seq", ASCENDING)], name=name)


def _texts_in_time(field: str, *, name: str) -> IndexModel:
    """Return the same without the entries that have no text in the field. The planner knows that a text is in it."""
    keys = [(field, ASCENDING), ("at", ASCENDING), ("seq", ASCENDING)]
    return IndexModel(keys, name=name, partialFilterExpression={field: {"$gt": ""}})


OCCURRENCES = Collection(
    name="occurrences",
    indexes=[
        IndexModel([("at", ASCENDING), ("_id", ASCENDING)], name="at_id"),
        IndexModel("failed_at", name="failed_at", partialFilterExpression={"failed_at": {"$exists": True}}),
    ],
    owner_field=Exempt("an occurrence waits a moment for its number: SubjectWords.erase"),
    export=Exempt("an occurrence waits a moment for its number, and is exported from the journal"),
)

JOURNAL = Collection(
    name="journal",
    indexes=[
        IndexModel("seq", name="seq", unique=True),
        _in_time("subject.id", name="subject_at_seq"),
        _in_time("actor.id", name="actor_at_seq"),
        _in_time("type", name="type_at_seq"),
        IndexModel([("at", ASCENDING), ("seq", ASCENDING)], name="at_seq"),
        _texts_in_time("request_id", name="request_at_seq"),
        _texts_in_time("cause", name="cause_at_seq"),
    ],
    owner_field=Exempt("entries stay, so that the chain holds; their words are gone with the key: SubjectWords.erase"),
    export=Exempt("a user is named in two fields, and the words are sealed: SubjectWords.rows"),
    dropped_indexes=("request_id",),
)

JOURNAL_HEAD = Collection(
    name="journal_head",
    indexes=Exempt("one document, read by its id"),
    owner_field=Exempt("the place of the newest entry"),
    export=Exempt("the place of the newest entry"),
)

JOURNAL_CHECKPOINTS = Collection(
    name="journal_checkpoints",
    indexes=[IndexModel("seq", name="seq", unique=True)],
    owner_field=Exempt("signed numbers and hashes of entries"),
    export=Exempt("signed numbers and hashes of entries"),
)

SUBJECT_KEYS = Collection(
    name="subject_keys",
    indexes=[IndexModel("key_id", name="key_id", partialFilterExpression={"key_id": {"$exists": True}})],
    owner_field=Exempt("a key is dropped, and its place kept so that none is made again: SubjectWords.erase"),
    export=Exempt("keys, with which only this product reads the words that are exported"),
)

COLLECTIONS: Sequence[Collection] = (OCCURRENCES, JOURNAL, JOURNAL_HEAD, JOURNAL_CHECKPOINTS, SUBJECT_KEYS)
