"""Occurrences for tests, wherever they are: one that has its number has left those that wait."""

from typing import Any

from adapters.resources import Resources
from domain.journal.occurrences import OccurrenceType


async def occurrences_of(
    resources: Resources, subject_id: str, *types: OccurrenceType
) -> list[tuple[OccurrenceType, dict[str, Any]]]:
    """Return type and public facts of those about this subject, oldest first. `types`: only these, if given."""
    return [
        (OccurrenceType(each["type"]), each["public"]) for each in await documents_of(resources, subject_id, *types)
    ]


async def documents_of(resources: Resources, subject_id: str, *types: OccurrenceType) -> list[dict[str, Any]]:
    """Return the documents about this subject, oldest first. `types`: only these, if given."""
    wanted: dict[str, Any] = {"subject.id": subject_id} | ({"type": {"$in": types}} if types else {})
    return await find_documents(resources, wanted)


async def documents_of_request(resources: Resources, request_id: str) -> list[dict[str, Any]]:
    """Return those that a request has led to, oldest first."""
    return await find_documents(resources, {"request_id": request_id})


async def find_documents(resources: Resources, query: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the documents oldest first, each once: one that gets its number between the two reads is in both."""
    database = resources.clients.database
    found = [each for name in ("occurrences", "journal") for each in await database[name].find(query).to_list()]
    return sorted({each["_id"]: each for each in found}.values(), key=lambda each: (each["at"], each["type"]))
