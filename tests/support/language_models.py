"""Resources with other models than the configured ones."""

from dataclasses import replace

from adapters.ai.models import LanguageModels
from adapters.resources import Resources
from domain.assistant.language_models import LanguageModel, ModelCatalogue


def models_of(*models: LanguageModel) -> LanguageModels:
    """Return these models; all are in the chain, in this order."""
    by_name = {model.facts.name: model for model in models}
    facts = {name: model.facts for name, model in by_name.items()}
    return LanguageModels(ModelCatalogue(facts, list(by_name)), by_name)


def with_models(resources: Resources, *models: LanguageModel) -> Resources:
    """Return the same resources with these models alone."""
    return replace(resources, assistant=replace(resources.assistant, models=models_of(*models)))
