"""Change one's mail address: prove the old one, name another, prove that."""

from fastapi import APIRouter, Response

from api.access.route_limits import device_start, device_strict
from api.accounts.deps import Resources
from api.accounts.schemas.email_change import EmailChangeCodeRequest, NewEmailRequest, ProfileWithEmail
from api.auth.deps import StepUp
from api.auth.schemas.step_up import OptionalStepUp
from api.deps import DeviceCaller, Flows, Hashes, Known, Now, Occasion, RepeatableOfCaller, Wakes
from api.flows.client import running, view_after
from api.flows.start import Start
from api.http.errors import DEVICE_ERRORS, FLOW_ERRORS, STEP_UP_ERRORS, problems
from api.http.responses import GOES_ON, accepted, answer
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from domain.accounts.errors import EmailChangeBarred
from domain.codes import canonical_code
from domain.email_address import email_key
from domain.errors import (
    FlowClosed,
    IdempotencyKeyReused,
    InvalidInput,
    Overloaded,
    ResendTooSoon,
    WrongCode,
    WrongStep,
)
from domain.flows import FlowKind
from workflows.accounts.email_change import (
    EmailChange,
    EmailChangeOrder,
    NameNewAddress,
    ProveNewAddress,
    ProveOldAddress,
)
from workflows.queues import Queue

router = APIRouter(prefix="/users/email/change", tags=["users"])

KIND = FlowKind.EMAIL_CHANGE
STEP_ERRORS = (*DEVICE_ERRORS, *FLOW_ERRORS, WrongStep)


@router.post(
    "/initiate",
    dependencies=[device_start],
    status_code=202,
    response_model=Answer[Flow],
    responses=problems(
        *DEVICE_ERRORS,
        *STEP_UP_ERRORS,
        EmailChangeBarred,
        FlowClosed,
        Overloaded,
        IdempotencyKeyReused,
        has_body=True,
    ),
)
async def initiate(
    body: OptionalStepUp,
    caller: DeviceCaller,
    resources: Resources,
    hashes: Hashes,
    flows: Flows,
    step_up: StepUp,
    now: Now,
    repeat: RepeatableOfCaller,
) -> Response:
    """Mail a code to the present address. A change that was open before is cancelled."""
    user, flow_id = caller.user, hashes.flow_id(KIND, repeat.request)
    if not await flows.begun_before(flow_id, repeat.request):
        await step_up.require(caller, body.proofs)
    order = EmailChangeOrder(
        flow_id=flow_id,
        user_id=user.user_id,
        username=user.username,
        email_address=user.email_address,
        asked_at=now,
        key_id=resources.codes.current_key_id,
        code_life_seconds=resources.code_life_seconds,
        body_hash=repeat.body_hash(body),
    )
    start = Start(
        run=EmailChange.run,
        order=order,
        queue=Queue.IDENTITY,
        subject_hash=hashes.subject(email_key(user.email_address)),
        summary="Change of a mail address",
        owner=user.user_id,
    )
    return accepted(await flows.start(start, EmailChange.begun, now), "E-mail change code sent")


@router.post(
    "/verify-email",
    dependencies=[device_strict],
    response_model=Answer[Flow],
    responses={**GOES_ON, **problems(*STEP_ERRORS, WrongCode, has_body=True)},
)
async def verify(
    body: EmailChangeCodeRequest,
    caller: DeviceCaller,
    hashes: Hashes,
    flows: Flows,
    now: Now,
    repeat: RepeatableOfCaller,
) -> Response:
    """Prove the code that went to the present address. Next comes the new one."""
    ask = ProveOldAddress(hashes.proof(body.flow_id, canonical_code(body.code)), now, repeat.body_hash(body))
    verified = await flows.ask(
        body.flow_id, EmailChange.verify, ask, kind=KIND, update_id=repeat.request, owner=caller.user.user_id
    )
    if verified is None:
        return accepted(running(body.flow_id))
    return answer(Flow.of(verified.view), "E-mail address verified")


@router.post(
    "/new-email-initiate",
    dependencies=[device_start],
    status_code=202,
    response_model=Answer[Flow],
    responses=problems(*STEP_ERRORS, ResendTooSoon, has_body=True),
)
async def name_address(
    body: NewEmailRequest, caller: DeviceCaller, flows: Flows, now: Now, repeat: RepeatableOfCaller
) -> Response:
    """Mail a code to the new address; again after a minute, to the same or to another. The answer is the same
    whether or not the address is somebody's: they are told by mail.
    """
    if email_key(body.new_email) == email_key(caller.user.email_address):
        message = "this is your address already"
        raise InvalidInput(details=[{"field": "body.new_email", "message": message}])
    ask = NameNewAddress(body.new_email, now, repeat.body_hash(body))
    named = await flows.ask(
        body.flow_id, EmailChange.name_address, ask, kind=KIND, update_id=repeat.request, owner=caller.user.user_id
    )
    return accepted(view_after(named, body.flow_id), "E-mail change code sent")


@router.post(
    "/new-email-verify",
    dependencies=[device_strict],
    response_model=Answer[ProfileWithEmail],
    responses={**GOES_ON, **problems(*STEP_ERRORS, WrongCode, has_body=True)},
)
async def verify_new(
    body: EmailChangeCodeRequest,
    caller: DeviceCaller,
    resources: Resources,
    hashes: Hashes,
    flows: Flows,
    occasion: Occasion,
    known: Known,
    wakes: Wakes,
    repeat: RepeatableOfCaller,
) -> Response:
    """Prove the code that went to the new address. It counts from then on, and all other sessions end. A mail to the
    old one says how to take it back within seven days.
    """
    user_id = caller.user.user_id
    ask = ProveNewAddress(
        proof=hashes.proof(body.flow_id, canonical_code(body.code)),
        asked_at=occasion.now,
        body_hash=repeat.body_hash(body),
        session_id=caller.session.session_id,
        device=caller.device.facts.label,
        address_prefix=occasion.address_prefix,
    )
    changed = await flows.ask(
        body.flow_id, EmailChange.verify_new, ask, kind=KIND, update_id=repeat.request, owner=user_id
    )
    if changed is None:
        return accepted(running(body.flow_id))
    await known.account_changed(user_id)
    wakes.wake(user_id)
    user = await resources.users.users.find(user_id)
    if user is None:
        raise FlowClosed
    return answer(ProfileWithEmail.of_owner(user), "E-mail address changed")
