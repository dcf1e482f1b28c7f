"""Revert of an email change, unauthenticated: with the code that was mailed to the old address."""

from fastapi import APIRouter, Response

from api.access.permits import open_to_all
from api.access.route_limits import strict
from api.accounts.schemas.email_change import EmailChangeCodeRequest
from api.deps import FlowsDep, HashesDep, RequestContextDep, RequestKeyDep
from api.flows.client import running_view
from api.http.errors import FLOW_ERRORS, error_responses
from api.http.responses import ACCEPTED_RESPONSES, accepted_response, success_response
from api.schemas.envelope import Answer
from domain.codes import normalize_code
from domain.errors import WrongCode
from domain.flows import FlowKind
from workflows.accounts.email_revert import EmailRevert, RevertEmailChange

router = APIRouter(prefix="/users/email/change", tags=["email-changes"])

KIND = FlowKind.EMAIL_REVERT


@router.post(
    "/revert",
    dependencies=[open_to_all, strict],
    response_model=Answer[None],
    responses={**ACCEPTED_RESPONSES, **error_responses(*FLOW_ERRORS, WrongCode, has_body=True)},
)
async def revert(
    body: EmailChangeCodeRequest,
    hashes: HashesDep,
    flows: FlowsDep,
    context: RequestContextDep,
    request_key: RequestKeyDep,
) -> Response:
    """Take a change of the mail address back: the old one counts again and all sessions end. Later changes
    come to nothing, and for seven days no address can be changed.
    """
    command = RevertEmailChange(
        proof=hashes.code_proof(body.flow_id, normalize_code(body.code)),
        asked_at=context.now,
        body_hash=request_key.body_hash(body),
        address_prefix=context.client_network,
    )
    reverted = await flows.send_update(
        body.flow_id, EmailRevert.revert, command, kind=KIND, update_id=request_key.value
    )
    return (
        success_response(None, "E-mail address restored") if reverted else accepted_response(running_view(body.flow_id))
    )
