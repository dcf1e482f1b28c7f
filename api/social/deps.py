"""Dependencies of the social routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.area_resources import SocialResources
from api.access.authentication import Caller
from api.access.callers import Bearer, require_caller
from api.access.permits import require_permission
from api.deps import get_resources, provide_resources
from api.social.suggestion_pages import SuggestionPages
from domain.users.permissions import Permission


async def _suggestion_pages(request: Request) -> SuggestionPages:
    resources = get_resources(request)
    return SuggestionPages(resources.social.suggestions, resources.social.suggestion_lists)


async def _growth_reader(request: Request) -> Caller:
    """Return the caller if they are the user in the path, or may read the growth of others.

    Raises Forbidden, and what `require_caller` raises.
    """
    caller = await require_caller(request)
    if caller.user.user_id != request.path_params["user_id"].strip().lower():
        await require_permission(request, Permission.SNAPSHOTS_READ)
    return caller


SuggestionPagesDep = Annotated[SuggestionPages, Depends(_suggestion_pages)]
GrowthReaderDep = Annotated[Caller, Depends(Bearer(_growth_reader))]

ResourcesDep = Annotated[SocialResources, Depends(provide_resources)]
