"""All problems that the service can answer with, by name, each with an example, for the OpenAPI document."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from scixtag.service.contract.problems import MEDIA_TYPE, Problem, of_places

_REQUEST_ID = "5f0c9a1b2d3e4f60"
_EVENT = {
    "seq": 1,
    "action": "accept",
    "who": "bea",
    "at": "2026-11-25T09:30:00.000000Z",
    "concept": {"id": 982, "uri": "http://astrothesaurus.org/uat/982", "label": "M dwarf stars"},
    "other": None,
    "text": "",
    "undoes": None,
}


class Kind(NamedTuple):
    """A kind of problem.

    Attributes:
        status: Of HTTP.
        told: When it is answered.
        detail: As it may read: what is wrong, and what to do.
        more: Further members.
        where: The place that `errors` may name, of 422; empty: the whole.
    """

    status: int
    told: str
    detail: str
    more: Mapping[str, Any] = {}
    where: str = ""

    def problem(self, name: str) -> Problem:
        """An example."""
        if self.status == 422 and not self.more:
            return of_places(name, self.detail, [self.where])
        return Problem(self.status, name, self.detail, self.more)


KINDS: Mapping[str, Kind] = {
    "no-json": Kind(
        400,
        "The body is no JSON.",
        "the body is no JSON (EOF while parsing an object at line 1 column 1); send one JSON object in UTF-8",
    ),
    "no-http": Kind(400, "No request of HTTP/1.1.", "this is no request of HTTP/1.1; send one"),
    "no-upgrade": Kind(
        400,
        "Another protocol is asked for.",
        "only HTTP/1.1 is spoken here; send the request without the header Upgrade",
    ),
    "no-token": Kind(
        401,
        "No token was sent.",
        "this needs a token (`scixtag token create NAME --role curator`), sent as Authorization: Bearer TOKEN",
    ),
    "unknown-token": Kind(401, "No such token.", "no such token; copy it again, or ask for one"),
    "token-expired": Kind(
        401, "The token has expired.", "the token 'ann' is expired; ask for a new one (`scixtag token create`)"
    ),
    "token-revoked": Kind(
        401, "The token was revoked.", "the token 'ann' is revoked; ask for a new one (`scixtag token create`)"
    ),
    "not-allowed": Kind(
        403, "The token's role is not enough.", "the token 'ann' is a reader's; this needs a curator's"
    ),
    "unknown-path": Kind(404, "No such path.", "nothing is here; /openapi.json says what there is"),
    "unknown-model": Kind(
        404, "No such model.", "no model is named 'uat-modle'; did you mean 'uat-model'? known: uat-model"
    ),
    "unknown-concept": Kind(
        404,
        "No such concept.",
        "no concept '99999999' in this vocabulary; GET /v1/concepts?q=… finds concepts by name",
    ),
    "unknown-paper": Kind(
        404, "No such paper.", "2026ApJ...999....1Y: the database holds no such paper; import it first"
    ),
    "unknown-name": Kind(
        404, "No valid token has this name.", "token 'anne': there is none of this name; did you mean 'ann'?"
    ),
    "taken-name": Kind(
        409, "A token of this name is there.", "token 'ann': there is one; revoke it first, or take another name"
    ),
    "no-desk": Kind(
        404,
        "This service has no desk.",
        "this service has no desk; start it with `scixtag serve … --database URL`",
    ),
    "wrong-method": Kind(405, "The path takes another method.", "this path takes POST; /openapi.json says what for"),
    "too-late": Kind(
        408,
        "The request did not come in time.",
        "the body did not come within 30 s; send it again, faster or in smaller parts",
    ),
    "stale": Kind(
        409,
        "Somebody else was faster; nothing was recorded.",
        "2026ApJ...999....1X: this was decided on event 0, and the last one is 1 (since then: bea); look at the paper "
        "again, then decide",
        {"seq": 1, "events": [_EVENT]},
    ),
    "too-large": Kind(
        413,
        "The body has too many bytes.",
        "the body has more than 1,048,576 bytes; send title and abstract alone, and of several papers fewer at once",
    ),
    "too-long": Kind(
        413,
        "A paper has too many characters.",
        "title and abstract have 60,000 characters; at most 50,000 are read, so send the abstract",
    ),
    "too-many-papers": Kind(413, "Too many papers.", "250 papers; send at most 200 at once"),
    "wrong-media-type": Kind(
        415,
        "The body is not said to be JSON.",
        "send the body as JSON, with the header Content-Type: application/json",
    ),
    "wrong-host": Kind(
        421,
        "The service was asked by a name that is not its own.",
        "this service does not answer to this name; whoever runs it can: --name",
    ),
    "invalid": Kind(
        422,
        "Something is not what is expected; `errors` names each place.",
        "limit: Input should be less than or equal to 100; /openapi.json says what is expected",
        {"errors": [{"where": "limit", "what": "Input should be less than or equal to 100"}]},
    ),
    "no-text": Kind(
        422,
        "A paper has no text.",
        "title and abstract are empty, or nothing in them can be read; send at least one of them",
    ),
    "no-bibcode": Kind(
        422,
        "What should be a bibcode is none.",
        "'2018ApJS' is no bibcode: those have 19 characters, with dots for those not used, such as 2019ApJ...871L..17B",
        where="bibcode",
    ),
    "not-understood": Kind(
        422,
        "SciX does not understand the query.",
        "SciX does not understand the query: undefined field yaer; see "
        "https://ui.adsabs.harvard.edu/help/search/search-syntax",
        where="query",
    ),
    "cannot-be-said": Kind(
        422,
        "The form cannot say this.",
        "no form of keywords is called 'aastex8'; did you mean 'aastex7'? known: aastex63, aastex7, bibtex, datacite, "
        "jats, json, text",
        where="form",
    ),
    "deprecated-concept": Kind(
        422,
        "The concept is no longer to be assigned.",
        "Helium abundance (713) is deprecated; take Chemical abundances (224)",
        where="decisions.0.concept",
    ),
    "too-many-requests": Kind(
        429,
        "Too many requests of one client.",
        "more than 20 requests a second; come again in 1 s, or send papers in batches",
    ),
    "head-too-large": Kind(
        431,
        "The address and the headers have too many bytes.",
        "the address and the headers have more than 65,536 bytes; send fewer, and papers in the body",
    ),
    "failed": Kind(
        500,
        "A mistake of ours.",
        f"something failed here, not with you; the log tells it under request_id {_REQUEST_ID}",
    ),
    "scix": Kind(
        502,
        "SciX does not answer as it should.",
        "SciX is in trouble (500); try again later, or paste title and abstract instead",
    ),
    "scix-limit": Kind(
        503,
        "SciX allows this service no more requests for now.",
        "SciX allows this service no more requests for now; come again in 600 s, or paste title and abstract instead",
    ),
    "no-scix-token": Kind(
        503,
        "This service has no token for SciX, or none that is valid.",
        "this service has no token for SciX, or SciX refuses it; whoever runs it can mend that, or paste title and "
        "abstract instead",
    ),
    "busy": Kind(503, "Too many papers wait.", "too many papers wait for the model; come again in a second"),
    "too-slow": Kind(
        503,
        "It took too long.",
        "not answered within 30 s; send fewer papers at once, or come again later",
    ),
    "no-database": Kind(
        503,
        "The database does not answer.",
        "the database of decisions does not answer or cannot be written; nothing was saved, so try again",
    ),
}


def examples() -> dict[str, Any]:
    """An example of each kind, by name, for `components`."""
    found = {}
    for name, kind in KINDS.items():
        found[name] = {"summary": kind.told, "value": kind.problem(name).document(_REQUEST_ID)}
    return found


def responses(names: Iterable[str], schemas: str) -> dict[str, Any]:
    """The responses of an operation that can have problems of these kinds, by status.

    Args:
        names: Of `KINDS`.
        schemas: What references to schemas begin with.
    """
    told: dict[str, Any] = {}
    wanted = set(names)
    # In the catalogue's order, which is that of the statuses.
    for name in (name for name in KINDS if name in wanted):
        kind = KINDS[name]
        schema = "StaleDocument" if name == "stale" else "ProblemDocument"
        content = {"schema": {"$ref": f"{schemas}{schema}"}, "examples": {}}
        empty = {"description": "", "headers": _headers(kind.status), "content": {MEDIA_TYPE: content}}
        response = told.setdefault(str(kind.status), empty)
        response["description"] = f"{response['description']} {kind.told}".strip()
        response["content"][MEDIA_TYPE]["examples"][name] = {"$ref": f"#/components/examples/{name}"}
    return told


def _headers(status: int) -> dict[str, Any]:
    names = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}.get(status, ())
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
