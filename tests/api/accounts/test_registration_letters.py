"""Letters that a stranger's input starts go to the address as its account has it, never as the stranger typed it."""

from datetime import datetime

import httpx
import pytest

from adapters.resources import Resources
from tests.support.account_deletion import DEACTIVATE
from tests.support.accounts import make_account
from tests.support.email_change import EmailChanger
from tests.support.envelope import data
from tests.support.mailbox import Mailbox
from tests.support.people import Person, begin, new_person
from tests.support.signed_in import on_device

SPELLINGS = [
    pytest.param("weiß", "WEISS", id="sharp s"),
    pytest.param("ﬁnn", "finn", id="ligature"),
    pytest.param("Mixed", "mIXED", id="letter case"),
    pytest.param("Σίσυφος", "σίσυφοσ", id="final sigma"),
]


def spelled(local_part: str, person: Person) -> str:
    return f"{local_part}.{person.username}@people.test"


@pytest.mark.parametrize(("stored", "typed"), SPELLINGS)
async def test_owner_is_told_in_the_stored_spelling(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, stored: str, typed: str
) -> None:
    person = new_person()
    owner = new_person(username=person.username, email=spelled(stored, person))
    await make_account(resources, owner)

    await begin(api, new_person(email=spelled(typed, person)))

    letter = await mailbox.letter(owner.email, "account-exists")
    assert letter["to"] == owner.email


@pytest.mark.parametrize(("stored", "typed"), SPELLINGS[:2])
async def test_owner_of_a_held_address_is_told_in_its_spelling(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, stored: str, typed: str
) -> None:
    person = new_person()
    owner = new_person(username=person.username, email=spelled(stored, person))
    await EmailChanger(api, mailbox, await make_account(resources, owner)).changes_email(new_person().email)

    await begin(api, new_person(email=spelled(typed, person)))

    letter = await mailbox.letter(owner.email, "account-exists")
    assert letter["to"] == owner.email


async def test_owner_of_a_held_address_is_told_of_a_change_to_it_in_its_spelling(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    person = new_person()
    owner = new_person(username=person.username, email=spelled("weiß", person))
    await EmailChanger(api, mailbox, await make_account(resources, owner)).changes_email(new_person().email)
    other = EmailChanger(api, mailbox, await make_account(resources))
    await other.starts_and_proves()

    data(await other.enters_new_email(spelled("WEISS", person)), 202)

    letter = await mailbox.letter(owner.email, "address-taken")
    assert letter["to"] == owner.email


async def test_deactivated_owner_is_told_how_to_come_back_and_until_when(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    someone = await make_account(resources)
    left = data(await api.patch(DEACTIVATE, headers=on_device(someone)))

    await begin(api, new_person(email=someone.person.email))

    letter = await mailbox.letter(someone.person.email, "account-exists")
    last_day = f"{datetime.fromisoformat(left['deletion_at']):%d %B %Y}"
    assert "reactivate it" in letter["text"]
    assert f"until {last_day}" in letter["text"]


async def test_active_owner_is_told_to_sign_in(api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources) -> None:
    someone = await make_account(resources)

    await begin(api, new_person(email=someone.person.email))

    letter = await mailbox.letter(someone.person.email, "account-exists")
    assert "sign in with your password" in letter["text"]
    assert "deactivated" not in letter["text"]
