"""Holds of a name: taken twice is taken once, one of many wins, and registrations of one address hold it together."""

import asyncio
from collections import Counter
from datetime import timedelta

from adapters.resources import Resources
from domain.accounts.registration import AccountCreationOutcome
from tests.support.people import SignedIn, new_person
from tests.support.registration import Steps, holder_of


async def test_holding_twice_is_holding_once(steps: Steps, resources: Resources) -> None:
    person = new_person()

    answers = [await steps.hold(person.username) for _ in range(2)]

    assert answers == [True, True]
    assert await holder_of(resources, person.username) == steps.owner


async def test_name_held_by_other_is_refused(steps: Steps, others: Steps, resources: Resources) -> None:
    person = new_person()
    await others.hold(person.username)

    assert not await steps.hold(person.username.upper())
    assert await holder_of(resources, person.username) == others.owner


async def test_expired_hold_is_taken_over(steps: Steps, others: Steps, resources: Resources) -> None:
    person = new_person()
    await others.hold(person.username, life=timedelta(milliseconds=-1))

    assert await steps.hold(person.username)
    assert await holder_of(resources, person.username) == steps.owner


async def test_own_expired_hold_is_held_again(steps: Steps) -> None:
    person = new_person()
    await steps.hold(person.username, life=timedelta(milliseconds=-1))

    assert await steps.hold(person.username)


async def test_name_of_an_account_is_refused_and_left_free_of_holds(
    steps: Steps, someone: SignedIn, resources: Resources
) -> None:
    assert not await steps.hold(someone.person.username.title())
    assert await holder_of(resources, someone.person.username) is None


async def test_hold_repeated_after_the_account_was_made_is_no_refusal(steps: Steps) -> None:
    person = new_person()
    await steps.hold(person.username)
    await steps.create(person)

    assert await steps.hold(person.username)


async def test_releasing_twice_is_releasing_once(steps: Steps, others: Steps) -> None:
    person = new_person()
    await steps.hold(person.username)

    await steps.release(person.username)
    await steps.release(person.username)

    assert await others.hold(person.username)


async def test_release_leaves_the_hold_of_another(steps: Steps, others: Steps, resources: Resources) -> None:
    person = new_person()
    await others.hold(person.username)

    await steps.release(person.username)

    assert await holder_of(resources, person.username) == others.owner


async def test_registrations_of_one_address_hold_a_name_together(steps: Steps, others: Steps) -> None:
    person = new_person()

    answers = [
        await steps.hold(person.username, email=person.email),
        await others.hold(person.username, email=person.email.upper()),
    ]

    assert answers == [True, True]


async def test_concurrent_registrations_of_one_address_all_hold_the_name(crowd: list[Steps]) -> None:
    person = new_person()

    answers = await asyncio.gather(*(each.hold(person.username, email=person.email) for each in crowd[:50]))

    assert answers == [True] * 50


async def test_name_held_together_is_held_until_both_release_it(
    steps: Steps, others: Steps, crowd: list[Steps]
) -> None:
    person, stranger = new_person(), crowd[0]
    for each in (steps, others):
        await each.hold(person.username, email=person.email)

    await steps.release(person.username)
    after_the_first = await stranger.hold(person.username, email=new_person().email)
    await others.release(person.username)

    assert not after_the_first
    assert await stranger.hold(person.username, email=new_person().email)


async def test_name_held_together_is_held_as_long_as_the_longer_asks(
    steps: Steps, others: Steps, crowd: list[Steps]
) -> None:
    person = new_person()
    await steps.hold(person.username, email=person.email)
    await others.hold(person.username, email=person.email, life=timedelta(milliseconds=-1))

    assert not await crowd[0].hold(person.username, email=new_person().email)


async def test_expired_holder_is_no_holder_of_the_next_hold(steps: Steps, others: Steps, resources: Resources) -> None:
    person = new_person()
    await steps.hold(person.username, email=person.email, life=timedelta(milliseconds=-1))
    await others.hold(person.username, email=new_person().email)

    created = await steps.create(person)

    assert created.creation is AccountCreationOutcome.USERNAME_TAKEN
    assert await holder_of(resources, person.username) == others.owner


async def test_of_two_that_hold_a_name_together_the_first_account_has_it(
    steps: Steps, others: Steps, resources: Resources
) -> None:
    person = new_person()
    for each in (steps, others):
        await each.hold(person.username, email=person.email)

    creations = [(await each.create(person)).creation for each in (others, steps)]

    assert creations == [AccountCreationOutcome.CREATED, AccountCreationOutcome.USERNAME_TAKEN]
    assert await holder_of(resources, person.username) is None


async def test_hold_contains_neither_user_nor_name(steps: Steps, resources: Resources) -> None:
    person = new_person()
    await steps.hold(person.username)

    hold = await resources.clients.database["holds"].find_one({"owner": steps.owner})

    assert hold is not None
    assert person.username not in str(hold)


async def test_two_hundred_concurrent_holds_of_one_name_have_one_winner(crowd: list[Steps]) -> None:
    person = new_person()

    answers = await asyncio.gather(*(each.hold(person.username) for each in crowd))

    assert Counter(answers) == {True: 1, False: len(crowd) - 1}
