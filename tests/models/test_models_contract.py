"""What every model promises, tested over all of them."""

import dataclasses
import random
import shutil

import numpy as np
import pytest
from model_cases import RETIRED, RETIRED_BUT_USED, examples

from encoder_cases import embedding_settings, quick_settings
from scixtag.corpus.text import Text
from scixtag.errors import ModelError
from scixtag.models.registry import MODELS, model_class
from scixtag.predictions.scores import CANDIDATES, Scores
from scixtag.vocabulary.concept import Concept, Vocabulary

TEXTS = [
    Text("A transit of an extrasolar planet", "Its radius, its orbit and its atmosphere; the host is a quiet star."),
    Text("", ""),
    Text("Qwertz", "zxcv zxcv"),
    Text("", "Solar flares and sunspots in x-ray light, and pulsation of Cepheids."),
    Text("Lyman absorption of luminous quasars at high redshift", ""),
]

NETWORKS = ("Encoder", "Embedding")


@pytest.fixture(params=list(MODELS))
def kind(request):
    return model_class(request.param)


@pytest.fixture
def build(kind, tiny_encoder):
    """Makes an unfitted model with settings that suit sixty papers, and changes to them."""
    suited = kind.Settings()
    if kind.__name__ == "Encoder":
        suited = quick_settings(tiny_encoder)
    if kind.__name__ == "Embedding":
        suited = embedding_settings(tiny_encoder)
    if kind.__name__ == "Ensemble":
        suited = dataclasses.replace(suited, folds=4, seeds=2, rounds=60, cache=False)
    return lambda seed=0, **changes: kind(dataclasses.replace(suited, **changes), seed)


@pytest.fixture
def fitted(kind, build, corpus, fitted_once):
    """Fitted anew for each test where that is quick; an encoder is fitted once and read from its folder."""
    if kind.__name__ == "Encoder":
        return kind.load(fitted_once)
    return build().fit(corpus)


@pytest.fixture(scope="session")
def fitted_once(tiny_encoder, corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fitted")
    model_class("encoder")(quick_settings(tiny_encoder)).fit(corpus).save(folder)
    return folder


def assert_equal_scores(one, other):
    np.testing.assert_array_equal(one.columns, other.columns)
    np.testing.assert_array_equal(one.values, other.values)


def files_in(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def assert_same_but_for_rounding(one, other, kind):
    """A network's sums are rounded by the shape of its batch; all other models are exact."""
    if kind.__name__ not in NETWORKS:
        assert_equal_scores(one, other)
        return
    np.testing.assert_allclose(one.values, other.values, atol=1e-5)
    for mine, values, yours in zip(one.columns, one.values, other.columns, strict=True):
        gaps = np.abs(np.diff(values)) > 1e-5
        settled = np.append(gaps, True) & np.insert(gaps, 0, True)
        np.testing.assert_array_equal(mine[settled], yours[settled])


def test_scores_are_ordered_and_within_range(fitted, vocabulary):
    scores = fitted.scores(TEXTS)
    assert scores.columns.shape == scores.values.shape
    assert scores.columns.shape[0] == len(TEXTS)
    assert scores.columns.shape[1] <= min(CANDIDATES, len(vocabulary))
    assert scores.columns.dtype == np.int32
    assert scores.values.dtype == np.float32
    assert np.isfinite(scores.values).all()
    assert scores.values.min() >= 0
    assert scores.values.max() <= 1
    assert (np.diff(scores.values, axis=1) <= 0).all()
    assert scores.columns.max() < len(vocabulary)
    np.testing.assert_array_equal(scores.columns < 0, scores.values == 0)
    for row in scores.columns:
        listed = row[row >= 0]
        assert len(set(listed.tolist())) == len(listed)
    for columns, values in zip(scores.columns, scores.values, strict=True):
        same = (np.diff(values) == 0) & (columns[1:] >= 0)
        assert (np.diff(columns)[same] > 0).all()


def test_finds_what_its_training_papers_show(kind, fitted, corpus):
    scores = fitted.scores(corpus.texts)
    first = corpus.targets.toarray()[np.arange(len(corpus)), scores.columns[:, 0]]
    assert first.mean() > (0.25 if kind.__name__ == "Prior" else 0.95)


def test_a_concept_that_may_not_be_assigned_is_never_listed(fitted, vocabulary):
    scores = fitted.scores([Text("Canals of Mars", "Canals of Mars on Mars")])
    assert vocabulary.column(RETIRED) not in scores.columns


def test_a_retired_concept_that_training_uses_can_be_listed(fitted, vocabulary):
    scores = fitted.scores([Text("Nebulium", "Nebulium; lyman absorption of luminous quasars")])
    assert vocabulary.column(RETIRED_BUT_USED) in scores.columns


def test_a_stored_model_gives_equal_scores_in_a_new_place(kind, fitted, tmp_path):
    fitted.save(tmp_path / "here")
    shutil.move(tmp_path / "here", tmp_path / "there")
    loaded = kind.load(tmp_path / "there")
    assert_equal_scores(loaded.scores(TEXTS), fitted.scores(TEXTS))
    assert (loaded.settings, loaded.seed) == (fitted.settings, fitted.seed)
    loaded.save(tmp_path / "again")
    assert_equal_scores(kind.load(tmp_path / "again").scores(TEXTS), fitted.scores(TEXTS))


def test_settings_and_seed_are_stored(kind, build, corpus, tmp_path):
    changed = {"title_weight": 1} if "title_weight" in {f.name for f in dataclasses.fields(kind.Settings)} else {}
    build(seed=7, **changed).fit(corpus).save(tmp_path / "model")
    loaded = kind.load(tmp_path / "model")
    assert (loaded.settings, loaded.seed) == (build(**changed).settings, 7)


def test_the_same_seed_gives_equal_scores(build, fitted, corpus):
    assert_equal_scores(build().fit(corpus).scores(TEXTS), fitted.scores(TEXTS))


def test_fitting_again_forgets_the_first_time(build, fitted, corpus):
    other = build().fit(corpus.take(range(0, 30)))
    other.scores(TEXTS)
    assert_equal_scores(other.fit(corpus).scores(TEXTS), fitted.scores(TEXTS))


def test_scoring_changes_nothing(fitted, corpus):
    before = fitted.scores(TEXTS)
    fitted.scores(corpus.texts)
    assert_equal_scores(fitted.scores(TEXTS), before)


def test_fit_returns_the_model_and_takes_validation_papers(build, corpus):
    model = build()
    assert model.fit(corpus, corpus.take([0, 1])) is model


def test_settings_are_frozen_with_defaults_and_kept_untouched(kind, build, corpus):
    settings = build().settings
    before = dataclasses.replace(settings)
    model = kind(settings)
    assert model.settings is settings
    model.fit(corpus)
    assert model.settings is settings
    assert settings == before
    assert kind().settings == kind.Settings()
    assert kind.Settings.__dataclass_params__.frozen
    assert kind().seed == 0


def test_fitting_changes_no_training_papers(build, corpus):
    before = corpus.targets.copy()
    build().fit(corpus).scores(corpus.texts)
    assert (corpus.targets != before).nnz == 0
    assert corpus.targets.data.dtype == np.float32


def test_no_global_random_state_is_touched(build, fitted, corpus):
    # `fitted` has imported what is needed: some packages draw a number then.
    random.seed(1)
    np.random.seed(1)
    build().fit(corpus).scores(TEXTS)
    after = random.random(), np.random.random()
    random.seed(1)
    np.random.seed(1)
    assert after == (random.random(), np.random.random())


def test_a_paper_alone_scores_as_in_a_batch(kind, fitted, corpus):
    texts = [*TEXTS, *corpus.texts]
    batch = fitted.scores(texts)
    for row, text in enumerate(texts):
        alone = fitted.scores([text])
        width = alone.columns.shape[1]
        in_batch = Scores(batch.columns[row : row + 1, :width], batch.values[row : row + 1, :width])
        assert_same_but_for_rounding(alone, in_batch, kind)
        assert (batch.columns[row, width:] == -1).all()


def test_the_order_of_the_batch_does_not_matter(kind, fitted, corpus):
    order = np.random.default_rng(0).permutation(len(corpus))
    shuffled = fitted.scores([corpus.texts[i] for i in order])
    assert_same_but_for_rounding(shuffled, fitted.scores(corpus.texts).take(order), kind)


def test_an_empty_batch_has_no_scores(fitted):
    assert len(fitted.scores([])) == 0


def test_papers_without_a_known_word_score_alike(kind, fitted):
    if kind.__name__ in NETWORKS:
        pytest.skip("an encoder reads pieces of words: none is unknown")
    scores = fitted.scores([Text("", ""), Text("Qwertz", "zxcv zxcv"), Text("...", "— + —")])
    np.testing.assert_array_equal(scores.columns[1:], scores.columns[:1].repeat(2, axis=0))


def test_one_concept_is_enough(build):
    vocabulary = Vocabulary([Concept(1, "http://example.org/1", "Stars")])
    texts = [Text("Bright stars", "bright light"), Text("Faint stars", "faint light"), Text("Cold rocks", "cold ice")]
    model = build().fit(examples(texts, [{1}, {1}, set()], vocabulary))
    scores = model.scores([Text("Bright stars", "")])
    assert scores.columns.tolist() == [[0]]


def test_a_concept_that_all_papers_carry(build):
    vocabulary = Vocabulary([Concept(1, "http://example.org/1", "Stars"), Concept(2, "http://example.org/2", "Ice")])
    texts = [Text("Bright stars", "bright light"), Text("Faint stars", "faint light"), Text("Ice", "ice stars")]
    model = build().fit(examples(texts, [{1}, {1}, {1, 2}], vocabulary))
    assert model.scores([Text("Bright stars", "bright")]).columns[0, 0] == 0


def test_papers_without_any_concept_can_be_learned_from(build, corpus, vocabulary):
    bare = examples(corpus.texts, [set()] * len(corpus), vocabulary)
    scores = build().fit(bare).scores(TEXTS)
    assert len(scores) == len(TEXTS)


def test_a_single_paper_can_be_learned_from(build, corpus):
    assert len(build().fit(corpus.take([0])).scores(TEXTS)) == len(TEXTS)


def test_an_unfitted_model_refuses(build, tmp_path):
    with pytest.raises(ModelError, match="not fitted"):
        build().scores(TEXTS)
    with pytest.raises(ModelError, match="not fitted"):
        build().save(tmp_path / "model")


def test_a_foreign_or_missing_folder_is_refused(kind, corpus, tmp_path):
    with pytest.raises(ModelError, match="damaged"):
        kind.load(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="damaged"):
        kind.load(tmp_path / "empty")
    other = model_class("prior" if kind.__name__ != "Prior" else "lexical")
    other().fit(corpus).save(tmp_path / "other")
    with pytest.raises(ModelError, match=f"not {kind.__name__}"):
        kind.load(tmp_path / "other")


def test_a_folder_without_one_of_its_files_is_refused(kind, fitted, tmp_path):
    fitted.save(tmp_path)
    for file in files_in(tmp_path):
        content = file.read_bytes()
        file.unlink()
        with pytest.raises(ModelError):
            kind.load(tmp_path)
        file.write_bytes(content)
    assert_equal_scores(kind.load(tmp_path).scores(TEXTS), fitted.scores(TEXTS))


def test_a_file_cut_short_is_refused(kind, fitted, tmp_path):
    fitted.save(tmp_path)
    for file in files_in(tmp_path):
        content = file.read_bytes()
        for size in (0, len(content) // 2, len(content) - 1):
            file.write_bytes(content[:size])
            with pytest.raises(ModelError):
                kind.load(tmp_path)
        file.write_bytes(content)
    assert_equal_scores(kind.load(tmp_path).scores(TEXTS), fitted.scores(TEXTS))


def test_a_folder_whose_list_of_arrays_is_short_is_refused(kind, fitted, tmp_path):
    fitted.save(tmp_path)
    state = (tmp_path / "state.json").read_text()
    start, end = state.index('"arrays": ['), state.index("]", state.index('"arrays": ['))
    (tmp_path / "state.json").write_text(f'{state[:start]}"arrays": [{state[end:]}')
    with pytest.raises(ModelError, match="has no"):
        kind.load(tmp_path)


@pytest.mark.parametrize("content", ["[]", "{}", '{"state": 3, "arrays": [], "matrices": {}}', "null"])
def test_a_state_that_is_none_is_refused(kind, content, tmp_path):
    (tmp_path / "state.json").write_text(content)
    with pytest.raises(ModelError):
        kind.load(tmp_path)
