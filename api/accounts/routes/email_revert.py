"""Take a change of mail address back, without being signed in: by the mail that the old address got."""

from fastapi import APIRouter, Response

from api.access.route_limits import strict
from api.accounts.schemas.email_change import EmailChangeCodeRequest
from api.deps import Flows, Hashes, Occasion, Repeatable
from api.flows.client import running
from api.http.errors import FLOW_ERRORS, problems
from api.http.responses import GOES_ON, accepted, answer
from api.schemas.envelope import Answer
from domain.codes import canonical_code
from domain.errors import WrongCode
from domain.flows import FlowKind
from workflows.accounts.email_revert import EmailRevert, ProveOldMailbox

router = APIRouter(prefix="/users/email/change", tags=["users"])

KIND = FlowKind.EMAIL_REVERT


@router.post(
    "/revert",
    dependencies=[strict],
    response_model=Answer[None],
    responses={**GOES_ON, **problems(*FLOW_ERRORS, WrongCode, has_body=True)},
)
async def revert(
    body: EmailChangeCodeRequest, hashes: Hashes, flows: Flows, occasion: Occasion, repeat: Repeatable
) -> Response:
    """The old address counts again and nobody is signed in any more. Later changes come to nothing, and for seven
    days no address can be changed.
    """
    ask = ProveOldMailbox(
        proof=hashes.proof(body.flow_id, canonical_code(body.code)),
        asked_at=occasion.now,
        body_hash=repeat.body_hash(body),
        address_prefix=occasion.address_prefix,
    )
    reverted = await flows.ask(body.flow_id, EmailRevert.revert, ask, kind=KIND, update_id=repeat.request)
    return answer(None, "E-mail address restored") if reverted else accepted(running(body.flow_id))
