"""Payloads: all that Temporal stores is encrypted, and a payload in clear is refused."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.message import Message
from temporalio.api.common.v1 import Header, Payload, SearchAttributes, WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from activities.users.graph_sync import GraphSyncInput
from adapters.crypto.field_cipher import DecryptionFailed, FieldCipher
from adapters.crypto.keys import KeyLabel, KeyRing, UnknownKey
from adapters.resources import Resources
from adapters.temporal.codec import EncryptedPayloads, PlainPayload
from config.settings import Settings
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, register
from tests.support.polling import eventually
from workflows.queues import Queue
from workflows.users.graph_sync import GraphSync

LOOKUP = b"l" * 32
OLD = KeyRing({"old1": b"o" * 32}, lookup=LOOKUP)
NEW = KeyRing({"new1": b"n" * 32, "old1": b"o" * 32}, lookup=LOOKUP)
NOTE_OF_THE_SDK = frozenset(
    "seq attempt activity_id activity_type complete_time backoff original_schedule_time activation_index".split()
)
"""What the SDK itself writes beside the result of a local activity."""
NOTE_OF_A_PATCH = frozenset({"id", "deprecated"})
"""What it writes where a workflow asks whether it is patched."""
PAYLOAD = Payload(metadata={"encoding": b"json/plain"}, data=b'"a secret"')


def codec(ring: KeyRing, namespace: str = "default") -> EncryptedPayloads:
    return EncryptedPayloads(FieldCipher(ring, KeyLabel.PAYLOADS), namespace)


async def test_payload_comes_back_as_it_went() -> None:
    (sealed,) = await codec(OLD).encode([PAYLOAD])

    assert await codec(OLD).decode([sealed]) == [PAYLOAD]


async def test_sealed_payload_shows_its_key_and_nothing_else() -> None:
    (sealed,) = await codec(OLD).encode([PAYLOAD])

    assert dict(sealed.metadata) == {"encoding": b"binary/encrypted", "encryption-key-id": b"old1"}
    assert b"secret" not in sealed.data
    assert b"json" not in sealed.data


async def test_same_payload_is_never_sealed_alike() -> None:
    first, second = await codec(OLD).encode([PAYLOAD, PAYLOAD])

    assert first.data != second.data


async def test_rotated_key_still_opens_what_it_sealed() -> None:
    (sealed,) = await codec(OLD).encode([PAYLOAD])

    assert await codec(NEW).decode([sealed]) == [PAYLOAD]


async def test_key_that_is_not_rolled_out_here_is_named_as_such() -> None:
    (sealed,) = await codec(NEW).encode([PAYLOAD])

    with pytest.raises(UnknownKey):
        await codec(OLD).decode([sealed])


async def test_payload_of_another_namespace_is_not_opened() -> None:
    (sealed,) = await codec(OLD, "production").encode([PAYLOAD])

    with pytest.raises(DecryptionFailed):
        await codec(OLD, "staging").decode([sealed])


async def test_payload_under_another_keys_name_is_not_opened() -> None:
    ring = KeyRing({"new1": b"o" * 32, "old1": b"o" * 32}, lookup=LOOKUP)
    (sealed,) = await codec(OLD).encode([PAYLOAD])
    sealed.metadata["encryption-key-id"] = b"new1"

    with pytest.raises(DecryptionFailed):
        await codec(ring).decode([sealed])


@pytest.mark.parametrize("place", [0, 12, -1], ids=["nonce", "text", "tag"])
async def test_changed_payload_is_not_opened(place: int) -> None:
    (sealed,) = await codec(OLD).encode([PAYLOAD])
    changed = bytearray(sealed.data)
    changed[place] ^= 1

    with pytest.raises(DecryptionFailed):
        await codec(OLD).decode([Payload(metadata=sealed.metadata, data=bytes(changed))])


async def test_plain_payload_is_refused() -> None:
    with pytest.raises(PlainPayload):
        await codec(OLD).decode([PAYLOAD])


@pytest.mark.defect(25)
async def test_history_of_a_registration_holds_nothing_in_clear(
    resources: Resources, registered: SignedIn, mailbox: Mailbox
) -> None:
    code = await mailbox.code(registered.person.email, "create-account")
    flow = await history(resources, f"registration/{resources.hashes.workflow_key(registered.flow_id)}")

    found = list(payloads(flow))
    clear = [payload for payload in found if payload.metadata["encoding"] != b"binary/encrypted"]
    assert len(found) > len(clear)
    assert {frozenset(json.loads(payload.data)) for payload in clear} <= {NOTE_OF_THE_SDK, NOTE_OF_A_PATCH}
    text = flow.SerializeToString()
    for secret in (
        registered.person.username,
        registered.person.email,
        registered.person.password,
        registered.person.fingerprint,
        registered.flow_id,
        registered.user["_id"],
        registered.session["_id"],
        registered.session["session_token"],
        code,
    ):
        assert secret.encode() not in text


async def test_flow_that_comes_in_clear_waits_for_an_operator(resources: Resources, plain: Client) -> None:
    key = resources.hashes.new_object_id()
    flow = await plain.start_workflow(
        GraphSync.run, GraphSyncInput(key, key), id=f"graph-sync/{key}", task_queue=Queue.GRAPH
    )

    await eventually(lambda: has_a_failed_task(flow))

    assert (await flow.describe()).status is WorkflowExecutionStatus.RUNNING
    await flow.terminate()


@pytest.fixture
async def plain(settings: Settings, resources: Resources) -> Client:
    """A client with access to Temporal and without our keys."""
    return await Client.connect(resources.temporal.service_client.config.target_host)


@pytest.fixture
async def registered(api: Any, mailbox: Mailbox) -> SignedIn:
    signed_in = await register(api, mailbox)
    await mailbox.letter(signed_in.person.email, "welcome-message")
    return signed_in


async def history(resources: Resources, workflow_id: str) -> History:
    """As the server holds it."""
    temporal = resources.temporal
    ask = GetWorkflowExecutionHistoryRequest(
        namespace=temporal.namespace, execution=WorkflowExecution(workflow_id=workflow_id)
    )
    return (await temporal.workflow_service.get_workflow_execution_history(ask)).history


def payloads(message: Message) -> Iterator[Payload]:
    """Every payload in it but search attributes and headers, which are no secrets and have to be read."""
    if isinstance(message, Payload):
        yield message
    elif not isinstance(message, SearchAttributes | Header):
        for field, value in message.ListFields():
            if field.message_type is not None:
                for part in _parts(value):
                    yield from payloads(part)


def _parts(value: Any) -> list[Message]:
    """One message, several, or those of a map."""
    if isinstance(value, Message):
        return [value]
    several = value.values() if hasattr(value, "values") else value
    return [part for part in several if isinstance(part, Message)]


async def has_a_failed_task(flow: WorkflowHandle[Any, Any]) -> bool:
    failed = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    return any([event.event_type == failed async for event in flow.fetch_history_events()])
