"""Consent of a user to have what is said sent to the models of others."""

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import device_strict
from api.assistant.deps import ConversationsDep, ResourcesDep
from api.assistant.schemas.consent import Consent
from api.deps import DeviceCallerDep, NowDep
from api.http.errors import DEVICE_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer, NoFields
from domain.users.permissions import Need, Permission

router = APIRouter(prefix="/assistant/consent", tags=["consent"])

on_device = permit(Permission.ASSISTANT_WRITE, Need.DEVICE)


@router.post(
    "",
    dependencies=[on_device, device_strict],
    response_model=Answer[Consent],
    responses=error_responses(*DEVICE_ERRORS, has_body=True),
)
async def give(caller: DeviceCallerDep, resources: ResourcesDep, now: NowDep, body: NoFields | None = None) -> Response:
    """Let what one says be sent to the models of others. Given before, it stays as it is."""
    given_at = await resources.assistant.consents.give(caller.user.user_id, now)
    return success_response(Consent(given_at=given_at), "Consent given")


@router.delete(
    "",
    dependencies=[on_device, device_strict],
    response_model=Answer[Consent],
    responses=error_responses(*DEVICE_ERRORS),
)
async def withdraw(caller: DeviceCallerDep, conversations: ConversationsDep, now: NowDep) -> Response:
    """Take one's consent back. What a model of others is answering is stopped."""
    await conversations.withdraw_consent(caller.user.user_id, now)
    return success_response(Consent(given_at=None), "Consent withdrawn")
