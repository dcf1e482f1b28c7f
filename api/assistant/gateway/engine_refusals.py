"""Answers requests at the address of Socket.IO that open no WebSocket, as a server of Engine.IO does."""

from starlette.requests import Request
from starlette.responses import JSONResponse


async def refuse_engine(request: Request) -> JSONResponse:
    """Name the fault in the words of Engine.IO: long polling, another revision, or no handshake."""
    if request.query_params.get("transport") != "websocket":
        fault = {"code": 0, "message": "Transport unknown"}
    elif request.query_params.get("EIO") != "4":
        fault = {"code": 5, "message": "Unsupported protocol version"}
    else:
        fault = {"code": 3, "message": "Bad request"}
    return JSONResponse(fault, 400)
