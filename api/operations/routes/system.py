"""For machines and operators: public keys of the access tokens, and decrypted payloads for the Temporal UI."""

import logging

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.access.permits import open_to_all
from api.access.route_limits import by_failures, unlimited
from api.deps import OperatorDep
from api.http.errors import error_responses
from api.http.problems import Responses
from api.operations.deps import ResourcesDep
from api.operations.schemas.system import PAYLOADS_CONTENT, JsonWebKeySet
from domain.errors import InvalidInput, NotAuthenticated

router = APIRouter(tags=["system"])

PAYLOADS_BODY = {"required": True, "content": {"application/json": PAYLOADS_CONTENT}}
OPENED: Responses = {200: {"content": {"application/json": PAYLOADS_CONTENT}}}

logger = logging.getLogger("decode.audit")


@router.head("/.well-known/jwks.json", dependencies=[open_to_all, unlimited], include_in_schema=False)
@router.get("/.well-known/jwks.json", dependencies=[open_to_all, unlimited], response_model=JsonWebKeySet)
async def get_jwks(resources: ResourcesDep) -> Response:
    """Return the public keys of the access tokens, as a JWK set (RFC 7517)."""
    keys = resources.auth.access_tokens.jwks()
    return JSONResponse(keys, headers={"Cache-Control": "public, max-age=300"})


@router.post(
    "/codec/decode",
    dependencies=[open_to_all, by_failures],
    responses={**OPENED, **error_responses(NotAuthenticated, has_body=True)},
    openapi_extra={"requestBody": PAYLOADS_BODY},
)
async def decode_payloads(request: Request, operator: OperatorDep, resources: ResourcesDep) -> Response:
    """Open payloads of workflow histories for an operator of the Temporal UI or CLI. Audited."""
    logger.info("payloads opened", extra={"operator": operator})
    opened = resources.operations.open_payloads((await request.body()).decode(errors="replace"))
    if opened is None:
        raise InvalidInput(details=[{"field": "body", "message": "these are no payloads of ours"}])
    return Response(opened, media_type="application/json")
