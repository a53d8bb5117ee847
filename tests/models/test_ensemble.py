import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from model_cases import TOPICS, UNUSED, concept, examples

from scixtag import progress
from scixtag.corpus.text import Text
from scixtag.errors import ConfigError, ModelError
from scixtag.models import registry
from scixtag.models.centroid import Centroid
from scixtag.models.ensemble import cache as caching
from scixtag.models.ensemble import settings as settings_module
from scixtag.models.ensemble.cache import MemberCache, content_key
from scixtag.models.ensemble.ensemble import Ensemble
from scixtag.models.ensemble.settings import DEFAULT_MEMBERS, EnsembleSettings
from scixtag.models.vector_model import VectorModel
from scixtag.predictions.scores import Scores, relevance

QUICK = EnsembleSettings(folds=4, seeds=2, rounds=60, cache=False)
TEXTS = [Text("A transit of an extrasolar planet", "Its radius and orbit."), Text("Solar flares", "x-ray eruption")]


class Counting(Centroid):
    """A centroid that counts how often it is fitted."""

    fits = 0

    def fit_vectors(self, tfidf, vectors, train):
        type(self).fits += 1
        return super().fit_vectors(tfidf, vectors, train)


class Failing(Centroid):
    """A member that cannot be fitted."""

    def fit_vectors(self, tfidf, vectors, train):
        raise ZeroDivisionError("nothing to divide by")


@pytest.fixture
def own_models(monkeypatch):
    """Registers the two models above."""
    entries = {
        name: registry.ModelEntry(f"{__name__}:{kind}", "For tests.")
        for name, kind in (("counting", "Counting"), ("failing", "Failing"))
    }
    monkeypatch.setattr(registry, "MODELS", dict(registry.MODELS) | entries)
    Counting.fits = 0


@pytest.fixture
def notes():
    """What is told to whoever watches."""
    told = []

    class Listener:
        def start(self, name, total):
            return 0

        def advance(self, handle, steps, detail): ...

        def finish(self, handle, *, complete): ...

        def note(self, message):
            told.append(message)

    with progress.reporting_to(Listener()):
        yield told


def quick(**changes):
    return Ensemble(dataclasses.replace(QUICK, **changes))


def assert_equal(one, other):
    np.testing.assert_array_equal(one.columns, other.columns)
    np.testing.assert_array_equal(one.values, other.values)


def test_the_number_of_threads_changes_nothing(corpus):
    one, other = quick(threads=1), quick(threads=3)
    out_of_fold = one.cross_fit(corpus), other.cross_fit(corpus)
    assert_equal(out_of_fold[0].scores, out_of_fold[1].scores)
    assert_equal(one.scores(corpus.texts), other.scores(corpus.texts))


def test_held_out_scores_do_not_know_the_paper(vocabulary):
    # Labels are drawn by lot and each text is of its own words: a member remembers what it saw, and knows nothing else.
    random = np.random.default_rng(0)
    texts = [Text(f"qa{i} qb{i}", f"qc{i} qd{i} qa{i} qb{i} dust gas") for i in range(60)]
    papers = examples(texts, [{int(random.integers(1, 7))} for _ in texts], vocabulary)
    model = quick(members={"centroid": {"min_df": 1}, "names": False})
    rows, scores = model.cross_fit(papers)
    assert sorted(rows.tolist()) == list(range(60))
    remembered = model.members_["centroid"].scores(texts)
    assert relevance(remembered, papers.targets)[:, 0].mean() > 0.9
    assert relevance(scores, papers.take(rows).targets)[:, 0].mean() < 0.4


def test_only_as_many_papers_as_the_ranker_needs(corpus):
    for most, rows in ((20, 20), (31, 30), (45, 45), (60, 60), (1_000, 60)):
        found = quick(ranker_papers=most).cross_fit(corpus).rows
        assert len(set(found.tolist())) == len(found) == rows


@pytest.mark.parametrize("papers", range(1, 13))
def test_few_papers_end_in_no_error(corpus, papers):
    rows, scores = quick().cross_fit(corpus.take(range(papers)))
    assert len(rows) == len(scores)


def test_candidates_in_one_group_of_folds_are_not_enough(vocabulary):
    # Only the papers of one label have known words, and the first fold alone holds candidates for them.
    texts = [Text("solar flares", "solar flares"), *(Text(f"q{i}", "") for i in range(7))]
    papers = examples(texts, [{2}] * 8, vocabulary)
    model = quick(members={name: False for name in DEFAULT_MEMBERS if name != "lexical"}, leaf_pairs=1)
    rows, scores = model.cross_fit(papers)
    assert model.ranker_ is None
    assert len(rows) == len(scores) == 8


def test_a_concept_without_any_paper_is_suggested(corpus, vocabulary):
    column = vocabulary.column(UNUSED)
    assert corpus.label_counts[column] == 0
    scores = quick().fit(corpus).scores([Text("Neutrino astronomy", "A neutrino telescope in the ice.")])
    assert column in scores.columns[0, :3]


def test_too_few_papers_for_the_folds_are_told(corpus, notes):
    rows, _ = quick(folds=10).cross_fit(corpus.take(range(12)))
    assert len(rows) == 12
    assert "12 papers are too few for 10 folds (at least 20): 6 folds instead of 10" in notes


def test_without_a_ranker_members_are_averaged(corpus, notes):
    few = corpus.take([0, 1, 2])
    model = quick()
    rows, scores = model.cross_fit(few)
    assert len(rows) == len(scores) == 0
    assert model.ranker_ is None
    assert "no ranker" in notes[0]
    assert relevance(model.scores(few.texts), few.targets)[:, 0].all()


def test_members_can_be_added_changed_and_left_out(corpus):
    model = quick(members={"ridge": False, "words": {"model": "linear", "C": 0.3}, "centroid": {"label_text": 0.0}})
    model.fit(corpus)
    assert list(model.members_) == ["centroid", "names", "neighbours", "lexical", "words"]
    assert model.members_["words"].settings.C == 0.3
    assert model.members_["centroid"].settings.label_text == 0.0
    assert model.members_["names"].settings.label_text == DEFAULT_MEMBERS["names"]["label_text"]


def test_members_that_read_alike_share_their_vectors(corpus, tmp_path):
    quick().fit(corpus).save(tmp_path / "model")
    for model in (quick().fit(corpus), Ensemble.load(tmp_path / "model")):
        shared = {id(member.tfidf_) for member in model.members_.values() if isinstance(member, VectorModel)}
        assert len(shared) == 1
    other = quick(members={"centroid": {"title_weight": 1}}).fit(corpus)
    assert other.members_["centroid"].tfidf_ is not other.members_["names"].tfidf_


def test_settings_are_complete_and_mean_the_same_again():
    settings = EnsembleSettings(members={"ridge": False, "linear": {"C": 2.0}})
    assert settings.members["linear"]["tolerance"] == 0.1
    assert EnsembleSettings(**dataclasses.asdict(settings)) == settings
    assert EnsembleSettings(members={"ridge": True}) == EnsembleSettings()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"members": {"centrod": {}}}, r"members.centrod: no model is called 'centrod'; did you mean 'centroid'"),
        ({"members": {"mine": {"model": "liner"}}}, "members.mine: no model is called 'liner'"),
        ({"members": {"centroid": {"label_txt": 1}}}, "members.centroid: unknown setting 'label_txt'"),
        ({"members": {"centroid": {"label_text": -1.0}}}, "members.centroid: label_text"),
        ({"members": {"inner": {"model": "ensemble"}}}, "no member of an ensemble"),
        ({"members": dict.fromkeys(DEFAULT_MEMBERS, False)}, "every member is left out"),
        ({"members": {"../up": {"model": "prior"}}}, "letters"),
        ({"members": {"mine": {"model": 5}}}, "model = 5 is no name of a model"),
        ({"folds": 1}, "folds is 1"),
        ({"candidates": 0}, "candidates is 0"),
        ({"negative_share": 0.0}, "negative_share is 0.0"),
        ({"leaves": 1}, "leaves must be at least 2"),
        ({"seeds": 0}, "seeds is 0"),
        ({"rare_weight": -1.0}, "rare_weight is -1.0"),
        ({"rare_weight": 1e300}, "from 0 to 100"),
        ({"threads": -1}, "threads is -1"),
        (
            {"members": {"lexcial": False}},
            "members.lexcial: there is no such member to leave out; did you mean 'lexical'",
        ),
    ],
)
def test_settings_that_cannot_be(changes, message):
    with pytest.raises(ConfigError, match=message):
        EnsembleSettings(**changes)


def test_a_member_that_fails_is_named(corpus, own_models):
    with pytest.raises(ModelError, match="member 'failing' failed: ZeroDivisionError: nothing to divide by"):
        quick(members={"failing": {}}).fit(corpus)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda *_: None, "member 'counting': gives NoneType for the scores of 15 papers"),
        (lambda *_: Scores.empty(3), "member 'counting': gives 3 rows for the scores of 15 papers"),
    ],
)
def test_a_member_that_gives_no_scores_is_named(corpus, own_models, monkeypatch, broken, message):
    monkeypatch.setattr(Counting, "scores", broken)
    with pytest.raises(ModelError, match=message):
        quick(members={"counting": {}}).fit(corpus)


def test_a_member_that_fails_later_is_named(corpus, own_models, monkeypatch, tmp_path):
    def broken(*_):
        raise ZeroDivisionError("late")

    model = quick(members={"counting": {}}).fit(corpus)
    with monkeypatch.context() as patch:
        patch.setattr(Counting, "vector_scores", broken)
        with pytest.raises(ModelError, match="member 'counting' failed: ZeroDivisionError: late"):
            model.scores(TEXTS)
    with monkeypatch.context() as patch:
        patch.setattr(Counting, "save", broken)
        with pytest.raises(ModelError, match="member 'counting' failed: ZeroDivisionError: late"):
            model.save(tmp_path / "model")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Counting, "save", full)
    with pytest.raises(OSError, match="No space left"):
        model.save(tmp_path / "other")


def test_no_more_threads_than_cores(corpus, monkeypatch):
    # LightGBM ends the whole process over very many.
    many = quick(threads=100_000)
    assert_equal(many.fit(corpus).scores(TEXTS), quick().fit(corpus).scores(TEXTS))


def test_a_changed_ranker_does_not_fit_the_members_again(corpus, own_models, monkeypatch, tmp_path):
    monkeypatch.setenv("SCIXTAG_CACHE", str(tmp_path))
    counting = {"members": {"counting": {}}, "cache": True}
    first = quick(**counting).fit(corpus)
    assert Counting.fits == 5
    again = quick(**counting).fit(corpus)
    other = quick(**counting, rounds=20).fit(corpus)
    assert Counting.fits == 5
    assert_equal(again.scores(TEXTS), first.scores(TEXTS))
    assert not np.array_equal(other.scores(TEXTS).values, first.scores(TEXTS).values)
    quick(members={"counting": {"label_text": 0.1}}, cache=True).fit(corpus)
    assert Counting.fits == 10
    quick(**counting).fit(corpus.take(range(59)))
    assert Counting.fits == 15
    quick(members={"counting": {}}).fit(corpus)
    assert Counting.fits == 20


def test_entries_of_the_cache_that_are_damaged_are_made_anew(corpus, own_models, monkeypatch, tmp_path):
    monkeypatch.setenv("SCIXTAG_CACHE", str(tmp_path))
    first = quick(members={"counting": {}}, cache=True).fit(corpus)
    for file in (tmp_path / "members").rglob("*.npy"):
        file.write_bytes(file.read_bytes()[:-7])
    again = quick(members={"counting": {}}, cache=True).fit(corpus)
    assert Counting.fits == 10
    assert_equal(again.scores(TEXTS), first.scores(TEXTS))


def test_a_cache_that_cannot_be_written_costs_nothing_else(corpus, monkeypatch, tmp_path):
    (tmp_path / "members").write_text("in the way")
    monkeypatch.setenv("SCIXTAG_CACHE", str(tmp_path))
    assert_equal(quick(cache=True).fit(corpus).scores(TEXTS), quick().fit(corpus).scores(TEXTS))


def test_a_cache_that_may_only_be_read_is_read(corpus, own_models, monkeypatch, tmp_path):
    monkeypatch.setenv("SCIXTAG_CACHE", str(tmp_path))
    first = quick(members={"counting": {}}, cache=True).fit(corpus)

    def refused(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "touch", refused)
    again = quick(members={"counting": {}}, cache=True).fit(corpus)
    assert Counting.fits == 5
    assert_equal(again.scores(TEXTS), first.scores(TEXTS))


def test_the_oldest_entries_make_room(monkeypatch, tmp_path):
    kept = MemberCache(tmp_path)
    scores = Scores.from_dense(np.ones((50, 4)))
    kept.keep_scores("old", scores)
    kept.keep_scores("used", scores)
    assert kept.scores("old") is not None
    size = sum(file.stat().st_size for file in (tmp_path / "old").iterdir())
    monkeypatch.setattr(caching, "MOST_BYTES", 2 * size)
    kept.keep_scores("new", scores)
    kept.make_room()
    assert kept.scores("used") is None
    assert kept.scores("old") is not None
    assert_equal(kept.scores("new"), scores)


def test_what_an_entry_is_named_by(corpus):
    key = content_key(Centroid(), "papers")
    assert key == content_key(Centroid(), "papers")
    others = [Centroid(seed=1), Centroid(Centroid.Settings(label_text=0.0)), Counting()]
    assert len({key, content_key(Centroid(), "other papers"), *(content_key(m, "papers") for m in others)}) == 5


def test_a_stored_ranker_that_is_damaged_is_refused(corpus, tmp_path):
    quick().fit(corpus).save(tmp_path / "model")
    np.save(tmp_path / "model" / "booster.0.npy", np.frombuffer(b"no trees", np.uint8))
    with pytest.raises(ModelError, match="ranker is damaged"):
        Ensemble.load(tmp_path / "model")


def test_a_ranker_of_other_features_is_refused(corpus, tmp_path):
    quick().fit(corpus).save(tmp_path / "model")
    state = tmp_path / "model" / "state.json"
    state.write_text(state.read_text().replace("name overlap", "name over lap"))
    with pytest.raises(ModelError, match="other features"):
        Ensemble.load(tmp_path / "model")


def test_a_folder_is_not_changed_by_later_default_members(corpus, monkeypatch, tmp_path):
    model = quick().fit(corpus)
    model.save(tmp_path / "model")
    monkeypatch.setattr(settings_module, "DEFAULT_MEMBERS", {**DEFAULT_MEMBERS, "prior": {}})
    assert "prior" in EnsembleSettings().members
    assert_equal(Ensemble.load(tmp_path / "model").scores(TEXTS), model.scores(TEXTS))


def test_a_failed_fit_leaves_what_was_learned_before(corpus, own_models, monkeypatch):
    model = quick(members={"counting": {}}).fit(corpus)
    before = model.scores(TEXTS)
    monkeypatch.setattr(Counting, "fit_vectors", Failing.fit_vectors)
    with pytest.raises(ModelError, match="member 'counting' failed"):
        model.fit(corpus.take(range(40)))
    assert_equal(model.scores(TEXTS), before)


def test_a_folder_without_a_member_is_refused(corpus, tmp_path):
    quick().fit(corpus).save(tmp_path / "model")
    shutil.rmtree(tmp_path / "model" / "members" / "ridge")
    with pytest.raises(ModelError):
        Ensemble.load(tmp_path / "model")


def test_no_training_text_is_stored(corpus, tmp_path):
    quick().fit(corpus).save(tmp_path / "model")
    title = corpus.texts[0].title.encode()
    assert title not in b"".join(Path(file).read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_concepts_in_another_hierarchy(corpus):
    # A vocabulary with parents, where the one above is as good as named by the one below.
    from scixtag.vocabulary.concept import Vocabulary

    nested = Vocabulary(
        [concept(t[0], t[1], t[2], broader=(7,) if t[0] != 5 else ()) for t in TOPICS] + [concept(7, "Sky")]
    )
    labels = [
        {nested[column].id for column in row if column < 6}
        for row in np.split(corpus.targets.indices, corpus.targets.indptr[1:-1])
    ]
    papers = examples(corpus.texts, [row | ({7} if row - {5} else set()) for row in labels], nested)
    model = quick().fit(papers)
    scores = model.scores([Text("Quasars", "Lyman absorption of luminous quasars at high redshift")])
    assert nested.column(7) in scores.columns[0, :2]
