"""The configured models, open to be asked."""

from collections.abc import Mapping

import httpx

from adapters.ai.anthropic_wire import ANTHROPIC
from adapters.ai.endpoint import Endpoint, open_client
from adapters.ai.http_model import HttpModel
from adapters.ai.mock import MockModel
from adapters.ai.models import LanguageModels
from adapters.ai.openai_wire import OPENAI
from adapters.ai.wire import Wire, WireModel
from adapters.crypto.field_cipher import FieldCipher
from adapters.redis.answer_cache import AnswerCache
from adapters.redis.cached_model import CachedModel
from adapters.stores.opening import Opening
from config.models import ModelSettings, WireName
from config.settings import Settings
from domain.assistant.language_models import LanguageModel, ModelCatalogue, ModelFacts

WIRES: Mapping[WireName, Wire] = {WireName.OPENAI: OPENAI, WireName.ANTHROPIC: ANTHROPIC}


def open_models(opening: Opening, cipher: FieldCipher) -> LanguageModels:
    """Return the models of the settings, none where there is no model. `cipher`: of the answers that are kept."""
    settings, file = opening.settings, opening.settings.models
    if file is None:
        return LanguageModels(ModelCatalogue({}, ()), {})
    client = open_client()
    opening.stack.push_async_callback(client.aclose)
    facts = {name: _facts(name, model) for name, model in file.models.items()}
    models: dict[str, LanguageModel] = {
        name: _open(facts[name], model, settings, client) for name, model in file.models.items()
    }
    if settings.chat_cache == "on":
        cache = AnswerCache(opening.clients.redis, cipher)
        models = {name: CachedModel(model, cache, opening.hashes.answer_key) for name, model in models.items()}
    return LanguageModels(ModelCatalogue(facts, file.chain), models)


def _facts(name: str, model: ModelSettings) -> ModelFacts:
    is_mock = model.wire is WireName.MOCK
    return ModelFacts(
        name=name,
        context_tokens=model.context_tokens,
        max_output=model.max_output,
        can_call_tools=model.can_call_tools,
        is_external=not is_mock,
        continues=model.continues or is_mock,
        is_steady=model.temperature == 0,
        price_in=model.price_in,
        price_out=model.price_out,
    )


def _open(facts: ModelFacts, model: ModelSettings, settings: Settings, client: httpx.AsyncClient) -> LanguageModel:
    if model.wire is WireName.MOCK:
        return MockModel(settings.mock_first_ms, settings.mock_word_ms, facts)
    wire, key = WIRES[model.wire], model.key.get_secret_value() if model.key else None
    url = f"{(model.base_url or '').rstrip('/')}{wire.path}"
    endpoint = Endpoint(client, url, wire.headers(key), model.most_at_once)
    return HttpModel(WireModel(facts, model.model or facts.name, model.temperature), wire, endpoint)
