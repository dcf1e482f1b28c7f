"""All tools that the product has."""

from domain.assistant.tools.definitions import notifications, profiles, relationships, search, utility
from domain.assistant.tools.registry import ToolRegistry

REGISTRY = ToolRegistry((*profiles.TOOLS, *search.TOOLS, *relationships.TOOLS, *notifications.TOOLS, *utility.TOOLS))
