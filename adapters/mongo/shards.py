"""Queries that find only the users of one shard."""

from collections.abc import Sequence

from adapters.mongo.client import Document


def in_shard(id_field: str, suffixes: Sequence[str]) -> Document:
    """Return the condition that the user id in `id_field` ends in one of these pairs of hexadecimal digits."""
    last_two = {"$substrBytes": [{"$toString": f"${id_field}"}, 22, 2]}
    return {"$expr": {"$in": [last_two, list(suffixes)]}}
