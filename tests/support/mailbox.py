"""Reads the mailbox as a user would: by address, and the code from the line it stands on."""

import re
from typing import Any

import httpx

from tests.support.polling import eventually

_CODE_LINE = re.compile(r"[A-HJKMNP-Z2-9]{6}")


class Mailbox:
    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def letters(self, to: str, kind: str) -> list[dict[str, Any]]:
        """Return every mail of one kind to one address, oldest first."""
        listed = (await self._http.get("/messages", params={"to": to})).json()["messages"]
        return [await self._open(row["id"]) for row in listed if row["kind"] == kind]

    async def message_ids(self, to: str, kind: str) -> set[str]:
        """Return one for each mail of the kind, however often the server received it."""
        return {letter["headers"]["message-id"] for letter in await self.letters(to, kind)}

    async def letter(self, to: str, kind: str, *, number: int = 1, within: float = 15.0) -> dict[str, Any]:
        """Return the n-th mail of one kind to one address; waits for it."""

        async def arrived() -> dict[str, Any] | None:
            letters = await self.letters(to, kind)
            return letters[number - 1] if len(letters) >= number else None

        return await eventually(arrived, within=within)

    async def code(self, to: str, kind: str, *, number: int = 1, within: float = 15.0) -> str:
        """Return the code in the n-th mail of one kind; it is alone on a line of the text part."""
        letter = await self.letter(to, kind, number=number, within=within)
        lines: list[str] = letter["text"].splitlines()
        return next(line for line in lines if _CODE_LINE.fullmatch(line))

    async def break_with(self, mode: str, *, to: str | None = None, rate: float = 1.0) -> None:
        """Make the mail server misbehave: none, reject_4xx, reject_5xx, hang or close_after_data."""
        fault: dict[str, Any] = {"mode": mode, "rate": rate} | ({"to": to} if to else {})
        (await self._http.put("/faults", json=fault)).raise_for_status()

    async def _open(self, letter_id: Any) -> dict[str, Any]:
        letter: dict[str, Any] = (await self._http.get(f"/messages/{letter_id}")).json()
        return letter
