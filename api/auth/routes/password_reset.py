"""Reset of a forgotten password: a code by mail, then a new password. Unknown identifiers get the same responses."""

from fastapi import APIRouter, Response

from api.access.permits import open_to_all
from api.access.route_limits import identifier_key, start, strict
from api.auth.deps import ResourcesDep
from api.auth.password_policy import is_password_refused
from api.auth.schemas.password import ForgotPasswordCodeRequest, ForgotPasswordRequest, NewPasswordRequest
from api.deps import FlowsDep, HashesDep, NowDep, RequestContextDep, RequestKeyDep
from api.flows.client import running_view
from api.flows.start import FlowStart
from api.http.errors import FLOW_ERRORS, error_responses
from api.http.responses import ACCEPTED_RESPONSES, accepted_response, success_response
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from domain.auth.errors import SecondFactorRequired, WeakPassword
from domain.auth.password import normalize_password
from domain.codes import normalize_code
from domain.email_address import email_key
from domain.errors import DependencyUnavailable, IdempotencyKeyReused, Overloaded, WrongCode, WrongStep
from domain.flows import FlowKind
from workflows.auth.password_reset import (
    ChangePassword,
    PasswordReset,
    PasswordResetInput,
    ResetSubject,
    VerifyResetCode,
)
from workflows.queues import Queue

router = APIRouter(prefix="/auth/password/forgot", tags=["passwords"])

KIND = FlowKind.PASSWORD_RESET


@router.post(
    "/initiate",
    dependencies=[open_to_all, start],
    status_code=202,
    response_model=Answer[Flow],
    responses=error_responses(IdempotencyKeyReused, has_body=True),
)
async def begin_reset(
    body: ForgotPasswordRequest,
    resources: ResourcesDep,
    hashes: HashesDep,
    flows: FlowsDep,
    context: RequestContextDep,
    request_key: RequestKeyDep,
) -> Response:
    """Mail a code to the account's address. The answer is the same whether or not there is an account."""
    key = identifier_key(body.email_or_username)
    user = await resources.users.users.find_by_login_key(key)
    input = PasswordResetInput(
        flow_id=hashes.new_flow_id(KIND, request_key.value),
        subject=ResetSubject(user.user_id, user.username, user.email_address, user.session_epoch) if user else None,
        address_prefix=context.client_network,
        asked_at=context.now,
        key_id=resources.codes.current_key_id,
        code_life_seconds=resources.code_life_seconds,
        body_hash=request_key.body_hash(body),
    )
    start = FlowStart(
        run=PasswordReset.run,
        input=input,
        queue=Queue.IDENTITY,
        subject_hash=hashes.subject_hash(email_key(user.email_address) if user else key),
        summary="Reset of a forgotten password",
    )
    return accepted_response(
        await flows.start(start, PasswordReset.wait_started, context.now), "Password reset code sent"
    )


@router.post(
    "/verify-email",
    dependencies=[open_to_all, strict],
    response_model=Answer[Flow],
    responses={**ACCEPTED_RESPONSES, **error_responses(WrongCode, WrongStep, *FLOW_ERRORS, has_body=True)},
)
async def verify_reset_code(
    body: ForgotPasswordCodeRequest, hashes: HashesDep, flows: FlowsDep, now: NowDep, request_key: RequestKeyDep
) -> Response:
    """Prove the mailed code of a reset. It stays good for the change."""
    command = VerifyResetCode(
        hashes.code_proof(body.flow_id, normalize_code(body.code)), now, request_key.body_hash(body)
    )
    verified = await flows.send_update(
        body.flow_id, PasswordReset.verify, command, kind=KIND, update_id=request_key.value
    )
    if verified is None:
        return accepted_response(running_view(body.flow_id))
    return success_response(Flow.of(verified.view), "Password reset code verified")


@router.post(
    "/change",
    dependencies=[open_to_all, strict],
    response_model=Answer[None],
    responses={
        **ACCEPTED_RESPONSES,
        **error_responses(
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
async def reset(
    body: NewPasswordRequest,
    resources: ResourcesDep,
    hashes: HashesDep,
    flows: FlowsDep,
    now: NowDep,
    request_key: RequestKeyDep,
) -> Response:
    """Set the new password; all sessions end. A weak password uses up neither code nor second factor."""
    proof, body_hash = hashes.code_proof(body.flow_id, normalize_code(body.code)), request_key.body_hash(body)
    reply = await flows.send_update(
        body.flow_id,
        PasswordReset.context,
        VerifyResetCode(proof, now, body_hash),
        kind=KIND,
        update_id=f"{request_key.value}.context" if request_key.value else None,
    )
    if reply is None:
        raise DependencyUnavailable(retry_after=2)
    password = normalize_password(body.new_password)
    weak = await is_password_refused(password, resources, context=reply.context)
    command = ChangePassword(
        proof=proof,
        password_hashed="" if weak else await resources.auth.password_hasher.hash(password),
        is_weak=weak,
        second=body.second,
        asked_at=now,
        body_hash=body_hash,
    )
    changed = await flows.send_update(
        body.flow_id, PasswordReset.change, command, kind=KIND, update_id=request_key.value
    )
    return success_response(None, "Password changed") if changed else accepted_response(running_view(body.flow_id))
