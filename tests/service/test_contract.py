"""The service against its own OpenAPI document, by schemathesis: whatever is sent, the answer is as told."""

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from scixtag.cli.main import call
from scixtag.review.store.database import Database
from scixtag.review.tokens import Tokens
from service_process import serving

AS_TOLD = [status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    folder = tmp_path_factory.mktemp("contract")
    assert call(["train", "sample:train", "--model", "lexical", "--output", str(folder / "m"), "--quiet"]) == 0
    path = str(folder / "decisions.sqlite")
    with Database.open(path) as database:
        secret, _ = Tokens(database).create("root", "admin")
    with serving(folder, folder / "m", "--database", path) as service:
        headers = {"Authorization": f"Bearer {secret}"}
        yield schemathesis.openapi.from_url(f"{service.url}/openapi.json", headers=headers), headers


def test_no_server_error_and_nothing_that_is_not_told(schema):
    document, headers = schema
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) >= 24
    for operation in operations:

        @hypothesis.given(case=operation.as_strategy())
        @hypothesis.settings(max_examples=20, deadline=None, derandomize=True, database=None)
        def holds(case):
            answer = case.call(headers=headers)
            # There is no SciX here, and the service says so.
            no_scix = answer.status_code in (502, 503) and case.path in ("/v1/papers/{bibcode}", "/v1/review/import")
            case.validate_response(answer, checks=AS_TOLD if no_scix else [not_a_server_error, *AS_TOLD])

        holds()
