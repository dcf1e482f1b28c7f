"""Messages of a chat: send one, and read the history."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.access.permits import permit
from api.access.route_limits import caller_std, chat
from api.assistant.deps import ConversationsDep, ResourcesDep
from api.assistant.schemas.turns import History, HistoryQuery, SendMessageRequest, SentMessage, TurnView
from api.deps import CallerDep, IdempotencyKey, NowDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.problems import Responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.fields import ObjectId
from domain.assistant.errors import (
    AssistantOff,
    ChatExpired,
    ChatGone,
    ChatNotFound,
    ConsentRequired,
    TokenBudgetSpent,
    TooManyTurns,
    TurnRunning,
)
from domain.assistant.history import history_page, newest_turn_before, turns_of_page
from domain.errors import IdempotencyKeyReused
from domain.users.permissions import Permission

router = APIRouter(prefix="/assistant/chats/{chat_id}/messages", tags=["chats"])

ChatId = Annotated[ObjectId, Path()]

ACCEPTED: Responses = {202: {"model": Answer[SentMessage], "description": "The answer is not there yet."}}


@router.post(
    "",
    dependencies=[permit(Permission.ASSISTANT_WRITE, by_key=True), chat],
    response_model=Answer[SentMessage],
    responses=ACCEPTED
    | error_responses(
        *CALLER_ERRORS,
        *(AssistantOff, ConsentRequired, TokenBudgetSpent, ChatNotFound, ChatExpired, TurnRunning, TooManyTurns),
        IdempotencyKeyReused,
        has_body=True,
    ),
)
async def send(
    chat_id: ChatId,
    body: SendMessageRequest,
    caller: CallerDep,
    conversations: ConversationsDep,
    now: NowDep,
    message_id: IdempotencyKey = None,
) -> Response:
    """Send a message. It is answered whatever happens from here on; if that takes longer than two seconds the answer
    comes later, in the turn. The same Idempotency-Key is the same turn, for as long as the chat is kept.
    """
    accepted = await conversations.say(
        caller.user.user_id, chat_id, body.text, body.mode, message_id, now, caller.asker_id
    )
    turn = await conversations.wait_until_closed(accepted.turn)
    sent = SentMessage(turn=TurnView.of(turn), ahead=accepted.ahead)
    if turn.state.is_open:
        return success_response(sent, "Message accepted", 202)
    return success_response(sent, "Message answered")


@router.get(
    "",
    name="list_messages",
    dependencies=[permit(Permission.ASSISTANT_READ, by_key=True), caller_std],
    response_model=Answer[History],
    responses=error_responses(*CALLER_ERRORS, ChatNotFound, ChatGone),
)
async def list_page(
    chat_id: ChatId, caller: CallerDep, resources: ResourcesDep, query: Annotated[HistoryQuery, Query()], now: NowDep
) -> Response:
    """List messages of a chat, 100 or 256 KiB at most: the newest, or those with a lower number than `before`."""
    stores = resources.assistant
    found = await stores.chats.find(caller.user.user_id, chat_id, now)
    if found is None:
        raise ChatNotFound
    if found.gone_at:
        raise ChatGone
    number = newest_turn_before(query.before) if query.before else None
    turns = await stores.turns.list_before(chat_id, number, limit=turns_of_page(query.limit))
    return success_response(History.of(history_page(turns, query.before, query.limit)), "Messages found")
