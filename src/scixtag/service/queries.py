"""Parameters in addresses: as strict as bodies, for a misspelt one would be answered as if nobody had sent it."""

from fastapi import Request
from fastapi.routing import APIRoute

from scixtag.errors import nearest
from scixtag.service.problems import Problem

_LONGEST = 100


async def only_known(request: Request) -> None:
    """Let nothing pass that the path does not know, and nothing that is sent twice.

    Raises:
        Problem: It names the parameter.
    """
    if not request.scope["query_string"]:
        return
    route = request.scope["route"]
    known = [one.alias for one in route.dependant.query_params] if isinstance(route, APIRoute) else []
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            what = f"this path knows no such parameter; {nearest(name, known) if known else 'it takes none'}"
        elif name in seen:
            what = "it stands twice in the address; send it once"
        else:
            seen.add(name)
            continue
        shown = name[:_LONGEST]
        raise Problem(422, "invalid", f"{shown}: {what}", {"errors": [{"where": shown, "what": what}]})
