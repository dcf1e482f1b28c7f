"""Stores of the assistant: chats, messages, turns and the texts of answers."""

from dataclasses import dataclass
from datetime import timedelta

from adapters.ai.argument_schemas import ArgumentSchemas
from adapters.ai.models import LanguageModels
from adapters.crypto.keys import KeyLabel
from adapters.mongo.assistant.answers import AnswerStore
from adapters.mongo.assistant.askers import AskerStore
from adapters.mongo.assistant.chats import ChatStore
from adapters.mongo.assistant.closing import TurnClosing
from adapters.mongo.assistant.consents import ConsentStore
from adapters.mongo.assistant.messages import MessageStore
from adapters.mongo.assistant.model_usage import ModelUsageStore, TokenBudget
from adapters.mongo.assistant.sealed_words import SealedWords, WordRotation
from adapters.mongo.assistant.tools.tool_calls import ToolCallStore
from adapters.mongo.assistant.tools.turn_calls import TurnCallStore
from adapters.mongo.assistant.turns import TurnStore
from adapters.mongo.assistant.upkeep import ChatUpkeepStore
from adapters.redis.model_health import ModelHealth
from adapters.redis.presence import Presence
from adapters.redis.turn_texts import TurnTexts
from adapters.stores.auth import AuthStores
from adapters.stores.journal import JournalStores
from adapters.stores.language_models import open_models
from adapters.stores.notifications import NotificationStores
from adapters.stores.opening import Opening
from adapters.temporal.flow_views import FlowViews
from config.settings import Settings
from domain.assistant.chats import ChatLife
from domain.assistant.tools.definitions.all_tools import REGISTRY


@dataclass(frozen=True)
class AssistantStores:
    """`texts`, the sockets, by user and by chat, and `model_health` are in Redis, the stores in MongoDB.

    `models`: those that can be asked.
    """

    chats: ChatStore
    askers: AskerStore
    messages: MessageStore
    consents: ConsentStore
    turns: TurnStore
    answers: AnswerStore
    upkeep: ChatUpkeepStore
    rotation: WordRotation
    texts: TurnTexts
    user_sockets: Presence
    chat_sockets: Presence
    models: LanguageModels
    model_health: ModelHealth
    model_usage: ModelUsageStore
    token_budget: TokenBudget
    argument_schemas: ArgumentSchemas
    tool_calls: ToolCallStore
    turn_calls: TurnCallStore
    flow_views: FlowViews


def open_assistant(
    opening: Opening, journal: JournalStores, auth: AuthStores, notifications: NotificationStores
) -> AssistantStores:
    """Return the stores of the assistant. They record occurrences in the store of `journal`, look in `auth` for
    who has asked, and publish the notifications that they store as those of `notifications` are.
    """
    clients, occurrences, cipher = opening.clients, journal.occurrences, opening.cipher(KeyLabel.WORDS)
    mongo, database, life = clients.mongo, clients.database, _life(opening.settings)
    texts, words = TurnTexts(clients.redis), SealedWords(cipher, "turns")
    askers = AskerStore(auth.sessions, auth.api_keys)
    calls = ToolCallStore(database, SealedWords(cipher, "tool_calls"))
    usage = ModelUsageStore(database)
    publish = notifications.publisher.try_publish_stored
    closing = TurnClosing(database, occurrences, life, texts.publish_changed)
    return AssistantStores(
        askers=askers,
        chats=ChatStore(
            mongo, database, occurrences, SealedWords(cipher, "chats").readable, life, texts.publish_chat_changed
        ),
        consents=ConsentStore(mongo, database, occurrences),
        messages=MessageStore(mongo, database, closing, words.readable, life),
        turns=TurnStore(database, words.readable),
        answers=AnswerStore(mongo, database, askers, closing, words),
        upkeep=ChatUpkeepStore(database, askers),
        rotation=WordRotation(database, cipher),
        texts=texts,
        user_sockets=Presence(clients.redis, "assistant_sockets", opening.process),
        chat_sockets=Presence(clients.redis, "chat_sockets", opening.process),
        argument_schemas=ArgumentSchemas(REGISTRY.list_tools(include_deprecated=True)),
        tool_calls=calls,
        turn_calls=TurnCallStore(mongo, database, calls, occurrences, opening.hashes, publish),
        flow_views=FlowViews(clients.temporal, opening.hashes),
        models=open_models(opening, cipher),
        model_health=ModelHealth(clients.redis),
        model_usage=usage,
        token_budget=TokenBudget(usage, opening.settings.chat_tokens_a_day),
    )


def _life(settings: Settings) -> ChatLife:
    return ChatLife(
        ttl=timedelta(seconds=settings.chat_ttl_seconds),
        grace=timedelta(seconds=settings.chat_grace_seconds),
        retention=timedelta(days=settings.chat_retention_days),
    )
