"""A client that changes a mail address over HTTP, step by step; each step needs the one before."""

import re

import httpx

from tests.support.envelope import Json, data
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.signed_in import on_device

CHANGE = "/users/email/change"
_FLOW_LINE = re.compile(r"v[A-Za-z0-9_-]{32}")


class EmailChanger:
    """One user on their first device."""

    def __init__(self, api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn) -> None:
        self.api = api
        self.mailbox = mailbox
        self.someone = someone
        self.address = someone.person.email
        self.flow_id = ""
        self._codes: dict[tuple[str, str], int] = {}

    async def initiates(self, **headers: str) -> httpx.Response:
        return await self.api.post(f"{CHANGE}/initiate", headers=on_device(self.someone) | headers)

    async def starts(self) -> str:
        self.flow_id = data(await self.initiates(), 202)["flow_id"]
        return self.flow_id

    async def starts_and_proves(self) -> str:
        """Until the new address is asked for."""
        await self.starts()
        data(await self.types("verify-email", await self.next_code(self.address, "email-change-verify")))
        return self.flow_id

    async def enters_new_email(self, address: str, **headers: str) -> httpx.Response:
        body = {"flow_id": self.flow_id, "new_email": address}
        return await self.api.post(f"{CHANGE}/new-email-initiate", json=body, headers=on_device(self.someone) | headers)

    async def types(self, route: str, code: str, **headers: str) -> httpx.Response:
        body = {"flow_id": self.flow_id, "code": code}
        return await self.api.post(f"{CHANGE}/{route}", json=body, headers=on_device(self.someone) | headers)

    async def types_the_new_code(self, address: str, **headers: str) -> httpx.Response:
        code = await self.next_code(address, "new-email-change-verify")
        return await self.types("new-email-verify", code, **headers)

    async def changes_email(self, address: str) -> Json:
        """The whole change. The profile afterwards."""
        await self.starts_and_proves()
        data(await self.enters_new_email(address), 202)
        profile: Json = data(await self.types_the_new_code(address))
        self.address = address
        return profile

    async def next_code(self, address: str, kind: str) -> str:
        """The code of a mail that was not read yet."""
        number = self._codes[address, kind] = self._codes.get((address, kind), 0) + 1
        return await self.mailbox.code(address, kind, number=number)

    async def read_revert_mail(self, address: str) -> Json:
        """Return what the newest mail to an old address contains: a flow id and its code."""
        letter = await self.mailbox.letter(address, "email-changed")
        flow_id = next(line for line in letter["text"].splitlines() if _FLOW_LINE.fullmatch(line))
        return {"flow_id": flow_id, "code": await self.mailbox.code(address, "email-changed")}

    async def reverts(self, way_back: Json, **headers: str) -> httpx.Response:
        """It needs no session."""
        return await self.api.post(f"{CHANGE}/revert", json=way_back, headers=headers)
