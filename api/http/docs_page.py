"""The page with the API's documentation, under a content security policy of its own.

It loads its script and style from the origins that FastAPI sets. The policy of this page alone allows exactly these
origins, and its inline scripts by hash.
"""

import base64
import hashlib
import re

from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse

_ORIGIN = re.compile(r"https://[^/\"'\s]+")
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


async def docs_page(request: Request) -> HTMLResponse:
    """Return Swagger UI for /openapi.json."""
    page = get_swagger_ui_html(openapi_url=str(request.app.openapi_url), title=request.app.title)
    page.headers["Content-Security-Policy"] = _policy(bytes(page.body).decode())
    return page


def _policy(html: str) -> str:
    """Return the Content-Security-Policy for the origins and inline scripts in `html`."""
    origins = " ".join(sorted(set(_ORIGIN.findall(html))))
    scripts = " ".join(f"'sha256-{_sha256(script)}'" for script in _INLINE_SCRIPT.findall(html))
    return (
        f"default-src 'self'; script-src {origins} {scripts}; "
        f"style-src {origins} 'unsafe-inline'; img-src 'self' data: {origins}"
    )


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
