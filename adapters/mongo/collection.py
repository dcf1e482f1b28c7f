"""A collection as its area declares it: its indexes, and how it takes part in erasure and export of a user's data."""

from collections.abc import Sequence
from dataclasses import dataclass

from pymongo import IndexModel

DAY_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Exempt:
    """Why a collection takes no part in the erasure by user id, or in the export: a sentence."""

    reason: str


@dataclass(frozen=True)
class Export:
    """The fields of a user's documents that an export shows under this name: no hash, no token, no other user."""

    name: str
    fields: Sequence[str]


@dataclass(frozen=True)
class Collection:
    """`owner_field` holds the ObjectId of the user whom a document belongs to: an erasure deletes those."""

    name: str
    indexes: Sequence[IndexModel]
    owner_field: str | Exempt
    export: Export | Exempt
