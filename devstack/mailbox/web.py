"""The HTTP side: letters as JSON for tests and tools, HTML pages for developers, and the faults."""

from json import JSONDecodeError

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from devstack.mailbox.faults import parse_faults
from devstack.mailbox.page import letter_page, list_page
from devstack.mailbox.smtp import Mailbox

# Mail content is untrusted: nothing in it may load or run.
PAGE_HEADERS = {
    "Content-Security-Policy": ("default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'"),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def mailbox_app(mailbox: Mailbox) -> Starlette:
    """Return the application for one mailbox."""
    web = MailboxRoutes(mailbox)
    return Starlette(
        routes=[
            Route("/", web.page),
            Route("/read/{letter_id}", web.letter_as_page),
            Route("/messages", web.messages, methods=["GET"]),
            Route("/messages", web.clear, methods=["DELETE"]),
            Route("/messages/{letter_id}", web.message),
            Route("/faults", web.faults, methods=["GET"]),
            Route("/faults", web.set_faults, methods=["PUT"]),
        ],
        # Against DNS rebinding: a foreign web page cannot reach the mailbox under its own host name.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


class MailboxRoutes:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def page(self, request: Request) -> Response:
        return HTMLResponse(list_page(self._mailbox.letters.list()), headers=PAGE_HEADERS)

    async def letter_as_page(self, request: Request) -> Response:
        letter = self._mailbox.letters.find(request.path_params["letter_id"])
        return HTMLResponse(letter_page(letter), headers=PAGE_HEADERS) if letter else _not_found()

    async def messages(self, request: Request) -> Response:
        letters = self._mailbox.letters.list(to=request.query_params.get("to"))
        return JSONResponse({"messages": [letter.summary() for letter in letters]})

    async def message(self, request: Request) -> Response:
        letter = self._mailbox.letters.find(request.path_params["letter_id"])
        return JSONResponse(letter.contents()) if letter else _not_found()

    async def clear(self, request: Request) -> Response:
        self._mailbox.letters.clear()
        return Response(status_code=204)

    async def faults(self, request: Request) -> Response:
        return JSONResponse(self._mailbox.faults.as_dict())

    async def set_faults(self, request: Request) -> Response:
        try:
            self._mailbox.faults = parse_faults(await request.json())
        except JSONDecodeError:
            return JSONResponse({"error": "send JSON"}, status_code=400)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=422)
        return await self.faults(request)


def _not_found() -> Response:
    return JSONResponse({"error": "no such letter"}, status_code=404)
