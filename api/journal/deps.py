"""Dependencies of the journal routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.area_resources import JournalResources
from api.access.callers import require_caller
from api.deps import get_request_context, provide_resources
from api.journal.readings import Reader

ResourcesDep = Annotated[JournalResources, Depends(provide_resources)]


async def _reader(request: Request) -> Reader:
    resources = await provide_resources(request)
    caller, context = await require_caller(request), await get_request_context(request)
    return Reader(resources.journal.occurrences, caller.user.user_id, context)


ReaderDep = Annotated[Reader, Depends(_reader)]
