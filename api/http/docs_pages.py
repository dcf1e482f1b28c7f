"""The pages of the documentation: /docs shows /openapi.json, /asyncapi shows /asyncapi.yaml.

Scripts and styles come out of two packages that the lock file pins, and are served from here. The policy of the pages
allows no other origin, and no inline script or style but the one script of /docs, by its hash.
"""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "asyncapi.yaml"

# A path with the version in it never gets another content, so a browser may keep what it has.
SWAGGER_UI = f"/docs/assets/fastapi-swagger-{version('fastapi-swagger')}"
VIEWER = f"/docs/assets/asyncapi-viewer-{version('asyncapi-viewer')}"
FOREVER = "public, max-age=31536000, immutable"
ICON = f"{SWAGGER_UI}/favicon-32x32.png"

Endpoint = Callable[[Request], Awaitable[Response]]

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_ASYNCAPI_PAGE = f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Decode over a WebSocket</title>
<link rel="icon" href="{ICON}">
<script type="module" src="{VIEWER}/asyncapi-viewer.js"></script>
</head>
<body>
<main><asyncapi-viewer src="/asyncapi.yaml" sidebar></asyncapi-viewer></main>
</body>
</html>
"""


def install_docs_pages(app: FastAPI) -> None:
    """Add both pages, what they load, and /asyncapi.yaml. FastAPI itself adds /openapi.json."""
    app.add_route("/docs", _swagger_ui, include_in_schema=False)
    app.add_route("/asyncapi", _asyncapi_viewer, include_in_schema=False)
    app.add_route("/asyncapi.yaml", _asyncapi_document, include_in_schema=False)
    app.add_route(f"{SWAGGER_UI}/{{name}}", _assets("fastapi_swagger", "resources"), include_in_schema=False)
    app.add_route(f"{VIEWER}/{{name}}", _assets("asyncapi_viewer", "static"), include_in_schema=False)


def _assets(package: str, folder: str) -> Endpoint:
    """Return the endpoint for the files in a folder of a package."""
    files = StaticFiles(packages=[(package, folder)])

    async def asset(request: Request) -> Response:
        response = await files.get_response(request.path_params["name"], request.scope)
        response.headers["Cache-Control"] = FOREVER
        return response

    return asset


async def _swagger_ui(request: Request) -> HTMLResponse:
    page = get_swagger_ui_html(
        openapi_url=str(request.app.openapi_url),
        title=request.app.title,
        swagger_js_url=f"{SWAGGER_UI}/swagger-ui-bundle.js",
        swagger_css_url=f"{SWAGGER_UI}/swagger-ui.css",
        swagger_favicon_url=ICON,
    )
    page.headers["Content-Security-Policy"] = _policy(bytes(page.body).decode())
    return page


async def _asyncapi_viewer(request: Request) -> HTMLResponse:
    return HTMLResponse(_ASYNCAPI_PAGE, headers={"Content-Security-Policy": _policy(_ASYNCAPI_PAGE)})


async def _asyncapi_document(request: Request) -> FileResponse:
    return FileResponse(DOCUMENT, media_type="application/yaml")


def _policy(html: str) -> str:
    """Return a Content-Security-Policy that allows our own origin, and the inline scripts of `html` by hash."""
    scripts = " ".join(["'self'", *(f"'sha256-{_sha256(script)}'" for script in _INLINE_SCRIPT.findall(html))])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
