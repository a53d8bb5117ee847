"""The service against its own OpenAPI document, by schemathesis: whatever is sent, it is no server error."""

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error

from scixtag.cli.main import call
from service_process import serving


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    folder = tmp_path_factory.mktemp("contract")
    assert call(["train", "sample:train", "--model", "lexical", "--output", str(folder / "m"), "--quiet"]) == 0
    with serving(folder, folder / "m") as service:
        yield schemathesis.openapi.from_url(f"{service.url}/openapi.json")


def test_no_server_error(schema):
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 12
    for operation in operations:

        @hypothesis.given(case=operation.as_strategy())
        @hypothesis.settings(max_examples=20, deadline=None, derandomize=True, database=None)
        def holds(case):
            answer = case.call()
            if answer.status_code in (502, 503):  # no SciX here, and it says so
                assert case.path.startswith("/v1/papers"), case.path
                assert answer.headers["content-type"] == ["application/problem+json"]
                return
            case.validate_response(answer, checks=[not_a_server_error])

        holds()
