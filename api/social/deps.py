"""Dependencies of the social routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.area_resources import SocialResources
from api.deps import get_resources, provide_resources
from api.social.suggestion_pages import SuggestionPages


async def _suggestion_pages(request: Request) -> SuggestionPages:
    resources = get_resources(request)
    return SuggestionPages(resources.social.suggestions, resources.social.suggestion_lists)


SuggestionPagesDep = Annotated[SuggestionPages, Depends(_suggestion_pages)]

ResourcesDep = Annotated[SocialResources, Depends(provide_resources)]
