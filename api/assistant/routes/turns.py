"""Turns: read one from any position, stop it, have it answered anew."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.access.permits import permit
from api.access.route_limits import caller_std
from api.assistant.deps import ConversationsDep
from api.assistant.schemas.turns import PositionQuery, TurnView
from api.deps import CallerDep, NowDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer, NoFields
from api.schemas.fields import ObjectId
from domain.assistant.errors import (
    AssistantOff,
    ChatExpired,
    ConsentRequired,
    TokenBudgetSpent,
    TooManyTurns,
    TurnClosed,
    TurnNotFound,
)
from domain.users.permissions import Permission

router = APIRouter(prefix="/assistant/turns", tags=["turns"])

TurnId = Annotated[ObjectId, Path()]


@router.get(
    "/{turn_id}",
    dependencies=[permit(Permission.ASSISTANT_READ, by_key=True), caller_std],
    response_model=Answer[TurnView],
    responses=error_responses(*CALLER_ERRORS, TurnNotFound),
)
async def read_one(
    turn_id: TurnId, caller: CallerDep, conversations: ConversationsDep, query: Annotated[PositionQuery, Query()]
) -> Response:
    """Show a turn, with what was said after a position. For what comes later ask again from the last `next_offset`, in
    the same `attempt`.
    """
    turn = await conversations.read(caller.user.user_id, turn_id)
    return success_response(TurnView.of(turn, query.position_in(turn)), "Turn found")


@router.post(
    "/{turn_id}/stop",
    dependencies=[permit(Permission.ASSISTANT_WRITE, by_key=True), caller_std],
    response_model=Answer[TurnView],
    responses=error_responses(*CALLER_ERRORS, TurnNotFound, TurnClosed, has_body=True),
)
async def stop(
    turn_id: TurnId,
    caller: CallerDep,
    conversations: ConversationsDep,
    now: NowDep,
    body: NoFields | None = None,
) -> Response:
    """Stop a turn. What was said stays."""
    turn = await conversations.stop(caller.user.user_id, turn_id, now)
    return success_response(TurnView.of(turn), "Turn is being stopped" if turn.state.is_open else "Turn stopped")


@router.post(
    "/{turn_id}/retry",
    dependencies=[permit(Permission.ASSISTANT_WRITE, by_key=True), caller_std],
    response_model=Answer[TurnView],
    responses=error_responses(
        *CALLER_ERRORS,
        *(AssistantOff, ConsentRequired, TokenBudgetSpent, TurnNotFound, TurnClosed, ChatExpired, TooManyTurns),
        has_body=True,
    ),
)
async def retry(
    turn_id: TurnId,
    caller: CallerDep,
    conversations: ConversationsDep,
    now: NowDep,
    body: NoFields | None = None,
) -> Response:
    """Have a message answered anew whose answer has failed or was stopped."""
    turn = await conversations.retry(caller.user.user_id, turn_id, now, caller.asker_id)
    return success_response(TurnView.of(turn), "Turn is being answered anew")
