import random

import pytest
from model_cases import RETIRED, RETIRED_BUT_USED, TOPICS, UNUSED, concept, examples

from encoder_cases import write_encoder
from scixtag.corpus.text import Text
from scixtag.vocabulary.concept import Vocabulary


@pytest.fixture(scope="session")
def vocabulary():
    return Vocabulary(
        [
            *(concept(number, name, others) for number, name, others, _ in TOPICS),
            concept(UNUSED, "Neutrino astronomy"),
            concept(RETIRED, "Canals of Mars", deprecated=True),
            concept(RETIRED_BUT_USED, "Nebulium", deprecated=True),
        ]
    )


@pytest.fixture(scope="session")
def corpus(vocabulary):
    """Sixty papers of one or two topics each; the same on every run."""
    chance = random.Random(0)
    texts, labels = [], []
    for _ in range(60):
        topics = chance.sample(TOPICS, chance.choice([1, 1, 2]))
        words = [word for topic in topics for word in topic[3].split() for _ in range(chance.choice([1, 2]))]
        words += [chance.choice(topic[2] or (topic[1],)) for topic in topics if chance.random() < 0.6]
        words += chance.choices(["we", "study", "data", "with", "results", "from", "the", "survey", "model"], k=12)
        chance.shuffle(words)
        used = {topic[0] for topic in topics} | ({RETIRED_BUT_USED} if "absorption" in words else set())
        texts.append(Text(" and ".join(topic[1] for topic in topics), " ".join(words)))
        labels.append(used)
    return examples(texts, labels, vocabulary)


@pytest.fixture(scope="session")
def tiny_encoder(corpus, tmp_path_factory):
    """A randomly initialised BERT of two small layers that knows the words of the test corpus."""
    words = " ".join(text.joined.lower() for text in corpus.texts).replace("-", " ").split()
    return write_encoder(tmp_path_factory.mktemp("tiny-bert"), words=words)
