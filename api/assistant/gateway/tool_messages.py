"""Handles what a client says about tools on its open socket."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from adapters.mongo.users.users import UserStore
from api.access.request_context import current_time
from api.assistant.client_tools import ClientTools, ToolUser
from api.assistant.conversations import Conversations
from api.assistant.gateway import frames
from api.assistant.gateway.chat_socket import ChatSocket
from api.assistant.schemas.sockets import AnswerApproval, CallTool, GetToolInfo, ListTools
from api.assistant.schemas.tools import ToolList, ToolView
from api.http.errors import to_refusal
from domain.assistant.errors import ToolNotFound
from domain.assistant.tools.definitions.all_tools import REGISTRY
from domain.errors import DecodeError, NotAuthenticated

ToolMessage = AnswerApproval | ListTools | GetToolInfo | CallTool


class ToolMessages:
    """Dispatches messages about tools. `spawn` runs in the background what may take long."""

    def __init__(
        self,
        tools: ClientTools,
        conversations: Conversations,
        users: UserStore,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._tools = tools
        self._conversations = conversations
        self._users = users
        self._spawn = spawn

    async def handle(self, message: ToolMessage, socket: ChatSocket, now: datetime) -> None:
        """Handle one message. Raises DecodeError for one that is refused, and drivers' errors."""
        match message:
            case AnswerApproval():
                await self._decide(message, socket, now)
            case ListTools():
                tools = REGISTRY.list_tools(category=message.category, include_deprecated=message.include_deprecated)
                socket.answer(frames.tools_frame(ToolList.of(tools), socket.user_id))
            case GetToolInfo():
                tool = REGISTRY.find(message.tool_name)
                if tool is None:
                    raise ToolNotFound
                socket.answer(frames.tool_frame(ToolView.of(tool), socket.user_id))
            case CallTool():
                await self._call(message, socket)

    async def _decide(self, message: AnswerApproval, socket: ChatSocket, now: datetime) -> None:
        await self._conversations.decide(socket.user_id, message.call_id, message.decision, socket.opened_by, now)

    async def _call(self, message: CallTool, socket: ChatSocket) -> None:
        user = await self._users.find(socket.user_id)
        if user is None:
            raise NotAuthenticated
        self._spawn(self._push_result(message, socket, ToolUser(user, socket.opened_by, socket.scopes)))

    async def _push_result(self, message: CallTool, socket: ChatSocket, user: ToolUser) -> None:
        """Call a tool, joining the call every two seconds until it has its result or the socket is closed."""
        call_id = message.call_id
        try:
            while socket.is_open:
                view = await self._tools.call(user, message.tool_name, message.parameters, call_id, current_time())
                if view.result is not None:
                    socket.answer(frames.result_frame(view, socket.user_id))
                    return
                call_id = view.call_id
        except DecodeError as error:
            socket.answer(frames.refused_call_frame(error, call_id, socket.user_id))
        except Exception as error:
            socket.answer(frames.refused_call_frame(to_refusal(error), call_id, socket.user_id))
            raise
