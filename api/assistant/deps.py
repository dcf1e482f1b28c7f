"""Dependencies of the assistant's routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.area_resources import AssistantResources
from api.assistant.client_tools import ClientTools
from api.assistant.conversations import Conversations
from api.deps import get_resources, get_role_catalogue, provide_resources


async def _client_tools(request: Request) -> ClientTools:
    return ClientTools(get_resources(request), await get_role_catalogue(request))


ClientToolsDep = Annotated[ClientTools, Depends(_client_tools)]
ResourcesDep = Annotated[AssistantResources, Depends(provide_resources)]


async def _conversations(request: Request) -> Conversations:
    resources = get_resources(request)
    return Conversations(resources.assistant, resources.hashes, request.app.state.turn_waker)


ConversationsDep = Annotated[Conversations, Depends(_conversations)]
