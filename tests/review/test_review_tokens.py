"""Tokens: shown once, stored hashed, ended by time or by hand."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from scixtag.errors import InputError
from scixtag.review import tokens as module
from scixtag.review.errors import TokenError
from scixtag.review.tokens import LONGEST, PREFIX, Token, Tokens


@pytest.fixture
def tokens(database):
    return Tokens(database)


def test_a_token_is_known_by_its_secret(tokens):
    secret, token = tokens.create("ann", "curator")
    assert secret.startswith(PREFIX)
    assert len(secret) == len(PREFIX) + 43
    assert tokens.verify(secret) == token
    assert tokens.list() == [token]
    assert (token.name, token.role, token.state, token.expires_at) == ("ann", "curator", "valid", None)


def test_other_secrets_belong_to_nobody(tokens):
    tokens.create("ann", "curator")
    for other in ("", "ann", PREFIX, PREFIX + "x" * 43, "\ud800", PREFIX + "\ud800", PREFIX + "\x00"):
        assert tokens.verify(other) is None, other


def test_the_secret_is_nowhere_in_the_database(tokens, database):
    secret, _ = tokens.create("ann", "admin")
    with database.reading() as connection:
        (row,) = connection.execute(text("SELECT * FROM tokens")).all()
    assert secret.removeprefix(PREFIX) not in repr(row)


def test_a_revoked_token_is_told_and_its_name_is_free(tokens):
    secret, _ = tokens.create("ann", "curator")
    tokens.revoke("ann")
    with pytest.raises(TokenError, match="'ann' is revoked") as told:
        tokens.verify(secret)
    assert told.value.reason == "revoked"
    again, token = tokens.create("ann", "reader")
    assert tokens.verify(again) == token
    assert [token.state for token in tokens.list()] == ["revoked", "valid"]


def test_an_expired_token_is_told(tokens, monkeypatch):
    secret, token = tokens.create("ann", "curator", days=2)
    later = module.now() + timedelta(days=1, hours=23)
    monkeypatch.setattr(module, "now", lambda: later)
    assert tokens.verify(secret) == token
    monkeypatch.setattr(module, "now", lambda: later + timedelta(hours=2))
    with pytest.raises(TokenError, match="'ann' is expired") as told:
        tokens.verify(secret)
    assert told.value.reason == "expired"


@pytest.mark.parametrize(
    ("name", "role", "days", "told"),
    [
        ("ann", "curater", None, "did you mean 'curator'"),
        ("ann", "curator", 0, "0 days"),
        ("ann", "curator", LONGEST + 1, "days"),
        ("", "curator", None, "without blanks"),
        ("a\tb", "curator", None, "U\\+0009"),
    ],
)
def test_tokens_that_are_refused(lite, name, role, days, told):
    tokens = Tokens(lite)
    with pytest.raises(InputError, match=told):
        tokens.create(name, role, days)
    assert tokens.list() == []


def test_a_name_is_taken_once(tokens):
    tokens.create("ann", "curator")
    with pytest.raises(InputError, match="there is one"):
        tokens.create("ann", "admin")
    with pytest.raises(InputError, match="did you mean 'ann'"):
        tokens.revoke("anne")
    tokens.revoke("ann")
    with pytest.raises(InputError, match="there are none"):
        tokens.revoke("ann")


def test_each_role_may_do_what_the_smaller_ones_may():
    roles = ("reader", "curator", "admin")
    may = [[Token("ann", role, "").may(other) for other in roles] for role in roles]
    assert may == [[True, False, False], [True, True, False], [True, True, True]]
