import numpy as np
import pytest
from model_cases import concept, examples

from scixtag.corpus.text import Text
from scixtag.errors import ConfigError
from scixtag.models.lexical import Lexical, LexicalSettings
from scixtag.vocabulary.concept import Vocabulary

VOCABULARY = Vocabulary(
    [
        concept(0, "Galaxies"),
        concept(1, "Galaxy evolution", ("Evolution of galaxies",)),
        concept(2, "Be stars"),
        concept(3, "Mercury (planet)", ("Planet Mercury",)),
        concept(4, "Mercury"),
        concept(5, "Vulcan", deprecated=True),
        concept(6, "Nebulium", deprecated=True),
    ]
)


def fitted(texts=(), labels=(), **settings):
    texts = [*texts, Text("Nothing of note", "")]
    return Lexical(LexicalSettings(**settings)).fit(examples(texts, [*labels, {6}], VOCABULARY))


def test_the_estimate_by_hand():
    # In the abstract, once, preferred, one word: galaxies 2 of 3 right, Mercury 0 of 1. With the qualifier cut off, so
    # by an alternative name: Mercury (planet) 1 of 1. Overall 3 of 5.
    texts = [Text("", "a galaxy"), Text("", "one galaxy"), Text("", "galaxies"), Text("", "Mercury")]
    model = fitted(texts, [{0}, {0}, set(), {3}], kind_smoothing=1.0, concept_smoothing=2.0)
    preferred, alternative = (2 + 0.6) / (4 + 1), (1 + 0.6) / (1 + 1)
    scores = model.scores([Text("", "galaxy, Mercury"), Text("", "")])
    expected = {
        0: preferred * (2 + 2) / (3 * preferred + 2),
        3: alternative * (1 + 2) / (alternative + 2),
        4: preferred * (0 + 2) / (preferred + 2),
    }
    assert dict(zip(scores.columns[0].tolist(), scores.values[0].tolist(), strict=True)) == pytest.approx(expected)
    assert scores.columns[1].tolist() == [-1, -1, -1]


def test_a_concept_never_seen_gets_the_share_of_its_kind():
    texts = [Text("Galaxies", ""), Text("A galaxy", "")]
    model = fitted(texts, [{0}, {0}], kind_smoothing=1.0)
    # Titles with a one-word preferred name: 2 of 2 right, one more at the overall share of 1.
    assert model.scores([Text("Mercury", "")]).values[0, 0] == pytest.approx(1.0)


def test_many_mentions_are_cut_off():
    texts = [Text("", "galaxy " * 9), Text("", "galaxy, galaxy, galaxy")]
    scores = fitted([Text("", "galaxy galaxy galaxy"), Text("", "galaxy")], [{0}, set()]).scores(texts)
    assert scores.values[0, 0] == scores.values[1, 0] > 0


def test_settings_out_of_range():
    with pytest.raises(ConfigError, match="above 0"):
        LexicalSettings(kind_smoothing=0)


def test_a_vocabulary_without_a_usable_name():
    vocabulary = Vocabulary([concept(1, "—")])
    model = Lexical().fit(examples([Text("Stars", "")], [{1}], vocabulary))
    assert np.all(model.scores([Text("Stars", "— stars")]).columns == -1)
