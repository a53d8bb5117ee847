"""Parameters in addresses: as strict as bodies, for a misspelt one would be answered as if nobody had sent it."""

from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams
from starlette.types import Receive, Scope, Send

from scixtag.errors import nearest
from scixtag.service.contract.problems import at_place

_LONGEST = 100


class StrictRoute(APIRoute):
    """Lets nothing pass that it does not know, and nothing that is sent twice.

    Not a dependency of the routes, which would cost every request what most do not need: they have no parameters.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See Starlette.

        Raises:
            Problem: It names the parameter.
        """
        if scope["query_string"]:
            self._check(QueryParams(scope["query_string"]))
        await super().handle(scope, receive, send)

    def _check(self, parameters: QueryParams) -> None:
        known = [one.alias for one in self.dependant.query_params]
        seen: set[str] = set()
        for name, _ in parameters.multi_items():
            if name not in known:
                what = f"this path knows no such parameter; {nearest(name, known) if known else 'it takes none'}"
            elif name in seen:
                what = "it stands twice in the address; send it once"
            else:
                seen.add(name)
                continue
            raise at_place(name[:_LONGEST], what)
