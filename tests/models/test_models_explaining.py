"""Why models score a paper as they do: what is told is in the text, adds up, and outlives storage."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_cases import RETIRED, UNUSED

from scixtag.corpus.text import Text
from scixtag.errors import ModelError
from scixtag.models.base import Explains
from scixtag.models.ensemble.features import feature_names, feature_topics
from scixtag.models.ensemble.members import Reading
from scixtag.models.ensemble.reasons import reasons
from scixtag.models.ensemble.record import RECORD_FEATURES
from scixtag.models.ensemble.settings import EnsembleSettings
from scixtag.models.evidence import MOST, MOST_CHARACTERS, MOST_PLACES, Marks, evidence
from scixtag.models.explaining import can_explain, explain
from scixtag.models.neighbours import Neighbours
from scixtag.models.registry import model_class
from scixtag.models.tfidf import TfIdf, TfIdfSettings
from scixtag.models.tokens import Analyser
from scixtag.predictions.explanation import Explanation, Span

EXPLAINED = ("ensemble", "centroid", "linear", "lexical", "neighbours")
TEXT = Text(
    "Pulsation of Cepheids and a ﬂare",
    "The Cepheid's pulsation period: luminous Cepheids, solar ﬂares and the Solar Flare’s eruption. Pulsation!",
)


def build(name):
    if name == "ensemble":
        settings = EnsembleSettings(folds=4, seeds=2, rounds=60, cache=False)
        return model_class(name)(settings)
    return model_class(name)()


@pytest.fixture(scope="module")
def fitted(corpus):
    """Each model that explains, fitted once."""
    return {name: build(name).fit(corpus) for name in EXPLAINED}


@pytest.fixture(params=EXPLAINED)
def model(request, fitted):
    return fitted[request.param]


@pytest.fixture
def everything(vocabulary):
    return np.arange(len(vocabulary))


def stems(text):
    analyser = Analyser(stop_words=frozenset())
    return [analyser.stems[place] for place in analyser.learn([text]).ids]


def cut(text, span):
    return getattr(text, span.field)[span.start : span.end]


def assert_sound(explanation, text):
    pieces = explanation.evidence
    assert len(pieces) <= MOST
    assert [piece.weight for piece in pieces] == sorted((piece.weight for piece in pieces), reverse=True)
    assert sum(piece.weight for piece in pieces) <= 1 + 1e-5
    assert all(piece.weight > 0 for piece in pieces)
    spans = [span for piece in pieces for span in piece.spans]
    for one in spans:
        assert not any(o != one and o.field == one.field and o.start < one.end and one.start < o.end for o in spans)
    for piece in pieces:
        assert piece.words == cut(text, piece.spans[0])
        assert all(stems(cut(text, span)) == stems(piece.words) != [] for span in piece.spans)


def test_words_and_names_of_the_concept_are_told(fitted, corpus, vocabulary):
    column = vocabulary.column(1)
    for name, wanted in {"lexical": {"name"}, "linear": {"words"}, "ensemble": {"name", "words"}}.items():
        (explanation,) = explain(fitted[name], TEXT, np.array([column]))
        assert_sound(explanation, TEXT)
        assert {piece.source for piece in explanation.evidence} == wanted
        assert set(stems(explanation.evidence[0].words)) <= {"pulsat", "of", "cepheid", "period"}, name
    (lexical,) = explain(fitted["lexical"], TEXT, np.array([column]))
    (piece,) = lexical.evidence
    assert (piece.words, piece.weight) == ("Cepheids", pytest.approx(1))
    assert [cut(TEXT, span) for span in piece.spans] == ["Cepheids", "Cepheid's", "Cepheids"]
    assert piece.spans[0] == Span("title", 13, 21)


def test_explanations_are_sound_for_all_concepts_and_papers(model, corpus, everything):
    for text in (TEXT, *corpus.texts[:10]):
        explanations = explain(model, text, everything)
        assert len(explanations) == len(everything)
        for explanation in explanations:
            assert_sound(explanation, text)


def test_a_stored_model_explains_alike(model, everything, tmp_path):
    model.save(tmp_path / "model")
    assert explain(type(model).load(tmp_path / "model"), TEXT, everything) == explain(model, TEXT, everything)


def test_the_order_and_number_of_concepts_do_not_matter(model, everything):
    forth = explain(model, TEXT, everything)
    assert explain(model, TEXT, everything[::-1]) == forth[::-1]
    assert [explain(model, TEXT, everything[i : i + 1])[0].evidence for i in everything] == [e.evidence for e in forth]
    assert explain(model, TEXT, everything[:0]) == []


@pytest.mark.parametrize("text", [Text("", ""), Text("Qwertz", "zxcv zxcv"), Text("—", "…")])
def test_a_text_that_says_nothing_is_no_evidence(model, text, everything):
    for explanation in explain(model, text, everything):
        assert explanation.evidence == ()
        assert explanation.similar is None or explanation.similar.closest == ()


def test_a_concept_never_seen_is_explained_by_its_names(fitted, vocabulary):
    unseen = np.array([vocabulary.column(UNUSED), vocabulary.column(RETIRED)])
    text = Text("", "Neutrino astronomy and canals of Mars")
    known, retired = explain(fitted["ensemble"], text, unseen)
    assert [(piece.words, piece.source) for piece in known.evidence] == [("Neutrino astronomy", "name")]
    assert (known.similar.carrying, known.similar.closest) == (0, ())
    assert retired == Explanation(similar=retired.similar)
    assert retired.similar.carrying == 0


def test_a_model_that_offers_nothing_explains_nothing(corpus, everything):
    prior = model_class("prior")().fit(corpus)
    assert not can_explain(prior)
    assert explain(prior, TEXT, everything) == [Explanation()] * len(everything)


def test_models_that_explain_are_known(model):
    assert can_explain(model)


def test_an_ensemble_that_is_not_fitted_refuses(everything):
    assert isinstance(build("ensemble"), Explains)
    with pytest.raises(ModelError, match="not fitted"):
        build("ensemble").explain(TEXT, everything)


def test_neighbours_are_the_papers_of_largest_cosine(corpus):
    model = Neighbours(Neighbours.Settings(neighbours=7)).fit(corpus)
    vectors = TfIdf().fit_transform(corpus.texts).toarray()
    for text in (TEXT, corpus.texts[3]):
        vector = model.tfidf_.transform([text])
        cosines = vectors @ vector.toarray()[0]
        around = model.neighbourhood(vector)
        assert around.rows.tolist() == np.argsort(-cosines, kind="stable")[:7].tolist()
        np.testing.assert_allclose(around.similarities, np.sort(cosines)[::-1][:7], rtol=1e-5)
        carries = corpus.targets.toarray()[around.rows]
        for column, explanation in enumerate(explain(model, text, np.arange(carries.shape[1]))):
            rows = around.rows[carries[:, column] > 0].tolist()
            assert (explanation.similar.looked_at, explanation.similar.carrying) == (7, len(rows))
            assert [paper.row for paper in explanation.similar.closest] == rows[:3]
    with pytest.raises(ModelError, match="not fitted"):
        Neighbours().neighbourhood(vector)


def test_what_columns_add_is_divided_among_the_words(corpus, fitted, vocabulary):
    """Against the contributions of each column, added up by hand over the places where it stands."""
    centroid, concept = fitted["centroid"], vocabulary.column(1)
    vector = centroid.tfidf_.transform([TEXT])
    added = centroid.contributions(vector, np.array([concept])).toarray()[0]
    (explanation,) = explain(centroid, TEXT, np.array([concept]))
    places = centroid.tfidf_.locate(TEXT)
    inside = {
        (bool(t), int(s), int(e)): piece
        for piece in explanation.evidence
        for span in piece.spans
        for t, s, e in zip(places.in_title, places.starts, places.ends, strict=True)
        if t == (span.field == "title") and span.start <= s and e <= span.end
    }
    weights = dict.fromkeys(explanation.evidence, 0.0)
    for column, t, s, e, weight in zip(
        places.columns, places.in_title, places.starts, places.ends, places.weights, strict=True
    ):
        piece = inside.get((bool(t), int(s), int(e)))
        if piece and added[column] >= 0.02 * added.sum():
            weights[piece] += added[column] / added.sum() * weight / places.weights[places.columns == column].sum()
    for piece, weight in weights.items():
        assert piece.weight == pytest.approx(weight, abs=1e-5)


WORDY = Text("", " ".join(f"w{i % 9}" for i in range(20)))
SPOTS = [(3 * i, 3 * i + 2) for i in range(20)]


@given(st.lists(st.tuples(st.integers(0, 18), st.integers(0, 2), st.integers(3, 9), st.booleans()), max_size=8))
def test_every_mark_lies_in_one_span_and_no_weight_is_lost(drawn):
    starts = np.array([SPOTS[first][0] for first, *_ in drawn], dtype=np.int64)
    ends = np.array([SPOTS[min(first + more, 19)][1] for first, more, *_ in drawn], dtype=np.int64)
    shares = np.array([[weight for _, _, weight, _ in drawn]], np.float32).reshape(1, -1)
    shares /= max(shares.sum(), 1)
    named = np.array([name for *_, name in drawn], dtype=bool)
    (pieces,) = evidence([Marks(np.zeros(len(drawn), bool), starts, ends, named, shares)], WORDY)
    assert sum(piece.weight for piece in pieces) == pytest.approx(1 if drawn else 0, abs=1e-5)
    spans = [(span.start, span.end, piece) for piece in pieces for span in piece.spans]
    for start, end, name in zip(starts, ends, named, strict=True):
        ((_, _, piece),) = [one for one in spans if one[0] <= start and end <= one[1]]
        assert piece.source == "name" or not name
    # As characters: a span is a stretch without a border that no mark covers.
    covered = np.zeros(len(WORDY.abstract), bool)
    for start, end in zip(starts, ends, strict=True):
        covered[start:end] = True
    assert sum(end - start for start, end, _ in spans) == covered.sum()


def test_a_word_that_stands_everywhere_is_told_by_its_first_places():
    text = Text("Star stars", "stars " * 3000)
    starts = np.concatenate([[5, 0], np.arange(0, 18000, 6)[::-1]])
    in_title = np.arange(len(starts)) < 2
    shares = np.full((2, len(starts)), 1 / len(starts), np.float32)
    marks = Marks(in_title, starts, starts + np.where(starts == 0, 4, 5), in_title, shares)
    for (piece,) in evidence([marks], text):
        assert (piece.words, piece.source, piece.times) == ("Star", "name", 3002)
        assert piece.weight == pytest.approx(1, abs=1e-3)
        assert [span.field for span in piece.spans] == ["title"] * 2 + ["abstract"] * (MOST_PLACES - 2)
        assert [span.start for span in piece.spans] == [0, 5, *range(0, 6 * (MOST_PLACES - 2), 6)]


def test_a_phrase_without_end_is_cut():
    text = Text("", "10^" * 1000)
    starts = np.arange(0, 2990, 3)
    shares = np.full((1, len(starts)), 1 / len(starts), np.float32)
    marks = Marks(np.zeros(len(starts), bool), starts, starts + 5, np.zeros(len(starts), bool), shares)
    ((piece,),) = evidence([marks], text)
    assert piece.words == f"{text.abstract[:MOST_CHARACTERS]}…"
    assert piece.spans == (Span("abstract", 0, 2993),)


def test_parts_that_say_something_weigh_the_same():
    def marks(*shares):
        n = len(shares[0])
        starts = np.array([SPOTS[i][0] for i in range(n)])
        ends = np.array([SPOTS[i][1] for i in range(n)])
        return Marks(np.zeros(n, bool), starts, ends, np.zeros(n, bool), np.array(shares, np.float32))

    both, one = evidence([marks([1, 0], [0, 0]), marks([0.5, 0.5], [0, 1])], WORDY)
    assert [(piece.words, piece.weight) for piece in both] == [("w0", 0.75), ("w1", 0.25)]
    assert [(piece.words, piece.weight) for piece in one] == [("w1", 1.0)]


def test_pairs_cover_both_words_and_small_shares_are_left_out():
    tfidf = TfIdf(TfIdfSettings(min_df=1))
    tfidf.fit_transform([Text("dust rings", "of old stars")])
    text = Text("", "dust and rings of old stars; dust")
    vector = tfidf.transform([text])
    contributions = vector.copy()
    dust, rings, pair = tfidf.stems_.index("dust"), tfidf.stems_.index("ring"), len(tfidf.stems_)
    pair += int(np.searchsorted(tfidf.pairs_, dust * len(tfidf.stems_) + rings))
    contributions.data = np.where(np.isin(vector.indices, [dust, pair]), 0.5, 0.001).astype(np.float32)
    (pieces,) = evidence([Marks.of_words(tfidf.locate(text), contributions)], text)
    assert [(piece.words, len(piece.spans)) for piece in pieces] == [("dust and rings", 1), ("dust", 1)]
    assert pieces[0].weight == pytest.approx(3 * pieces[1].weight)


def test_every_feature_has_a_topic():
    members = ["one", "two", "three"]
    names, topics = feature_names(members), feature_topics(["lexical", "neighbours", "of another package"])
    assert len(names) == len(topics) == len(set(names))
    assert all(topics)
    assert topics[names.index("one: rank")] == topics[names.index("mentions")]
    assert topics[names.index("two: score")] == "similar papers"
    assert topics[names.index("three: score")] == "words of its papers"


def test_reasons_add_up_to_what_the_ranker_says(fitted, corpus, everything):
    ensemble = fitted["ensemble"]
    scores = [member.scores([TEXT]) for member in ensemble.members_.values()]
    reading = Reading.of([TEXT], ensemble.knowledge_.finder)
    candidates, columns = ensemble._look(reading, scores, ensemble.knowledge_)
    ranker, told = ensemble.ranker_, np.hstack([columns, ensemble.ranker_.record.features(candidates.concepts)])
    one_each = [*feature_names(list(ensemble.members_)), *RECORD_FEATURES]
    by_hand = ranker.contributions(columns, candidates.concepts)
    log_odds = np.mean([booster.predict(told, raw_score=True) for booster in ranker.boosters], axis=0)
    expected = np.mean([b.predict(told, pred_contrib=True)[:, -1] for b in ranker.boosters], axis=0)
    np.testing.assert_allclose(by_hand.sum(axis=1) + expected, log_odds, atol=1e-4)
    topics = feature_topics([said["model"] for _, said in ensemble.settings.taking_part()])
    topics += RECORD_FEATURES.values()
    assert len(topics) == len(one_each) == told.shape[1]
    told = reasons(ensemble.ranker_, topics, candidates, columns, everything)
    for column, own in zip(everything, told, strict=True):
        if column not in candidates.concepts:
            assert own == ()
            continue
        row = by_hand[candidates.concepts.tolist().index(column)]
        sums = {topic: sum(v for v, t in zip(row, topics, strict=True) if t == topic) for topic in topics}
        largest = sorted(sums, key=lambda topic: -abs(sums[topic]))
        assert [reason.topic for reason in own] == [topic for topic in largest[:4] if abs(sums[topic]) >= 0.05]
        assert [reason.log_odds for reason in own] == pytest.approx([sums[reason.topic] for reason in own], abs=1e-5)
    assert explain(ensemble, TEXT, everything)[0].reasons == told[0] != ()


def test_without_a_ranker_there_are_no_reasons(corpus, vocabulary):
    few = build("ensemble").fit(corpus.take([0, 1, 2]))
    assert few.ranker_ is None
    column = few.scores([corpus.texts[0]]).columns[0, :1]
    (explanation,) = explain(few, corpus.texts[0], column)
    assert explanation.reasons == ()
    assert explanation.evidence
    assert explanation.similar.carrying


def test_members_that_are_left_out_say_nothing(corpus, vocabulary):
    settings = dataclasses.replace(build("ensemble").settings, members={"neighbours": False, "linear": False})
    model = model_class("ensemble")(settings).fit(corpus)
    (explanation,) = explain(model, TEXT, np.array([vocabulary.column(1)]))
    assert explanation.similar is None
    assert explanation.evidence
