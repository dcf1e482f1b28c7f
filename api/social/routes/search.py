"""Search for users by name."""

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std
from api.deps import CallerDep, GraphSyncTriggerDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.social.deps import ResourcesDep
from api.social.schemas.search import PeoplePage, Searching
from domain.social.search import NO_RESULTS, full_text_query, parse_search_cursor
from domain.users.permissions import Permission

router = APIRouter(prefix="/users/search", tags=["users"])


@router.get(
    "",
    dependencies=[permit(Permission.USERS_READ, by_key=True), caller_std],
    response_model=Answer[PeoplePage],
    responses=error_responses(*CALLER_ERRORS),
)
async def search(
    caller: CallerDep, resources: ResourcesDep, graph_sync_trigger: GraphSyncTriggerDep, query: Searching
) -> Response:
    """Search for users whose names fit: that very username, usernames that begin so, display names with words that do,
    and names one typo away; in this order, and by id. A new name is found by every search after it was given.
    """
    after = parse_search_cursor(query.cursor) if query.cursor else None
    search = full_text_query(query.q)
    found = NO_RESULTS
    if search:
        await graph_sync_trigger.put_pending()
        skip = query.page * query.limit
        me = caller.user.user_id
        found = await resources.social.search.find(search, caller_id=me, skip=skip, after=after, limit=query.limit)
    return success_response(PeoplePage.of(found, query), "Users found")
