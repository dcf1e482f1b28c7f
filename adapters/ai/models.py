"""The models that can be asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.assistant.language_models import LanguageModel, ModelCatalogue


@dataclass(frozen=True)
class LanguageModels:
    """Models by name, and what is known of them."""

    catalogue: ModelCatalogue
    by_name: Mapping[str, LanguageModel]
