"""The OpenAPI document is valid and whole, its examples are true, and real answers are as it says."""

import ast
import os
from itertools import chain
from pathlib import Path

import httpx
import jsonschema
import pytest
import schemathesis

import scix_server
import scixtag.service
from scixtag.review.store.database import Database
from scixtag.review.tokens import ROLES, Tokens
from scixtag.service.contract.problem_kinds import KINDS
from service_process import serving

JOURNEY = (
    "import_papers", "list_queue", "claim_next_paper", "get_reviewed_paper", "find_reviewed_paper", "record_decisions",
    "release_paper", "get_agreement", "create_token", "list_tokens", "revoke_token",
)  # fmt: skip
"""What has to be asked in this order; all else is asked before it."""
ALL = {
    "list_models", "suggest", "suggest_batch", "search_concepts", "get_concept", "list_ancestors", "list_children",
    "list_keyword_forms", "write_keywords", "get_paper", "get_own_token", "get_health", "get_readiness", "get_metrics",
    *JOURNEY,
}  # fmt: skip
"""Clients that were generated have functions of these names."""


@pytest.fixture(scope="module")
def desk(served_model, scix, tmp_path_factory):
    """A service with a desk, and tokens by role."""
    folder = tmp_path_factory.mktemp("openapi")
    path = str(folder / "decisions.sqlite")
    with Database.open(path) as database:
        secrets = {role: Tokens(database).create(role, role)[0] for role in ROLES}
    scix.add("2018ApJS..236...24F", "The Unified Astronomy Thesaurus", abstract="Semantic metadata.")
    environment = os.environ | {"SCIXTAG_SCIX_URL": scix.url, "ADS_API_TOKEN": scix_server.TOKEN}
    options = ("--database", path, "--max-batch", "30", "--max-text", "4000")
    with (
        serving(folder, served_model, *options, environment=environment) as service,
        httpx.Client(base_url=service.url, timeout=30) as client,
    ):
        client.secrets = secrets
        yield client


@pytest.fixture(scope="module")
def document(desk):
    return desk.get("/openapi.json").json()


@pytest.fixture(scope="module")
def operations(document):
    """By name: method, path, operation."""
    return {
        operation["operationId"]: (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def whole(document, schema):
    """A schema with all that it refers to; members that it does not name are errors."""
    closed = {
        name: {"additionalProperties": False, **one} if "properties" in one else one
        for name, one in document["components"]["schemas"].items()
    }
    return {**schema, "components": {"schemas": closed}}


def check(document, schema, value):
    jsonschema.Draft202012Validator(
        whole(document, schema), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(value)


def success(operation):
    [status] = [status for status in operation["responses"] if status < "300"]
    return int(status), operation["responses"][status]["content"]


def is_as_documented(document, operation, answer):
    """The status is told, and so are the media type, each member, and the headers that clients need."""
    assert str(answer.status_code) in operation["responses"], answer.text
    response = operation["responses"][str(answer.status_code)]
    media_type = answer.headers["content-type"].partition(";")[0]
    content = response["content"][media_type]
    check(document, content["schema"], answer.json() if "json" in media_type else answer.text)
    assert not set(map(str.casefold, response["headers"])) - set(answer.headers)
    if answer.status_code >= 400:
        assert answer.json()["type"].rpartition(":")[2] in content["examples"]


def asked(desk, method, path, operation, body=None, role="admin"):
    """Ask with the examples of parameters; those that have none need none."""
    parameters = {"path": {}, "query": {}}
    for one in operation.get("parameters", ()):
        if "examples" in one["schema"]:
            parameters[one["in"]][one["name"]] = one["schema"]["examples"][0]
        else:
            assert not one["required"]
    headers = {"authorization": f"Bearer {desk.secrets[role]}"} if role else {}
    return desk.request(
        method, path.format(**parameters["path"]), params=parameters["query"], json=body, headers=headers
    )


def test_it_is_valid_and_tells_of_this_service(document):
    schemathesis.openapi.from_dict(document).validate()
    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]
    assert schemas["BatchRequest"]["properties"]["papers"]["maxItems"] == 30
    assert schemas["Paper"]["properties"]["title"]["maxLength"] == 4000
    limit = schemas["ImportRequest"]["properties"]["limit"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 30, 30)
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_every_operation_is_described_for_people(document, operations):
    assert set(operations) == ALL
    tags = {tag["name"] for tag in document["tags"]}
    for name, (_, _, operation) in operations.items():
        assert operation["summary"], name
        assert operation["description"], name
        assert set(operation["tags"]) <= tags
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), (name, parameter["name"])
        for status, response in operation["responses"].items():
            assert response["description"], (name, status)
            assert all(content["examples"] for content in response["content"].values()), (name, status)
        assert {"421", "431", "500", "503"} <= set(operation["responses"])
        if "requestBody" in operation:
            assert {"400", "408", "413", "415", "422", "429"} <= set(operation["responses"])


def test_examples_are_what_their_schemas_say(document, operations):
    shared = document["components"]["examples"]
    count = 0
    for _, _, operation in operations.values():
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        for place in chain(bodies, operation["responses"].values()):
            for content in place["content"].values():
                for name, example in content["examples"].items():
                    told = shared[name] if "$ref" in example else example
                    assert "$ref" not in example or example["$ref"] == f"#/components/examples/{name}"
                    check(document, content["schema"], told["value"])
                    count += 1
    assert count > 250


def test_every_kind_of_problem_is_told_where_it_can_occur(document, operations):
    """Those of the source are those of the document, but for some that are no operation's."""
    none_of_them = {"unknown-path", "wrong-method", "no-http", "no-upgrade"}
    raised = {"token-expired", "token-revoked"}
    for file in Path(scixtag.service.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if called in ("Problem", "of_places") and len(node.args) > 1:
                status, kind = node.args[:2] if called == "Problem" else (ast.Constant(422), node.args[0])
                if isinstance(kind, ast.Constant) and isinstance(status, ast.Constant):
                    assert KINDS[kind.value].status == status.value, (file.name, kind.value)
                    raised.add(kind.value)
    # The last four are said of what is no whole request yet.
    assert raised | {"no-http", "no-upgrade", "head-too-large", "too-late"} == set(KINDS)
    told = set()
    for _, _, operation in operations.values():
        for status, response in operation["responses"].items():
            if status >= "400":
                told |= set(response["content"]["application/problem+json"]["examples"])
    assert told == set(KINDS) - none_of_them
    assert set(document["components"]["examples"]) == set(KINDS)


def test_what_examples_ask_is_answered_as_documented(desk, document, operations):
    """From the first question to the last decision, with the requests of the document."""
    for name in (*sorted(ALL - set(JOURNEY)), *JOURNEY):
        method, path, operation = operations[name]
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {"examples": {"": {}}})
        for example in content["examples"].values():
            answer = asked(desk, method, path, operation, example.get("value"))
            assert answer.status_code == success(operation)[0], (name, answer.text)
            is_as_documented(document, operation, answer)


def test_problems_are_answered_as_documented(desk, document, operations):
    texts = {"title": "Quasars", "abstract": "x" * 4000}
    paper = {"id": "2026ApJ...999....9Z", "title": "Quasars"}
    wrong = {
        "suggest": [{}, {"title": 5}, texts, {"title": "x", "model": "none"}],
        "suggest_batch": [{"papers": [paper] * 31}],
        "write_keywords": [{"concepts": [0], "form": "text"}, {"concepts": [], "form": "jats"}],
        "import_papers": [{}, {"papers": [paper] * 31}, {"query": "x", "limit": 31}, {"bibcodes": ["x"]}],
        "claim_next_paper": [{"order": "none"}],
        "release_paper": [{"paper": "none"}],
        "record_decisions": [
            {"paper": "none", "expected_seq": 0, "decisions": [{"action": "done"}]},
            {"paper": paper["id"], "expected_seq": 7, "decisions": [{"action": "done"}]},
            {"paper": paper["id"], "expected_seq": 0, "decisions": [{"action": "add", "concept": 713}]},
        ],
        "create_token": [{"name": "admin", "role": "admin"}],
        "revoke_token": [{"name": "nobody"}],
    }
    assert asked(desk, *operations["import_papers"], {"papers": [paper]}).status_code == 200
    kinds = set()
    for name, bodies in wrong.items():
        for body in bodies:
            answer = asked(desk, *operations[name], body)
            assert 400 <= answer.status_code < 500, (name, body, answer.text)
            is_as_documented(document, operations[name][2], answer)
            kinds.add(answer.json()["type"].rpartition(":")[2])
    assert {"stale", "deprecated-concept", "invalid", "too-long", "too-many-papers", "no-text", "no-bibcode"} <= kinds
    _, path, operation = operations["list_models"]
    is_as_documented(document, operation, desk.get(path, headers={"host": "evil.example"}))
    for name in ("get_concept", "search_concepts"):
        _, path, operation = operations[name]
        is_as_documented(document, operation, desk.get(path.format(concept_id="none"), params={"limit": 0}))


def test_roles_are_asked_for_as_documented(desk, document, operations):
    needing = 0
    for name, (method, path, operation) in operations.items():
        if name == "revoke_token":
            body = {"name": "none of this name"}
        else:
            examples = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            body = next((one["value"] for one in examples.get("examples", {}).values()), None)
        for role in (None, *ROLES):
            answer = asked(desk, method, path, operation, body, role)
            is_as_documented(document, operation, answer)
            needed = [one["token"] for one in operation.get("security", [{}]) if "token" in one]
            open_to_all = {} in operation.get("security", [{}])
            if open_to_all or (role and ROLES.index(role) >= ROLES.index(needed[0][0])):
                assert answer.status_code not in (401, 403), (name, role)
            else:
                assert answer.status_code == (403 if role else 401), (name, role)
                needing += 1
    assert needing == 18
