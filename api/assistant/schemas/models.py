"""The models that can answer, as their users see them: no key, no address."""

from api.schemas.envelope import View
from domain.assistant.language_models import ModelCatalogue


class ModelView(View):
    name: str
    can_call_tools: bool
    context_tokens: int


class ModelList(View):
    """`default`: the one that answers first unless a chat names another; null without any."""

    models: list[ModelView]
    default: str | None

    @classmethod
    def of(cls, catalogue: ModelCatalogue) -> "ModelList":
        models = [
            ModelView(name=model.name, can_call_tools=model.can_call_tools, context_tokens=model.context_tokens)
            for model in catalogue.models.values()
        ]
        return cls(models=models, default=catalogue.default)
