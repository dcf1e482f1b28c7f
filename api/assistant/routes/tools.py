"""Tools: their list, and calls of them by users' own clients."""

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import tools as tools_limit
from api.assistant.client_tools import ToolUser
from api.assistant.deps import ClientToolsDep
from api.assistant.schemas.tools import (
    Listing,
    ToolCallRequest,
    ToolCallView,
    ToolList,
    ToolNameInPath,
    ToolView,
)
from api.deps import CallerDep, NowDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from domain.assistant.errors import ToolNotFound
from domain.assistant.tools.definitions.all_tools import REGISTRY
from domain.errors import IdempotencyKeyReused
from domain.users.permissions import Permission

router = APIRouter(prefix="/assistant/tools", tags=["tools"])


@router.get(
    "",
    name="list",
    dependencies=[permit(Permission.ASSISTANT_READ, by_key=True), tools_limit],
    response_model=Answer[ToolList],
    responses=error_responses(*CALLER_ERRORS),
)
async def list_all(query: Listing) -> Response:
    """List the tools by name, those of one category or all. What one may use of them depends on one's permissions."""
    tools = REGISTRY.list_tools(category=query.category, include_deprecated=query.include_deprecated)
    return success_response(ToolList.of(tools), "Tools found")


@router.get(
    "/{name}",
    dependencies=[permit(Permission.ASSISTANT_READ, by_key=True), tools_limit],
    response_model=Answer[ToolView],
    responses=error_responses(*CALLER_ERRORS, ToolNotFound),
)
async def get(name: ToolNameInPath) -> Response:
    """Return one tool, deprecated or not."""
    tool = REGISTRY.find(name)
    if tool is None:
        raise ToolNotFound
    return success_response(ToolView.of(tool), "Tool found")


@router.post(
    "/{name}/call",
    dependencies=[permit(Permission.ASSISTANT_WRITE, by_key=True), tools_limit],
    response_model=Answer[ToolCallView],
    responses=error_responses(*CALLER_ERRORS, IdempotencyKeyReused, has_body=True)
    | {202: {"model": Answer[ToolCallView], "description": "The call runs; repeat it with the same `call_id`."}},
)
async def call(
    name: ToolNameInPath, caller: CallerDep, tools: ClientToolsDep, now: NowDep, body: ToolCallRequest
) -> Response:
    """Call a tool as oneself. A tool that fails is a result, with `success` false; so is one that may not be used."""
    view = await tools.call(ToolUser.of(caller), name, body.parameters, body.call_id, now)
    if view.result is None:
        return success_response(view, "The call runs", 202)
    return success_response(view, "Tool called")
