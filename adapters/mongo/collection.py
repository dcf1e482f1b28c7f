"""The declaration of a collection by its area: indexes, and its part in the erasure and export of a user's data."""

from collections.abc import Sequence
from dataclasses import dataclass

from pymongo import IndexModel

DAY_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Exempt:
    """A collection is exempt from erasure by user id, from the export, or from indexes. `reason`: one sentence."""

    reason: str


@dataclass(frozen=True)
class Export:
    """`fields` of a user's documents are exported under `name`: no hash, no token, no other user. `is_sealed`: some are
    texts of SealedWords, which are opened. `chat_field`: of what is said in chats, the field with the chat: nothing is
    exported once its words are due to go.
    """

    name: str
    fields: Sequence[str]
    is_sealed: bool = False
    chat_field: str | None = None


@dataclass(frozen=True)
class Collection:
    """`owner_field` holds the ObjectId of the user that a document belongs to: an erasure deletes those documents.

    `dropped_indexes`: names of indexes that databases of earlier releases still have.
    """

    name: str
    indexes: Sequence[IndexModel] | Exempt
    owner_field: str | Exempt
    export: Export | Exempt
    dropped_indexes: Sequence[str] = ()
