"""Drivers' errors, real ones: which server, and whether another try can help."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace

import aiosmtplib
import neo4j
import pytest
from pymongo.errors import OperationFailure, PyMongoError, ServerSelectionTimeoutError
from temporalio.service import RPCError, RPCStatusCode

from adapters.crypto.field_cipher import FieldCipher
from adapters.crypto.keys import KeyLabel, KeyRing
from adapters.failures import Dependency, Failure, classify_failure, is_not_ready
from adapters.mail.smtp import SmtpClient, SmtpSettings
from adapters.mongo.client import open_mongo
from adapters.mongo.client import ping as ping_mongo
from adapters.neo4j.client import open_neo4j
from adapters.neo4j.client import ping as ping_neo4j
from adapters.redis.client import open_redis
from adapters.redis.client import ping as ping_redis
from adapters.resources import Resources
from adapters.temporal.client import connect, new_runtime
from config.settings import Settings
from domain.accounts.errors import UsernameTaken
from tests.support.accounts import make_account
from tests.support.people import new_person

Call = Callable[[], Awaitable[object]]


async def error_of(call: Call) -> Exception:
    try:
        await call()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


async def test_absent_mongodb_is_worth_another_try(closed_port: int) -> None:
    client = open_mongo(f"mongodb://127.0.0.1:{closed_port}/?serverSelectionTimeoutMS=100")

    error = await error_of(lambda: ping_mongo(client))

    await client.close()
    assert classify_failure(error) == Failure(Dependency.MONGO, is_transient=True)


async def test_absent_neo4j_is_worth_another_try(closed_port: int) -> None:
    driver = open_neo4j(f"bolt://127.0.0.1:{closed_port}", user="neo4j", password="x")

    error = await error_of(lambda: ping_neo4j(driver))

    await driver.close()
    assert classify_failure(error) == Failure(Dependency.NEO4J, is_transient=True)


async def test_absent_redis_is_worth_another_try(closed_port: int) -> None:
    redis = open_redis(f"redis://127.0.0.1:{closed_port}/0")

    error = await error_of(lambda: ping_redis(redis))

    await redis.aclose()
    assert classify_failure(error) == Failure(Dependency.REDIS, is_transient=True)


async def test_absent_mail_server_is_worth_another_try(closed_port: int) -> None:
    smtp = SmtpClient(
        SmtpSettings(f"smtp://127.0.0.1:{closed_port}", starttls=False, tls=False, ca_file=None, connections=1)
    )

    error = await error_of(smtp.ping)

    assert classify_failure(error) == Failure(Dependency.SMTP, is_transient=True)


@pytest.mark.parametrize("call", ["look", "start"])
async def test_absent_temporal_is_worth_another_try(
    closed_port: int, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{closed_port}")
    sealing = FieldCipher(KeyRing({"test1": b"k" * 32}, lookup=b"l" * 32), KeyLabel.PAYLOADS)
    client = await connect(sealing, runtime=new_runtime(None), identity="test", is_api=True)
    calls: dict[str, Call] = {
        "look": client.get_workflow_handle("nothing").describe,
        "start": lambda: client.start_workflow("Nothing", id="nothing", task_queue="nothing"),
    }

    error = await error_of(calls[call])

    assert classify_failure(error) == Failure(Dependency.TEMPORAL, is_transient=True)


async def test_duplicate_key_is_final(resources: Resources) -> None:
    signed_in = await make_account(resources)
    twin = {"username_key": signed_in.person.username, "email_key": new_person().email}

    error = await error_of(lambda: resources.clients.database["users"].insert_one(twin))

    assert classify_failure(error) == Failure(Dependency.MONGO, is_transient=False)


async def test_statement_that_mongodb_does_not_know_is_final(resources: Resources) -> None:
    error = await error_of(lambda: resources.clients.database["users"].find_one({"$nonsense": 1}))

    assert classify_failure(error) == Failure(Dependency.MONGO, is_transient=False)


async def test_write_conflict_of_two_transactions_is_worth_another_try(resources: Resources) -> None:
    notes = resources.clients.database["notes"]
    key = {"_id": secrets.token_hex(8)}
    await notes.insert_one(key)

    async def write_twice() -> None:
        async with (
            resources.clients.mongo.start_session() as one,
            resources.clients.mongo.start_session() as two,
            await one.start_transaction(),
            await two.start_transaction(),
        ):
            await notes.update_one(key, {"$set": {"by": 1}}, session=one)
            await notes.update_one(key, {"$set": {"by": 2}}, session=two)

    error = await error_of(write_twice)

    assert isinstance(error, PyMongoError)
    assert classify_failure(error) == Failure(Dependency.MONGO, is_transient=True)


async def test_statement_that_ran_out_of_time_is_worth_another_try(resources: Resources) -> None:
    users = resources.clients.database["users"]
    await users.find_one()

    error = await error_of(lambda: users.find_one({"$where": "sleep(500) || true"}, max_time_ms=1))

    assert classify_failure(error) == Failure(Dependency.MONGO, is_transient=True)


async def test_statement_that_neo4j_does_not_know_is_final(resources: Resources) -> None:
    error = await error_of(lambda: resources.clients.neo4j.execute_query("NONSENSE"))

    assert classify_failure(error) == Failure(Dependency.NEO4J, is_transient=False)


@pytest.mark.defect(50)
async def test_second_node_of_a_user_is_refused_for_good(resources: Resources) -> None:
    twins = "CREATE (:User {user_id: $id}), (:User {user_id: $id})"

    error = await error_of(lambda: resources.clients.neo4j.execute_query(twins, id=secrets.token_hex(12)))

    assert classify_failure(error) == Failure(Dependency.NEO4J, is_transient=False)


async def test_wait_for_a_connection_to_neo4j_is_worth_another_try(settings: Settings) -> None:
    driver = neo4j.AsyncGraphDatabase.driver(
        settings.neo4j_url,
        auth=(settings.neo4j_user, settings.neo4j_password.get_secret_value()),
        max_connection_pool_size=1,
        connection_acquisition_timeout=1.0,
    )

    async def take_both() -> None:
        async with driver.session() as first:
            await first.run("RETURN 1")
            await ping_neo4j(driver)

    error = await error_of(take_both)

    await driver.close()
    assert classify_failure(error) == Failure(Dependency.NEO4J, is_transient=True)


async def test_command_that_redis_refuses_is_final(resources: Resources) -> None:
    key = secrets.token_hex(8)
    await resources.clients.redis.set(key, "text", ex=5)

    error = await error_of(lambda: resources.clients.redis.zcard(key))

    assert classify_failure(error) == Failure(Dependency.REDIS, is_transient=False)


async def test_wrong_password_of_the_mail_server_is_worth_another_try(resources: Resources, settings: Settings) -> None:
    url = settings.smtp_url.get_secret_value()
    server = SmtpSettings(url, starttls=True, tls=False, ca_file=settings.smtp_ca_file, connections=1)
    wrong = url.replace(url.partition("@")[0], "smtp://decode:wrong")

    error = await error_of(SmtpClient(replace(server, url=wrong)).ping)

    assert isinstance(error, aiosmtplib.SMTPAuthenticationError)
    assert classify_failure(error) == Failure(Dependency.SMTP, is_transient=True)


async def test_flow_that_temporal_does_not_know_is_final(resources: Resources) -> None:
    error = await error_of(resources.temporal.get_workflow_handle("nothing").describe)

    assert isinstance(error, RPCError)
    assert classify_failure(error) == Failure(Dependency.TEMPORAL, is_transient=False)


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), UsernameTaken(), RuntimeError("x"), OSError("x")])
def test_error_of_no_driver_says_nothing_of_a_server(error: Exception) -> None:
    assert classify_failure(error) is None


async def test_cancelled_work_says_nothing_of_a_server() -> None:
    assert classify_failure(asyncio.CancelledError()) is None


@pytest.mark.parametrize(
    "error",
    [
        ServerSelectionTimeoutError("away"),
        neo4j.exceptions.ServiceUnavailable("away"),
        ConnectionRefusedError(),
        RPCError("Namespace decode is not found.", RPCStatusCode.NOT_FOUND, b""),
        RPCError("no mapping defined for search attribute FlowKind", RPCStatusCode.INVALID_ARGUMENT, b""),
        RPCError("already registered", RPCStatusCode.ALREADY_EXISTS, b""),
    ],
)
def test_server_that_is_still_to_come_is_not_ready(error: Exception) -> None:
    assert is_not_ready(error)


@pytest.mark.parametrize(
    "error",
    [
        KeyError("x"),
        RuntimeError("x"),
        OperationFailure("bad index", 67),
        RPCError("bad schedule", RPCStatusCode.INVALID_ARGUMENT, b""),
        neo4j.exceptions.ClientError("x"),
    ],
)
def test_what_waiting_does_not_mend_is_not_taken_for_a_server(error: Exception) -> None:
    assert not is_not_ready(error)
