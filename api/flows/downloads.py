"""The download of an export: for the user who asked for it, for a day after it is complete."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import Response
from fastapi.responses import StreamingResponse

from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.mongo.exports import ExportStore
from api.flows.client import FlowClient
from api.http.responses import accepted_response
from domain.errors import FlowClosed, FlowExpired, FlowNotFound
from domain.flows import FlowKind, FlowState, parse_flow_kind

Opened = Callable[[AsyncIterator[bytes]], AsyncIterator[bytes]]


@dataclass(frozen=True)
class FileKind:
    """What a kind of flow exports. `end`: the end of each file, after all that was gathered."""

    flow: FlowKind
    media_type: str
    name: str
    end: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the file, which browsers save and no cache keeps."""
        return {"Content-Disposition": f'attachment; filename="{self.name}"', "Cache-Control": "no-store"}


@dataclass(frozen=True)
class Downloads:
    """Sends the files of exports."""

    exports: ExportStore
    flows: FlowClient
    hashes: KeyedHashes

    async def send(
        self, kind: FileKind, flow_id: str, user_id: str, now: datetime, *, open: Opened | None = None
    ) -> Response:
        """Return the file, in pieces that are never all in our memory; 202 while it is still being gathered.

        `open`: what makes the file from what was gathered, where that is not the file as it is. Raises FlowNotFound if
        the user has no such export, FlowClosed if it was cancelled or failed, and FlowExpired.
        """
        if parse_flow_kind(flow_id) is not kind.flow:
            raise FlowNotFound
        key = self.hashes.workflow_key(flow_id)
        export = await self.exports.find(key)
        if export is not None and export.user_id != user_id:
            raise FlowNotFound
        if export is None or export.ready_until is None:
            return await self._not_ready(flow_id)
        if now >= export.ready_until:
            raise FlowExpired
        gathered = self._read(key, kind.end)
        return StreamingResponse(open(gathered) if open else gathered, media_type=kind.media_type, headers=kind.headers)

    async def _not_ready(self, flow_id: str) -> Response:
        view = await self.flows.get_status(flow_id)
        if view.state.is_open:
            return accepted_response(view)
        raise FlowExpired if view.state is FlowState.COMPLETED else FlowClosed

    async def _read(self, key: str, end: str) -> AsyncIterator[bytes]:
        async for piece in self.exports.read(key):
            yield piece
        if end:
            yield end.encode()
