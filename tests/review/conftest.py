import pytest

from scixtag.review.store.database import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'review.sqlite'}"
    return request.getfixturevalue("postgres").fresh()


@pytest.fixture
def database(url):
    with Database.open(url) as opened:
        yield opened
