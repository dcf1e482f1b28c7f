"""Argon2id as OWASP asks for it, bounded, and never on the event loop."""

import asyncio
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from argon2.low_level import Type

from adapters.crypto.password_hashing import PasswordHashing
from domain.errors import Overloaded

PASSWORD = "correct horse battery staple"
BROKEN = [
    *("", "garbage", "$argon2id$", "$2b$12$0123456789012345678901"),
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
]
"""The last has our parameters and is no base64."""


@pytest.fixture
def passwords() -> Iterator[PasswordHashing]:
    made = PasswordHashing(max_waiting=16)
    yield made
    made.close()


@pytest.fixture
def narrow() -> Iterator[PasswordHashing]:
    """One hash at a time and one that waits: room for two."""
    made = PasswordHashing(max_waiting=1, workers=1)
    yield made
    made.close()


@pytest.fixture
def queue() -> Iterator[PasswordHashing]:
    """One hash at a time, and room for all to wait."""
    made = PasswordHashing(max_waiting=16, workers=1)
    yield made
    made.close()


async def begun(passwords: PasswordHashing) -> list[asyncio.Task[str]]:
    """Two hashes on their way, which is all the room there is."""
    tasks = [asyncio.create_task(passwords.hash(PASSWORD)) for _ in range(2)]
    await asyncio.sleep(0)
    return tasks


async def test_hash_names_algorithm_and_parameters(passwords: PasswordHashing) -> None:
    encoded = await passwords.hash(PASSWORD)

    assert encoded.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_same_password_has_another_hash_each_time(passwords: PasswordHashing) -> None:
    assert await passwords.hash(PASSWORD) != await passwords.hash(PASSWORD)


@pytest.mark.parametrize("password", [PASSWORD, "", "\x00 \u00e9 \U0001f511", "x" * 1024])
async def test_right_password_is_right(passwords: PasswordHashing, password: str) -> None:
    assert await passwords.is_correct(password, await passwords.hash(password))


@pytest.mark.parametrize("password", ["", PASSWORD.upper(), PASSWORD + " ", PASSWORD + "\x00", PASSWORD[:-1]])
async def test_wrong_password_is_wrong(passwords: PasswordHashing, password: str) -> None:
    assert not await passwords.is_correct(password, await passwords.hash(PASSWORD))


@pytest.mark.parametrize("password", [PASSWORD, ""])
async def test_password_without_a_hash_is_never_right(passwords: PasswordHashing, password: str) -> None:
    assert not await passwords.is_correct(password, None)


@pytest.mark.parametrize("encoded", BROKEN)
async def test_broken_hash_is_never_right(passwords: PasswordHashing, encoded: str) -> None:
    assert not await passwords.is_correct(PASSWORD, encoded)


PASSWORDS = [PASSWORD, "\x00 \u00e9 \U0001f511", "x" * 1024, "\U0001f511" * 1024]
PASSWORD_IDS = ["words", "unicode", "long", "long-unicode"]
ARGON2_CFFI = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@pytest.mark.parametrize("password", PASSWORDS, ids=PASSWORD_IDS)
async def test_hash_by_argon2_cffi_is_right_without_a_new_one(passwords: PasswordHashing, password: str) -> None:
    stored = ARGON2_CFFI.hash(password)

    assert await passwords.is_correct(password, stored)
    assert not await passwords.is_correct(password + "x", stored)
    assert not passwords.needs_rehash(stored)


@pytest.mark.parametrize("password", PASSWORDS, ids=PASSWORD_IDS)
async def test_hash_by_libsodium_is_right_for_argon2_cffi(passwords: PasswordHashing, password: str) -> None:
    encoded = await passwords.hash(password)

    assert ARGON2_CFFI.verify(encoded, password)
    assert not ARGON2_CFFI.check_needs_rehash(encoded)


@pytest.mark.parametrize(
    "older",
    [
        PasswordHasher(time_cost=1, memory_cost=64, parallelism=1),
        PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=4),
        PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, hash_len=99),
        PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.I),
    ],
    ids=["weaker", "four lanes", "longer than libsodium reads", "argon2i"],
)
async def test_hash_of_other_parameters_is_right_and_wants_a_new_one(
    passwords: PasswordHashing, older: PasswordHasher
) -> None:
    stored = older.hash(PASSWORD)

    assert await passwords.is_correct(PASSWORD, stored)
    assert not await passwords.is_correct(PASSWORD + "x", stored)
    assert passwords.needs_rehash(stored)


async def refused(narrow: PasswordHashing) -> Overloaded:
    """The refusal of one call more than there is room for."""
    tasks = await begun(narrow)
    with pytest.raises(Overloaded) as raised:
        await narrow.hash(PASSWORD)
    await asyncio.gather(*tasks)
    return raised.value


async def test_work_that_finds_no_room_is_refused(narrow: PasswordHashing) -> None:
    assert isinstance(await refused(narrow), Overloaded)


async def test_verification_without_a_hash_takes_as_much_memory_as_with_one(narrow: PasswordHashing) -> None:
    tasks = await begun(narrow)

    with pytest.raises(Overloaded):
        await narrow.is_correct(PASSWORD, None)
    await asyncio.gather(*tasks)


async def test_refused_caller_gets_a_retry_after(narrow: PasswordHashing) -> None:
    assert (await refused(narrow)).retry_after == 1


async def test_retry_after_grows_with_the_queue(narrow: PasswordHashing) -> None:
    """Each of the two before it takes ten seconds, as far as the mean knows."""
    narrow._mean_seconds = 10.0

    assert (await refused(narrow)).retry_after == 20


async def test_each_refused_caller_gets_a_turn_of_its_own(narrow: PasswordHashing) -> None:
    narrow._mean_seconds = 10.0
    tasks = await begun(narrow)

    refusals = await asyncio.gather(*(narrow.hash(PASSWORD) for _ in range(3)), return_exceptions=True)
    await asyncio.gather(*tasks)

    assert [refusal.retry_after for refusal in refusals if isinstance(refusal, Overloaded)] == [20, 30, 40]


async def test_retry_after_has_an_end(narrow: PasswordHashing) -> None:
    narrow._mean_seconds = 1000.0

    assert (await refused(narrow)).retry_after == 60


async def test_retry_after_follows_the_time_that_hashes_take(passwords: PasswordHashing) -> None:
    passwords._mean_seconds = 60.0

    await asyncio.gather(*(passwords.hash(PASSWORD) for _ in range(16)))

    assert passwords._mean_seconds < 10


async def test_calls_take_their_turns_in_the_order_of_arrival(queue: PasswordHashing) -> None:
    done: list[int] = []

    async def take_turn(number: int) -> None:
        await queue.hash(PASSWORD)
        done.append(number)

    await asyncio.gather(*map(take_turn, range(8)))

    assert done == list(range(8))


async def test_call_that_waits_too_long_is_refused() -> None:
    slow = PasswordHashing(max_waiting=1, workers=1, max_seconds=0)

    with pytest.raises(Overloaded) as refused:
        await slow.hash(PASSWORD)
    slow.close()

    assert refused.value.retry_after == 1


async def test_room_comes_back_with_each_hash(narrow: PasswordHashing) -> None:
    await asyncio.gather(*await begun(narrow))

    again = await asyncio.gather(*await begun(narrow))

    assert len(again) == 2


async def test_cancelled_caller_makes_room(narrow: PasswordHashing) -> None:
    running, waiting = await begun(narrow)
    waiting.cancel()
    await asyncio.wait([waiting])

    late = await narrow.hash(PASSWORD)

    assert await running != late


@pytest.mark.defect(100)
async def test_event_loop_turns_while_hashing(passwords: PasswordHashing) -> None:
    """Counted in turns, not in milliseconds: a hash on the loop would allow two or three turns each, on any machine."""
    hashing = asyncio.gather(*(passwords.hash(PASSWORD) for _ in range(8)))
    turns = 0

    while not hashing.done():
        await asyncio.sleep(0)
        turns += 1

    assert turns > 200
