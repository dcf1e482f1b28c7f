"""The journal, searched: by those who may read all of it, and by each user for what is about them."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.access.permits import Permission, permit
from api.access.route_limits import caller_std
from api.deps import CallerDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.journal.deps import ReaderDep, ResourcesDep
from api.journal.schemas.audit import EntryPage, EntryView, HeadView, Searching, SearchingOwn
from api.journal.schemas.checkpoints import CheckpointPage, CheckpointView, Listing, LocatedEntry
from api.schemas.envelope import Answer
from domain.errors import Forbidden, InvalidInput
from domain.journal.audit import describe_filter
from domain.journal.chain import MAX_SEQ, BrokenHead
from domain.journal.errors import EntryNotFound

router = APIRouter(prefix="/audit", tags=["audit"])
own_router = APIRouter(prefix="/users/me/audit", tags=["audit"])

FOUND = "Entries found"
READ_ERRORS = (*CALLER_ERRORS, Forbidden)
may_read = permit(Permission.AUDIT_READ, by_key=True)

Seq = Annotated[int, Path(ge=1, le=MAX_SEQ)]


@router.get(
    "",
    dependencies=[may_read, caller_std],
    response_model=Answer[EntryPage],
    responses=error_responses(*READ_ERRORS, InvalidInput),
)
async def search(asked: Searching, reader: ReaderDep, resources: ResourcesDep) -> Response:
    """Search the journal, newest first. Each page is itself recorded in it, with what was asked for, before it is
    answered.
    """
    await reader.record(describe_filter(asked.filter))
    page = await resources.journal.audit.list_page(asked.filter, asked.window)
    return success_response(EntryPage.of(page, asked), FOUND)


@router.get(
    "/head",
    dependencies=[may_read, caller_std],
    response_model=Answer[HeadView],
    responses=error_responses(*READ_ERRORS, EntryNotFound),
)
async def show_head(resources: ResourcesDep) -> Response:
    """Show where the chain ends. It tells of no user, so it is not recorded who looks."""
    try:
        head = await resources.journal.journal.find_head()
    except BrokenHead:
        head = None
    if head is None:
        raise EntryNotFound
    return success_response(HeadView(seq=head.link.seq, hash=head.link.hash, at=head.at), "Head found")


@router.get(
    "/checkpoints",
    dependencies=[may_read, caller_std],
    response_model=Answer[CheckpointPage],
    responses=error_responses(*READ_ERRORS, InvalidInput),
)
async def list_checkpoints(asked: Listing, resources: ResourcesDep) -> Response:
    """List the signed places of the chain, newest first. Like its head they tell of no user."""
    found = await resources.journal.checkpoints.list_newest(asked.before, limit=asked.limit + 1)
    return success_response(CheckpointPage.of(found, asked), "Checkpoints found")


@router.get(
    "/{seq}",
    dependencies=[may_read, caller_std],
    response_model=Answer[LocatedEntry],
    responses=error_responses(*READ_ERRORS, EntryNotFound),
)
async def show_entry(seq: Seq, reader: ReaderDep, resources: ResourcesDep) -> Response:
    """Show one entry, with the checkpoints around it, which prove that it is as it was. That is recorded as well."""
    await reader.record({"seq": seq})
    stores = resources.journal
    read = await stores.audit.find(seq)
    if read is None:
        raise EntryNotFound
    before, after = await stores.checkpoints.find_newest(before=seq), await stores.checkpoints.find_from(seq)
    located = LocatedEntry(
        entry=EntryView.of(read),
        prev=read.entry.prev,
        before=CheckpointView.of(before) if before else None,
        after=CheckpointView.of(after) if after else None,
    )
    return success_response(located, "Entry found")


@own_router.get(
    "",
    dependencies=[permit(Permission.AUDIT_SELF, by_key=True), caller_std],
    response_model=Answer[EntryPage],
    responses=error_responses(*READ_ERRORS, InvalidInput),
)
async def search_own(asked: SearchingOwn, caller: CallerDep, resources: ResourcesDep) -> Response:
    """Search the entries in which the caller acted or was acted on, newest first. Others are named by their ids; their
    networks, devices and words are not shown.
    """
    page = await resources.journal.audit.list_own_page(caller.user.user_id, asked.filter, asked.window)
    return success_response(EntryPage.of(page, asked), FOUND)
