"""Get back in without the password: a code by mail, then a new password. Unknown names answer like known ones."""

from fastapi import APIRouter, Response

from api.access.route_limits import identifier_key, start, strict
from api.auth.deps import Resources
from api.auth.password_policy import is_refused
from api.auth.schemas.password import ForgotPasswordCodeRequest, ForgotPasswordRequest, NewPasswordRequest
from api.deps import Flows, Hashes, Now, Occasion, Repeatable
from api.flows.client import running
from api.flows.start import Start
from api.http.errors import FLOW_ERRORS, problems
from api.http.responses import GOES_ON, accepted, answer
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from domain.auth.errors import SecondFactorRequired, WeakPassword
from domain.auth.password import normal_password
from domain.codes import canonical_code
from domain.email_address import email_key
from domain.errors import DependencyUnavailable, IdempotencyKeyReused, Overloaded, WrongCode, WrongStep
from domain.flows import FlowKind
from workflows.auth.password_reset import ChangePassword, PasswordReset, PasswordResetOrder, Subject, TypedCode
from workflows.queues import Queue

router = APIRouter(prefix="/auth/password/forgot", tags=["password"])

KIND = FlowKind.PASSWORD_RESET


@router.post(
    "/initiate",
    dependencies=[start],
    status_code=202,
    response_model=Answer[Flow],
    responses=problems(IdempotencyKeyReused, has_body=True),
)
async def initiate(
    body: ForgotPasswordRequest,
    resources: Resources,
    hashes: Hashes,
    flows: Flows,
    occasion: Occasion,
    repeat: Repeatable,
) -> Response:
    """Mail a code to the account's address. The answer is the same whether or not there is an account."""
    key = identifier_key(body.email_or_username)
    user, _ = await resources.users.users.find_credentials(key) or (None, None)
    order = PasswordResetOrder(
        flow_id=hashes.flow_id(KIND, repeat.request),
        subject=Subject(user.user_id, user.username, user.email_address) if user else None,
        address_prefix=occasion.address_prefix,
        asked_at=occasion.now,
        key_id=resources.codes.current_key_id,
        code_life_seconds=resources.code_life_seconds,
        body_hash=repeat.body_hash(body),
    )
    start = Start(
        run=PasswordReset.run,
        order=order,
        queue=Queue.IDENTITY,
        subject_hash=hashes.subject(email_key(user.email_address) if user else key),
        summary="Reset of a forgotten password",
    )
    return accepted(await flows.start(start, PasswordReset.begun, occasion.now), "Password reset code sent")


@router.post(
    "/verify-email",
    dependencies=[strict],
    response_model=Answer[Flow],
    responses={**GOES_ON, **problems(WrongCode, WrongStep, *FLOW_ERRORS, has_body=True)},
)
async def verify(
    body: ForgotPasswordCodeRequest, hashes: Hashes, flows: Flows, now: Now, repeat: Repeatable
) -> Response:
    """Prove the code. It stays good for the change."""
    ask = TypedCode(hashes.proof(body.flow_id, canonical_code(body.code)), now, repeat.body_hash(body))
    verified = await flows.ask(body.flow_id, PasswordReset.verify, ask, kind=KIND, update_id=repeat.request)
    if verified is None:
        return accepted(running(body.flow_id))
    return answer(Flow.of(verified.view), "Password reset code verified")


@router.post(
    "/change",
    dependencies=[strict],
    response_model=Answer[None],
    responses={
        **GOES_ON,
        **problems(
            WrongCode,
            WrongStep,
            SecondFactorRequired,
            WeakPassword,
            Overloaded,
            *FLOW_ERRORS,
            has_body=True,
        ),
    },
)
async def change(
    body: NewPasswordRequest, resources: Resources, hashes: Hashes, flows: Flows, now: Now, repeat: Repeatable
) -> Response:
    """Set the new password; all sessions end. A weak password uses up neither code nor second factor."""
    proof, body_hash = hashes.proof(body.flow_id, canonical_code(body.code)), repeat.body_hash(body)
    words = await flows.ask(
        body.flow_id,
        PasswordReset.context,
        TypedCode(proof, now, body_hash),
        kind=KIND,
        update_id=f"{repeat.request}.context" if repeat.request else None,
    )
    if words is None:
        raise DependencyUnavailable(retry_after=2)
    password = normal_password(body.new_password)
    weak = await is_refused(password, resources, context=words.context)
    ask = ChangePassword(
        proof=proof,
        password_hashed="" if weak else await resources.auth.passwords.hash(password),
        is_weak=weak,
        second=body.second,
        asked_at=now,
        body_hash=body_hash,
    )
    changed = await flows.ask(body.flow_id, PasswordReset.change, ask, kind=KIND, update_id=repeat.request)
    return answer(None, "Password changed") if changed else accepted(running(body.flow_id))
