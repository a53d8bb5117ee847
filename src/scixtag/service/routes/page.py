"""The page and the desk: files that the package brings, and nothing from elsewhere."""

import hashlib
import re
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request, Response

from scixtag.service.contract.problems import Problem
from scixtag.service.core import core_of

router = APIRouter(include_in_schema=False)

_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# Beside the files: the page of a service that has no desk.
_WITHOUT_DESK = "index without desk"
_DESK = re.compile(rb"<!--desk-->.*?<!--/desk-->", re.DOTALL)


@router.get("/")
async def index(request: Request) -> Response:
    """The author's page."""
    has_desk = core_of(request).options.database is not None and "desk.html" in _contents()
    return _answer(request, "index.html" if has_desk else _WITHOUT_DESK)


@router.get("/desk")
async def desk(request: Request) -> Response:
    """The curators' desk."""
    return _answer(request, "desk.html")


@router.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    """A file of theirs."""
    return _answer(request, name)


def _answer(request: Request, name: str) -> Response:
    if name not in _contents():
        raise Problem(404, "unknown-path", "nothing is here; / is the page, /openapi.json says what else there is")
    content, kind, tag = _contents()[name]
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=kind)


@cache
def _contents() -> dict[str, tuple[bytes, str, str]]:
    """The files by name: content, media type, tag."""
    found: dict[str, tuple[bytes, str, str]] = {}
    for file in (files("scixtag.service") / "page").iterdir():
        kind = _KINDS.get("." + file.name.rpartition(".")[2])
        if kind is not None:
            found[file.name] = _tagged(file.read_bytes(), kind)
    found[_WITHOUT_DESK] = _tagged(_DESK.sub(b"", found["index.html"][0]), _KINDS[".html"])
    return found


def _tagged(content: bytes, kind: str) -> tuple[bytes, str, str]:
    return content, kind, f'"{hashlib.sha256(content).hexdigest()[:16]}"'
