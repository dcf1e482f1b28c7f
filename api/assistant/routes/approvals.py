"""Approvals: calls of tools that the assistant asks for and that change something, decided by their user."""

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std
from api.assistant.deps import ConversationsDep, ResourcesDep
from api.assistant.schemas.approvals import Approvals, DecisionRequest, TurnCallView
from api.assistant.schemas.tools import CallIdInPath
from api.deps import CallerDep, NowDep, SessionCallerDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from domain.assistant.errors import ApprovalClosed, ApprovalNotFound
from domain.users.permissions import Permission

router = APIRouter(prefix="/assistant/approvals", tags=["approvals"])


@router.get(
    "",
    name="list",
    dependencies=[permit(Permission.ASSISTANT_READ, by_key=True), caller_std],
    response_model=Answer[Approvals],
    responses=error_responses(*CALLER_ERRORS),
)
async def list_waiting(caller: CallerDep, resources: ResourcesDep, now: NowDep) -> Response:
    """List the calls that wait for the caller, those that expire first before others, 100 at most."""
    calls = await resources.assistant.turn_calls.list_waiting(caller.user.user_id, now)
    return success_response(Approvals(approvals=[TurnCallView.of(call) for call in calls]), "Approvals found")


@router.post(
    "/{call_id}",
    dependencies=[permit(Permission.ASSISTANT_WRITE), caller_std],
    response_model=Answer[TurnCallView],
    responses=error_responses(*CALLER_ERRORS, ApprovalNotFound, ApprovalClosed, has_body=True),
)
async def decide(
    call_id: CallIdInPath, body: DecisionRequest, caller: SessionCallerDep, conversations: ConversationsDep, now: NowDep
) -> Response:
    """Approve a call, this time or from now on in its chat, or decline it. What runs is what was shown. It is decided
    once; an API key decides nothing.
    """
    call = await conversations.decide(caller.user.user_id, call_id, body.decision, caller.session.session_id, now)
    return success_response(TurnCallView.of(call), "Call decided")
