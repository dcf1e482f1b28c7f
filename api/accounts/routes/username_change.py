"""Change one's username: hold the new one, prove the address by a code, bear it."""

from fastapi import APIRouter, Response

from api.access.route_limits import device_strict
from api.accounts.deps import Resources
from api.accounts.schemas.username_change import UsernameChangeCodeRequest, UsernameChangeRequest
from api.auth.deps import StepUp
from api.deps import DeviceCaller, Flows, Hashes, Known, Occasion, RepeatableOfCaller, Wakes
from api.flows.client import running
from api.flows.start import Start
from api.http.errors import DEVICE_ERRORS, FLOW_ERRORS, STEP_UP_ERRORS, problems
from api.http.responses import GOES_ON, accepted, answer
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from api.users.schemas.users import Profile
from domain.accounts.errors import UsernameCooldown, UsernameTaken
from domain.codes import canonical_code
from domain.email_address import email_key
from domain.errors import FlowClosed, IdempotencyKeyReused, Overloaded, WrongCode
from domain.flows import FlowKind
from domain.username import is_reserved
from workflows.accounts.username_change import ProveUsernameChange, UsernameChange, UsernameChangeOrder
from workflows.queues import Queue

router = APIRouter(prefix="/users/username/change", tags=["users"])

KIND = FlowKind.USERNAME_CHANGE


@router.post(
    "/initiate",
    dependencies=[device_strict],
    status_code=202,
    response_model=Answer[Flow],
    responses=problems(
        *DEVICE_ERRORS,
        *STEP_UP_ERRORS,
        UsernameTaken,
        UsernameCooldown,
        FlowClosed,
        Overloaded,
        IdempotencyKeyReused,
        has_body=True,
    ),
)
async def initiate(
    body: UsernameChangeRequest,
    caller: DeviceCaller,
    resources: Resources,
    hashes: Hashes,
    flows: Flows,
    step_up: StepUp,
    occasion: Occasion,
    repeat: RepeatableOfCaller,
) -> Response:
    """Hold the name and mail a code to the present address. A change that was open before is cancelled."""
    user, flow_id = caller.user, hashes.flow_id(KIND, repeat.request)
    if not await flows.begun_before(flow_id, repeat.request):
        await step_up.require(caller, body.proofs)
    if is_reserved(body.new_username):
        raise UsernameTaken
    order = UsernameChangeOrder(
        flow_id=flow_id,
        user_id=user.user_id,
        user_key=hashes.workflow_key(user.user_id),
        username=user.username,
        new_username=body.new_username,
        email_address=user.email_address,
        asked_at=occasion.now,
        key_id=resources.codes.current_key_id,
        code_life_seconds=resources.code_life_seconds,
        body_hash=repeat.body_hash(body),
    )
    start = Start(
        run=UsernameChange.run,
        order=order,
        queue=Queue.IDENTITY,
        subject_hash=hashes.subject(email_key(user.email_address)),
        summary="Change of a username",
        owner=user.user_id,
    )
    return accepted(await flows.start(start, UsernameChange.begun, occasion.now), "Username change code sent")


@router.post(
    "/verify-email",
    dependencies=[device_strict],
    response_model=Answer[Profile],
    responses={
        **GOES_ON,
        **problems(
            *DEVICE_ERRORS,
            *FLOW_ERRORS,
            WrongCode,
            UsernameTaken,
            UsernameCooldown,
            has_body=True,
        ),
    },
)
async def verify(
    body: UsernameChangeCodeRequest,
    caller: DeviceCaller,
    resources: Resources,
    hashes: Hashes,
    flows: Flows,
    occasion: Occasion,
    known: Known,
    wakes: Wakes,
    repeat: RepeatableOfCaller,
) -> Response:
    """Prove the code. From then on the new name counts everywhere; nobody else gets the old one for 90 days."""
    user_id = caller.user.user_id
    ask = ProveUsernameChange(
        proof=hashes.proof(body.flow_id, canonical_code(body.code)),
        asked_at=occasion.now,
        body_hash=repeat.body_hash(body),
        device=caller.device.facts.label,
        address_prefix=occasion.address_prefix,
    )
    changed = await flows.ask(
        body.flow_id, UsernameChange.verify, ask, kind=KIND, update_id=repeat.request, owner=user_id
    )
    if changed is None:
        return accepted(running(body.flow_id))
    await known.account_changed(user_id)
    wakes.wake(user_id)
    user = await resources.users.users.find(user_id)
    if user is None:
        raise FlowClosed
    return answer(Profile.of(user), "Username changed")
