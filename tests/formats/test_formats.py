import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scixtag.errors import ConfigError
from scixtag.formats.base import shown, together
from scixtag.formats.registry import format_named
from scixtag.predictions.scores import Scores
from scixtag.predictions.suggestion import build_suggestions
from scixtag.vocabulary.concept import Concept, Vocabulary

VOCABULARY = Vocabulary(
    [
        Concept(7, "http://x/7", 'Quotes "and" \\ backslashes'),
        Concept(8, "http://x/8", "Körper \u2028 \x7f"),
        Concept("m31", "http://x/m31", "Andromeda\n", deprecated=True),
        Concept("z", "http://x/z", "half a character \ud800"),
        Concept(9, "http://x/9", "plain"),
    ]
)
IDS = st.text(st.characters(codec=None, categories=None), max_size=8)
VALUES = st.one_of(
    st.floats(0, 1, width=32), st.sampled_from([0.03125, 0.00005, 0.5, 1.0, 0.99995, 0.15625]).map(np.float32)
)


@st.composite
def answers(draw):
    papers = draw(st.integers(0, 6))
    matrix = draw(arrays(np.float32, (papers, len(VOCABULARY)), elements=VALUES))
    scores = Scores.from_dense(matrix)
    selected = draw(arrays(np.bool_, scores.columns.shape)) & scores.listed
    ids = draw(st.lists(IDS, min_size=papers, max_size=papers))
    return ids, scores, selected, draw(arrays(np.bool_, papers)), draw(st.integers(1, 6))


def documents(ids, scores, selected, from_prior, limit):
    """The slow way, one suggestion at a time."""
    listed = build_suggestions(scores, selected, from_prior, VOCABULARY, limit)
    return [
        {"id": paper, "suggestions": [one.to_document() for one in suggestions]}
        for paper, suggestions in zip(ids, listed, strict=True)
    ]


def rendered(name, rows, ids, scores, selected, from_prior, limit):
    return format_named(name, rows, VOCABULARY).rendered(shown(ids, scores, selected, from_prior, limit))


@given(answers())
def test_lines_are_those_of_json_dumps(given_answers):
    expected = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in documents(*given_answers))
    assert rendered("jsonl", "paper", *given_answers) == expected.encode("utf-8", errors="backslashreplace")


@given(answers())
def test_lines_of_suggestions_say_the_same(given_answers):
    lines = [json.loads(line) for line in rendered("jsonl", "suggestion", *given_answers).decode().split("\n")[:-1]]
    expected = [
        {
            "id": paper["id"],
            "rank": rank,
            "concept": one["id"],
            **{name: one[name] for name in ("uri", "label", "probability", "selected")},
            "deprecated": one.get("deprecated", False),
            "from_prior": one.get("from_prior", False),
        }
        for paper in documents(*given_answers)
        for rank, one in enumerate(paper["suggestions"], 1)
    ]
    assert lines == json.loads(json.dumps(expected))


def without_halves(text):
    return text.encode("utf-8", errors="backslashreplace").decode()


@settings(deadline=None)  # pyarrow imports more when it first reads a table
@given(answers())
def test_tables_say_the_same(given_answers):
    papers = pq.read_table(pa.BufferReader(rendered("parquet", "paper", *given_answers))).to_pylist()
    flat = pq.read_table(pa.BufferReader(rendered("parquet", "suggestion", *given_answers))).to_pylist()
    expected = documents(*given_answers)
    assert [paper["id"] for paper in papers] == [without_halves(one["id"]) for one in expected]
    assert [paper["from_prior"] for paper in papers] == given_answers[3].tolist()
    rows = []
    for paper, one in zip(papers, expected, strict=True):
        suggestions = one["suggestions"]
        assert paper["concepts"] == [str(told["id"]) for told in suggestions]
        assert paper["uris"] == [told["uri"] for told in suggestions]
        assert paper["labels"] == [without_halves(told["label"]) for told in suggestions]
        assert [round(value, 4) for value in paper["probabilities"]] == [told["probability"] for told in suggestions]
        assert paper["selected"] == [told["selected"] for told in suggestions]
        assert paper["deprecated"] == [told.get("deprecated", False) for told in suggestions]
        assert paper["deprecated"] == [told["id"] == "m31" for told in suggestions]
        rows += [(paper["id"], rank, str(told["id"]), told["id"] == "m31") for rank, told in enumerate(suggestions, 1)]
    assert [(row["id"], row["rank"], row["concept"], row["deprecated"]) for row in flat] == rows


@settings(deadline=None)
@given(answers(), st.integers(0, 6))
@pytest.mark.parametrize(("name", "rows"), [("jsonl", "paper"), ("parquet", "suggestion")])
def test_batches_together_are_one_batch(name, rows, given_answers, border):
    ids, scores, selected, from_prior, limit = given_answers
    halves = (slice(None, border), slice(border, None))
    parts = [shown(ids[half], scores.take(half), selected[half], from_prior[half], limit) for half in halves]
    assert format_named(name, rows, VOCABULARY).rendered(together(parts)) == rendered(name, rows, *given_answers)


def test_an_unknown_format():
    with pytest.raises(ConfigError, match=r"xml.*known: jsonl a paper"):
        format_named("xml", "paper", VOCABULARY)
