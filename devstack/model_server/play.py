"""An answer as it is played: its pieces, its pauses and its fault, at its place."""

import asyncio
import re
from itertools import chain

from devstack.model_server.faults import Fault, FaultKind
from devstack.model_server.http import Response
from devstack.model_server.script import Answer
from devstack.model_server.wire import LLAMA_CONTEXT_TOO_LONG, EncodedAnswer, Wire

GARBAGE = {
    FaultKind.NOT_SSE: b"<html><body><h1>502 Bad Gateway</h1></body></html>\n\n",
    FaultKind.NOT_JSON: b'data: {"id": oops\n\n',
}
REFUSING = (FaultKind.STATUS, FaultKind.CONTEXT_TOO_LONG, FaultKind.LLAMA_CONTEXT_TOO_LONG)
CONTINUATION_BYTE = re.compile(rb"(?=[\x80-\xbf])")


async def play(answer: Answer, encoded: EncodedAnswer, wire: Wire, response: Response) -> None:
    """Say the answer, or refuse it as its fault wants. Returns when the response is over; a hanging one never is."""
    await asyncio.sleep(answer.first_pause_ms / 1000)
    fault = answer.fault
    if fault is not None and answer.has(*REFUSING):
        await _refuse(fault, wire, response)
    elif fault is not None and answer.has(FaultKind.HANG, FaultKind.RESET) and fault.place is None:
        await _strike(fault, b"", wire, response)
    else:
        await response.start(encoded.content_type)
        await _stream(answer, encoded, wire, response)


async def _refuse(fault: Fault, wire: Wire, response: Response) -> None:
    if fault.status is not None:
        headers = {"retry-after": fault.retry_after} if fault.retry_after is not None else {}
        await response.send_json(fault.status, wire.error(fault.status), headers)
        return
    is_llama = fault.kind is FaultKind.LLAMA_CONTEXT_TOO_LONG
    await response.send_json(400, LLAMA_CONTEXT_TOO_LONG if is_llama else wire.context_too_long())


async def _stream(answer: Answer, encoded: EncodedAnswer, wire: Wire, response: Response) -> None:
    place = answer.fault.place if answer.fault else None
    await _say(encoded.opening, answer, response)
    for number, step in enumerate(chain(encoded.pieces, (encoded.ending,))):
        if number:
            await asyncio.sleep(answer.pause_ms / 1000)
        is_due = place is not None and (number == place or (step is encoded.ending and number < place))
        if answer.fault and is_due and not await _strike(answer.fault, step, wire, response):
            return
        await _say(step, answer, response)
    if not answer.has(FaultKind.NO_END):
        await _say(encoded.mark, answer, response)
    await response.end()


async def _strike(fault: Fault, step: bytes, wire: Wire, response: Response) -> bool:
    """Let the fault happen before the step; return whether the answer goes on."""
    match fault.kind:
        case FaultKind.HANG:
            await asyncio.Event().wait()
        case FaultKind.RESET:
            response.reset()
        case FaultKind.HALF_LINE:
            await response.send(step[: len(step.rstrip()) - 20])
            response.close()
        case FaultKind.ERROR_EVENT:
            await response.send(wire.error_event())
            await response.end()
        case _:
            await response.send(GARBAGE[fault.kind])
            return True
    return False


async def _say(step: bytes, answer: Answer, response: Response) -> None:
    if answer.has(FaultKind.DRIP):
        for byte in step:
            await response.send(bytes([byte]))
            await asyncio.sleep(answer.pause_ms / 1000)
    elif answer.has(FaultKind.SPLIT_UTF8):
        for packet in re.split(CONTINUATION_BYTE, step):
            await response.send(packet)
            # So that the packets are not read as one.
            await asyncio.sleep(0.001)
    elif step:
        await response.send(step)
