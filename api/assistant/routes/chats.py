"""Chats with the assistant: begin, list, change, reopen and delete."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.access.permits import permit
from api.access.route_limits import caller_std
from api.assistant.deps import ResourcesDep
from api.assistant.schemas.chats import (
    ChangeChatRequest,
    ChatPage,
    ChatView,
    CreateChatRequest,
)
from api.deps import CallerDep, HashesDep, NowDep, TokenIdempotentDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer, NoFields
from api.schemas.fields import ObjectId
from api.schemas.paging import Meta, Paging
from domain.assistant.chats import NewChat
from domain.assistant.errors import ChatGone, ChatNotFound
from domain.errors import IdempotencyKeyReused, InvalidInput
from domain.users.permissions import Permission

router = APIRouter(prefix="/assistant", tags=["chats"])

ChatId = Annotated[ObjectId, Path()]

read = permit(Permission.ASSISTANT_READ, by_key=True)
write = permit(Permission.ASSISTANT_WRITE, by_key=True)


@router.post(
    "/chats",
    status_code=201,
    dependencies=[write, caller_std],
    response_model=Answer[ChatView],
    responses=error_responses(*CALLER_ERRORS, IdempotencyKeyReused, has_body=True),
)
async def create(
    caller: CallerDep,
    resources: ResourcesDep,
    hashes: HashesDep,
    idempotent: TokenIdempotentDep,
    now: NowDep,
    body: CreateChatRequest | None = None,
) -> Response:
    """Begin a chat. Beyond twenty that are open, the one that was used longest ago ends."""
    wanted = body or CreateChatRequest()
    if wanted.model and wanted.model not in resources.assistant.models.catalogue.models:
        raise InvalidInput(details=[{"field": "body.model", "message": "there is no such model"}])
    key = idempotent.request_key
    new = NewChat(
        chat_id=hashes.derive_object_id(key, "chat") if key else hashes.new_object_id(),
        user_id=caller.user.user_id,
        body_hash=idempotent.key.body_hash(wanted),
        at=now,
        model=wanted.model,
        tools=wanted.tools,
        metadata=wanted.metadata,
    )
    chat = await resources.assistant.chats.create(new)
    return success_response(ChatView.of(chat, now), "Chat created", 201)


@router.get(
    "/chats",
    name="list",
    dependencies=[read, caller_std],
    response_model=Answer[ChatPage],
    responses=error_responses(*CALLER_ERRORS),
)
async def list_page(caller: CallerDep, resources: ResourcesDep, paging: Paging, now: NowDep) -> Response:
    """List the caller's chats whose words are kept, the latest used first."""
    page = await resources.assistant.chats.list_page(caller.user.user_id, paging.window, now)
    chats = [ChatView.of(chat, now) for chat in page.rows]
    return success_response(ChatPage(chats=chats, meta=Meta.of(page, paging)), "Chats found")


@router.get(
    "/chats/{chat_id}",
    dependencies=[read, caller_std],
    response_model=Answer[ChatView],
    responses=error_responses(*CALLER_ERRORS, ChatNotFound),
)
async def read_one(chat_id: ChatId, caller: CallerDep, resources: ResourcesDep, now: NowDep) -> Response:
    """Show a chat of the caller's, open or not."""
    chat = await resources.assistant.chats.find(caller.user.user_id, chat_id, now)
    if chat is None:
        raise ChatNotFound
    return success_response(ChatView.of(chat, now), "Chat found")


@router.patch(
    "/chats/{chat_id}",
    dependencies=[write, caller_std],
    response_model=Answer[ChatView],
    responses=error_responses(*CALLER_ERRORS, ChatNotFound, ChatGone, has_body=True),
)
async def change(
    chat_id: ChatId, body: ChangeChatRequest, caller: CallerDep, resources: ResourcesDep, now: NowDep
) -> Response:
    """Name a chat, or choose the tools that the assistant may use in it."""
    chat = await resources.assistant.chats.change(caller.user.user_id, chat_id, body.change, now)
    return success_response(ChatView.of(chat, now), "Chat changed")


@router.delete(
    "/chats/{chat_id}",
    dependencies=[write, caller_std],
    response_model=Answer[ChatView],
    responses=error_responses(*CALLER_ERRORS, ChatNotFound),
)
async def delete(chat_id: ChatId, caller: CallerDep, resources: ResourcesDep, now: NowDep) -> Response:
    """Delete a chat with all that was said in it. What is being answered is stopped."""
    chat = await resources.assistant.chats.delete(caller.user.user_id, chat_id, now)
    await resources.assistant.upkeep.drop_chat(chat_id, now)
    return success_response(ChatView.of(chat, now), "Chat deleted")


@router.post(
    "/chats/{chat_id}/reopen",
    dependencies=[write, caller_std],
    response_model=Answer[ChatView],
    responses=error_responses(*CALLER_ERRORS, ChatNotFound, ChatGone, has_body=True),
)
async def reopen(
    chat_id: ChatId, caller: CallerDep, resources: ResourcesDep, now: NowDep, body: NoFields | None = None
) -> Response:
    """Open a chat again that has ended, with all that was said in it. One that is open lives on from now."""
    chat = await resources.assistant.chats.reopen(caller.user.user_id, chat_id, now)
    return success_response(ChatView.of(chat, now), "Chat reopened")
