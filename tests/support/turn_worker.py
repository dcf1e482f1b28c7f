"""A worker in this process that answers the turns of a test, on a queue of its own, by models of the test's choice."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from temporalio.worker import Worker

from adapters.resources import Resources, open_resources
from config.settings import Settings
from domain.assistant.language_models import LanguageModel
from tests.support.language_models import with_models
from tests.support.talks import Talks
from workers.areas.assistant import hosted
from workers.interceptors import ActivityErrors
from workers.request_id import WorkerRequestIds
from workers.sandbox import workflow_runner
from workflows.assistant.turns import Turns, turns_input, turns_workflow_id
from workflows.queues import Queue


@dataclass(frozen=True)
class TurnWorker:
    """Its queue, and what it works with."""

    resources: Resources
    queue: str

    async def answer(self, talks: Talks, text: str, chat_id: str | None = None) -> str:
        """Send a message, by default in a new chat, and have it answered. Return the turn's id."""
        chat_id = chat_id or (await talks.begin_chat()).chat_id
        turn = await talks.send(chat_id, text)
        key = self.resources.hashes.workflow_key(chat_id)
        await self.resources.temporal.start_workflow(
            Turns.run, turns_input(chat_id, key), id=turns_workflow_id(key), task_queue=self.queue
        )
        return turn.turn_id


@asynccontextmanager
async def turn_worker(settings: Settings, *models: LanguageModel) -> AsyncIterator[TurnWorker]:
    """Run a worker; without models of its own it has the configured ones."""
    queue = f"assistant-{secrets.token_hex(6)}"
    async with open_resources(settings.model_copy(update={"metrics_address": None}), service="worker") as own:
        resources = with_models(own, *models) if models else own
        worker = Worker(
            own.temporal,
            task_queue=queue,
            workflows=[Turns],
            activities=[
                each for entry in hosted(resources) if entry.queue is Queue.ASSISTANT for each in entry.activities
            ],
            workflow_runner=workflow_runner(),
            interceptors=[WorkerRequestIds(), ActivityErrors()],
        )
        async with worker:
            yield TurnWorker(resources, queue)
