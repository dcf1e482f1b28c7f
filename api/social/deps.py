"""Dependencies of the social routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.area_resources import SocialResources
from api.deps import all_resources, resources_of
from api.social.suggestion_pages import SuggestionPages as SuggestionReader


async def _suggestion_pages(request: Request) -> SuggestionReader:
    resources = resources_of(request)
    return SuggestionReader(resources.social.suggestions, resources.social.suggestion_lists)


SuggestionPagesDep = Annotated[SuggestionReader, Depends(_suggestion_pages)]

Resources = Annotated[SocialResources, Depends(all_resources)]
